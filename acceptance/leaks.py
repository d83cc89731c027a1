"""Benchmark items as rows of a training set, spoilt in known ways: what `prepare` must find, and rows in which it must find nothing.

A plant's id is `<kind>/<benchmark>/<task>/<doc_id>`.
"""
import csv
import gzip
import json
import pathlib
import random
import re
import string

BENCHMARKS = ("mmlu", "gsm8k", "bbh")
LETTERS = string.ascii_uppercase


def lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file]


def documents(data):
    """Every document as (benchmark, task, doc_id) -> its fields, in the order of the task's file."""
    found = {}
    for file in sorted((data / "mmlu" / "test").glob("*_test.csv")):
        subject = file.name[: -len("_test.csv")]
        with open(file, encoding="utf-8", newline="") as rows:
            for i, row in enumerate(csv.reader(rows)):
                found["mmlu", "mmlu_" + subject, i] = {"question": row[0], "choices": row[1:5], "answer": LETTERS.index(row[5])}
    for i, row in enumerate(lines(data / "gsm8k" / "test.jsonl")):
        found["gsm8k", "gsm8k", i] = row
    for file in sorted((data / "bbh" / "bbh").glob("*.json")):
        for i, row in enumerate(json.loads(file.read_text(encoding="utf-8"))["examples"]):
            found["bbh", "bbh_" + file.stem, i] = row
    return found


TASKS = {
    "mmlu": "output_type: multiple_choice\n"
    'doc_to_text: "{{question.strip()}}\\nA. {{choices[0]}}\\nB. {{choices[1]}}\\nC. {{choices[2]}}\\nD. {{choices[3]}}\\nAnswer:"\n'
    'doc_to_choice: ["A", "B", "C", "D"]\n'
    "doc_to_target: answer\n"
    "metric_list:\n  - {metric: acc, aggregation: mean, higher_is_better: true}\n",
    "gsm8k": "output_type: generate_until\n"
    'doc_to_text: "Question: {{question}}\\nAnswer:"\ndoc_to_target: "{{answer}}"\n'
    "generation_kwargs: {until: [\"Question:\"], do_sample: false}\n"
    "metric_list:\n  - {metric: exact_match, aggregation: mean, higher_is_better: true}\n",
    "bbh": "output_type: generate_until\n"
    'doc_to_text: "Q: {{input}}\\nA:"\ndoc_to_target: "{{target}}"\n'
    "generation_kwargs: {until: [\"Q:\"], do_sample: false}\n"
    "metric_list:\n  - {metric: exact_match, aggregation: mean, higher_is_better: true}\n",
}


def write_tasks(data, out):
    """Task files of all documents; their names."""
    out = pathlib.Path(out).resolve()
    (out / "data").mkdir(parents=True, exist_ok=True)
    by_task = {}
    for (benchmark, task, _), document in documents(data).items():
        by_task.setdefault((benchmark, task), []).append(document)
    for (benchmark, task), rows in by_task.items():
        file = out / "data" / (task + ".jsonl")
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        head = f"task: {task}\ndataset_path: json\ndataset_kwargs:\n  data_files:\n    test: {json.dumps(str(file))}\ntest_split: test\n"
        (out / (task + ".yaml")).write_text(head + TASKS[benchmark] + "metadata:\n  version: 1.0\n", encoding="utf-8")
    return [task for _, task in by_task]


def parts(benchmark, document):
    """Question without options, options, how they are listed, what is right in full, and its letter (or the same)."""
    if benchmark == "mmlu":
        right = document["choices"][document["answer"]]
        return document["question"].strip(), document["choices"], "{}. {}", right, LETTERS[document["answer"]]
    if benchmark == "gsm8k":
        return document["question"], [], "", document["answer"], document["answer"]
    stem, separator, listed = document["input"].partition("\nOptions:\n")
    if separator and listed.startswith("(A) "):
        options = [option.split(") ", 1)[1] for option in listed.strip().split("\n")]
        return stem + "\nOptions:", options, "({}) {}", options[LETTERS.index(document["target"][1])], document["target"]
    return document["input"], [], "", document["target"], document["target"]


def joined(stem, options, form):
    return "\n".join([stem, *(form.format(letter, option) for letter, option in zip(LETTERS, options))])


def repunctuated(draw, text):
    return re.sub(r"[^\w\s]", lambda mark: draw.choice(["", " ", "-", ";", "!", mark.group()]), text)


def spoilt(draw, benchmark, document):
    """Kind and turns (user, assistant, user, ...) of each way to spoil an item."""
    stem, options, form, right, letter = parts(benchmark, document)
    question = joined(stem, options, form)
    words = question.split()
    half = len(words) // 2
    case = draw.choice([str.upper, str.lower, str.swapcase])
    yield "verbatim", [question, letter]
    yield "re-cased", [case(question), case(letter)]
    yield "re-punctuated", [repunctuated(draw, question), repunctuated(draw, letter) or letter]
    if len(set(options)) > 1:
        other = options[:]
        while other == options:
            draw.shuffle(other)
        place = LETTERS[other.index(right)]
        yield "options re-ordered", [joined(stem, other, form), form.format(place, right)]
        yield "options in no turn", [stem, right]
    if half > 0:
        yield "first half", [" ".join(words[:-half]), "Here it is."]
        yield "second half", [" ".join(words[-half:]), "Here it is."]
        yield "over two turns", [" ".join(words[:-half]), "Go on.", " ".join(words[-half:]), letter]
    if benchmark == "gsm8k":
        yield "answer alone", ["Show me how you would solve it.", right]
        yield "answer without notes", ["Show me how you would solve it.", re.sub(r"<<[^<>]*>>", "", right).partition("####")[0].strip()]


def row(name, turns):
    roles = ("user", "assistant")
    return {"id": name, "messages": [{"role": roles[i % 2], "content": turn} for i, turn in enumerate(turns)]}


def plants(data, seed, each):
    """Rows made of `each` items of every benchmark."""
    draw = random.Random(seed)
    of = {}
    for key, document in documents(data).items():
        of.setdefault(key[0], []).append((key, document))
    rows = []
    for benchmark in BENCHMARKS:
        for (_, task, number), document in draw.sample(of[benchmark], each):
            for kind, turns in spoilt(draw, benchmark, document):
                rows.append(row(f"{kind}/{benchmark}/{task}/{number}", turns))
    return rows


def self_instruct(data):
    """All 427 seeds of self-instruct, a row per instance."""
    rows = []
    for file in ("seed_tasks", "user_oriented_instructions"):
        for task in lines(data / "self_instruct" / (file + ".jsonl")):
            for i, instance in enumerate(task["instances"]):
                asked = "\n\n".join(text for text in (task["instruction"], instance["input"]) if text.strip())
                rows.append(row(f"{task['id']}#{i}", [asked, instance["output"]]))
    return rows


def gsm8k_train(data):
    return [row(f"gsm8k_train/{i}", [r["question"], r["answer"]]) for i, r in enumerate(lines(data / "gsm8k" / "train.jsonl.gz"))]
