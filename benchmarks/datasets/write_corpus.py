"""Writes a corpus of conversations out of real questions and answers, with near duplicates of a known rate.

Usage: write_corpus.py DATA OUT [--documents N] [--seed N]

DATA holds benchmarks as their authors publish them (gsm8k, self_instruct, mmlu, mmlu_pro, piqa, svamp, bbh, ifeval, musr_small).
OUT gets
  chat.jsonl       {"id", "messages"}: what Whetstone prepares
  text.jsonl       {"text", "id"}: the same documents for datatrove; the text is the question, a blank line, the answer
  duplicates.json  counts, and of each planted copy [id, id of its source]

A new document is a real question with an answer of real sentences, drawn and joined, some of their words swapped for other real
words. NEAR of the documents are copies of an earlier one with a few words changed, EXACT are copies with other white space.
PERSONAL of them hold an e-mail address, a telephone number or a card number. The same seed writes the same bytes.
Needs Python 3.8 and nothing else.
"""
import argparse
import csv
import gzip
import json
import pathlib
import random
import re

NEAR, EXACT, PERSONAL, SWAPPED = 0.15, 0.03, 0.01, 0.02
WINDOW = 20000  # a copy is of one of so many documents before it


def lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file if line.strip()]


def sources(data):
    """Real questions, and real answers and passages."""
    questions, answers = [], []
    for row in lines(data / "gsm8k" / "train.jsonl.gz") + lines(data / "gsm8k" / "test.jsonl"):
        questions.append(row["question"])
        answers.append(row["answer"])
    for row in lines(data / "self_instruct" / "seed_tasks.jsonl") + lines(data / "self_instruct" / "user_oriented_instructions.jsonl"):
        for instance in row["instances"]:
            questions.append((row["instruction"] + "\n" + instance["input"]).strip())
            answers.append(instance["output"])
    for path in sorted((data / "mmlu" / "test").glob("*.csv")):
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                questions.append(row[0])
                answers.extend(choice for choice in row[1:5] if len(choice) > 30)
    for row in lines(data / "mmlu_pro" / "test.jsonl.gz"):
        questions.append(row["question"])
        answers.extend(choice for choice in row["options"] if len(choice) > 30)
    for row in lines(data / "piqa" / "valid.jsonl"):
        questions.append(row["goal"])
        answers.extend((row["sol1"], row["sol2"]))
    for row in json.loads((data / "svamp" / "SVAMP.json").read_text()):
        questions.append(row["Body"] + " " + row["Question"])
    questions.extend(row["prompt"] for row in lines(data / "ifeval" / "input_data.jsonl"))
    for path in sorted((data / "bbh" / "bbh").glob("*.json")):
        questions.extend(row["input"] for row in json.loads(path.read_text())["examples"])
    for path in sorted((data / "musr_small").glob("*.json")):
        answers.extend(row["context"] for row in json.loads(path.read_text()))
    return [q for q in questions if q.strip()], [a for a in answers if a.strip()]


def changed(text, random, words, share):
    """The text with a share of its words, and at least one, replaced by, swapped with or followed by others."""
    parts = text.split(" ")
    for _ in range(max(1, round(share * len(parts)))):
        at = random.randrange(len(parts))
        kind = random.random()
        if kind < 0.5:
            parts[at] = random.choice(words)
        elif kind < 0.75 and at + 1 < len(parts):
            parts[at], parts[at + 1] = parts[at + 1], parts[at]
        else:
            parts.insert(at, random.choice(words))
    return " ".join(parts)


def personal(random):
    digits = "".join(random.choice("0123456789") for _ in range(7))
    return random.choice(
        (
            f"Write to user{digits}@example-shop.com if anything is unclear.",
            f"Please call me at (555) {digits[:3]}-{digits[3:]}, any time.",
            f"My number is +49 171 {digits}.",
            "The card was 4111 1111 1111 1111.",
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    questions, answers = sources(arguments.data)
    sentences = [s for a in answers for s in re.split(r"(?<=[.!?])\s+|\n+", a) if len(s) > 12]
    words = [w for q in questions for w in q.split() if w.isalpha()]
    arguments.out.mkdir(parents=True, exist_ok=True)
    earlier, planted, counts = [], [], {"new": 0, "near": 0, "exact": 0, "personal": 0}
    with open(arguments.out / "chat.jsonl", "w", encoding="utf-8", newline="\n") as chat, open(
        arguments.out / "text.jsonl", "w", encoding="utf-8", newline="\n"
    ) as plain:
        for number in range(arguments.documents):
            name = f"doc-{number}"
            kind = draw.random()
            if earlier and kind < NEAR + EXACT:
                source, question, answer = draw.choice(earlier)
                near = kind < NEAR
                answer = changed(answer, draw, words, 0.01) if near else answer.replace(" ", "  ", 1)
                planted.append([name, source])
                counts["near" if near else "exact"] += 1
            else:
                question = draw.choice(questions)
                length = min(4000, draw.lognormvariate(5.9, 0.7))  # median 365 characters
                said = []
                while sum(map(len, said)) < length:
                    said.append(draw.choice(sentences))
                if draw.random() < PERSONAL:
                    said.insert(draw.randrange(len(said) + 1), personal(draw))
                    counts["personal"] += 1
                joined = "".join(s + draw.choice((" ", " ", " ", "\n", "\n\n")) for s in said).strip()
                question, answer = (changed(t, draw, words, SWAPPED) for t in (question, joined))
                counts["new"] += 1
                if len(earlier) < WINDOW:
                    earlier.append((name, question, answer))
                else:
                    earlier[draw.randrange(WINDOW)] = (name, question, answer)
            turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            chat.write(json.dumps({"id": name, "messages": turns}, ensure_ascii=False) + "\n")
            plain.write(json.dumps({"text": question + "\n\n" + answer, "id": name}, ensure_ascii=False) + "\n")
    (arguments.out / "duplicates.json").write_text(json.dumps({"counts": counts, "copies": planted}) + "\n")
    sizes = {f"{name}_bytes": (arguments.out / f"{name}.jsonl").stat().st_size for name in ("chat", "text")}
    print(json.dumps({"documents": arguments.documents, **counts, **sizes}))


if __name__ == "__main__":
    main()
