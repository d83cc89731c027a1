"""Writes task files and documents of real benchmarks, which Whetstone and lm-evaluation-harness read alike.

Usage: write_tasks.py DATA OUT

DATA holds the benchmarks as their authors publish them:
  piqa/valid.jsonl, piqa/valid-labels.lst
  mmlu/{dev,test}/<subject>_{dev,test}.csv
  bbh/bbh/logical_deduction_five_objects.json
  gsm8k/train.jsonl.gz, gsm8k/test.jsonl
OUT gets one YAML file a task, with absolute paths, and the documents in OUT/data.

Tasks: piqa_100, piqa_400, mmlu_anatomy_60, mmlu_anatomy_100, bbh_logical_deduction_five_100, gsm8k_16, greedy_50. Their prompts are those of
lm-evaluation-harness 0.4.13 (piqa, mmlu, leaderboard_bbh, gsm8k); BBH takes its own first three rows as shots.
Needs Python 3.8 and nothing else.
"""
import csv
import gzip
import json
import pathlib
import sys

data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
(out / "data").mkdir(parents=True, exist_ok=True)


def documents(name, rows):
    path = out / "data" / (name + ".jsonl")
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def task(name, files, body):
    splits = "".join(f"    {split}: {json.dumps(path)}\n" for split, path in files.items())
    head = f"task: {name}\ndataset_path: json\ndataset_kwargs:\n  data_files:\n{splits}"
    (out / (name + ".yaml")).write_text(head + body + "metadata:\n  version: 1.0\n", encoding="utf-8")


def lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file]


def metrics(*names):
    return "metric_list:\n" + "".join(f"  - {{metric: {name}, aggregation: mean, higher_is_better: true}}\n" for name in names)


labels = (data / "piqa" / "valid-labels.lst").read_text().split()
piqa = [dict(row, label=int(label)) for row, label in zip(lines(data / "piqa" / "valid.jsonl"), labels)]
for rows in (100, 400):
    task(
        f"piqa_{rows}",
        {"validation": documents(f"piqa_{rows}", piqa[:rows])},
        "output_type: multiple_choice\n"
        "validation_split: validation\n"
        'doc_to_text: "Question: {{goal}}\\nAnswer:"\n'
        "doc_to_target: label\n"
        'doc_to_choice: "{{[sol1, sol2]}}"\n' + metrics("acc", "acc_norm"),
    )


def mmlu(subject, split):
    with open(data / "mmlu" / split / f"{subject}_{split}.csv", encoding="utf-8", newline="") as file:
        return [
            {"question": row[0], "subject": subject, "choices": row[1:5], "answer": "ABCD".index(row[5])}
            for row in csv.reader(file)
        ]


for rows in (60, 100):
    task(
        f"mmlu_anatomy_{rows}",
        {
            "dev": documents("mmlu_anatomy_dev", mmlu("anatomy", "dev")),
            "test": documents(f"mmlu_anatomy_{rows}", mmlu("anatomy", "test")[:rows]),
        },
        "output_type: multiple_choice\n"
        "test_split: test\n"
        "fewshot_split: dev\n"
        "fewshot_config: {sampler: first_n}\n"
        "num_fewshot: 5\n"
        'description: "The following are multiple choice questions (with answers) about anatomy.\\n\\n"\n'
        'doc_to_text: "{{question.strip()}}\\nA. {{choices[0]}}\\nB. {{choices[1]}}\\n'
        'C. {{choices[2]}}\\nD. {{choices[3]}}\\nAnswer:"\n'
        'doc_to_choice: ["A", "B", "C", "D"]\n'
        "doc_to_target: answer\n" + metrics("acc"),
    )

bbh = json.loads((data / "bbh" / "bbh" / "logical_deduction_five_objects.json").read_text(encoding="utf-8"))["examples"]
task(
    "bbh_logical_deduction_five_100",
    {
        "shots": documents("bbh_logical_deduction_five_shots", bbh[:3]),
        "test": documents("bbh_logical_deduction_five_100", bbh[3:103]),
    },
    "output_type: multiple_choice\n"
    "test_split: test\n"
    "fewshot_split: shots\n"
    "fewshot_config: {sampler: first_n}\n"
    "num_fewshot: 3\n"
    'description: "A logical deduction task which requires deducing the order of a sequence of objects."\n'
    'doc_to_text: "Q: {{input}}\\nA:"\n'
    'doc_to_target: "{{target}}"\n'
    'doc_to_choice: ["(A)", "(B)", "(C)", "(D)", "(E)"]\n' + metrics("acc_norm"),
)

task(
    "gsm8k_16",
    {
        "train": documents("gsm8k_train", lines(data / "gsm8k" / "train.jsonl.gz")),
        "test": documents("gsm8k_16", lines(data / "gsm8k" / "test.jsonl")[:16]),
    },
    r"""output_type: generate_until
training_split: train
fewshot_split: train
test_split: test
num_fewshot: 5
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_target: "{{answer}}"
metric_list:
  - metric: exact_match
    aggregation: mean
    higher_is_better: true
    ignore_case: true
    ignore_punctuation: false
    regexes_to_ignore:
      - ","
      - "\\$"
      - "(?s).*#### "
      - "\\.$"
generation_kwargs:
  until: ["Question:", "</s>", "<|im_end|>"]
  do_sample: false
  temperature: 0.0
  max_gen_toks: 128
filter_list:
  - name: strict-match
    filter:
      - {function: regex, regex_pattern: "#### (\\-?[0-9\\.\\,]+)"}
      - {function: take_first}
  - name: flexible-extract
    filter:
      - {function: regex, group_select: -1, regex_pattern: "(-?[$0-9.,]{2,})|(-?[0-9]+)"}
      - {function: take_first}
""",
)
task(
    "greedy_50",
    {"test": documents("greedy_50", lines(data / "gsm8k" / "test.jsonl")[16:66])},
    r"""output_type: generate_until
test_split: test
doc_to_text: "Question: {{question}}\nAnswer:"
doc_to_target: "{{answer}}"
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
generation_kwargs:
  until: ["<|im_end|>"]
  do_sample: false
  max_gen_toks: 64
""",
)
print(out)
