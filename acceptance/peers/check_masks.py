"""Compares token ids and labels of a prepared dataset with those of TRL's trainer on the same rows.

Arguments: dataset folder, model folder (its tokenizer and chat template), and "assistant" (assistant_only_loss) or "completion" (prompt
and completion). Prints the rows that differ; of labels also, where only white space after
the end of the answer differs, which TRL learns after a prompt and Whetstone never does.
"""
import json
import sys

import datasets
import transformers
import trl

import sft_rows

folder, model, mode = sys.argv[1:]
tokenizer = transformers.AutoTokenizer.from_pretrained(model)
rows = [row for split in datasets.load_from_disk(folder).values() for row in split]
for row in rows:
    row["messages"] = [{k: v for k, v in message.items() if v is not None} for message in row["messages"]]
if mode == "completion":
    given = [{"prompt": row["messages"][:-1], "completion": row["messages"][-1:]} for row in rows]
else:
    given = [{"messages": row["messages"]} for row in rows]
theirs = sft_rows.prepared(tokenizer, given, max_length=None, assistant_only_loss=mode == "assistant")
assert len(theirs) == len(rows), f"{len(rows)} rows, TRL prepares {len(theirs)}"
figures = {"trl": trl.__version__, "transformers": transformers.__version__, "rows": 0, "tokens": 0, "targets": 0,
           "other_tokens": 0, "other_labels": 0, "other_white_space": 0}
for mine, their in zip(rows, theirs, strict=True):
    figures["rows"] += 1
    figures["tokens"] += len(mine["input_ids"])
    figures["targets"] += sum(label != -100 for label in mine["labels"])
    figures["other_tokens"] += mine["input_ids"] != their["input_ids"]
    if mine["labels"] != their["labels"]:
        pairs = zip(mine["labels"], their["labels"], strict=True)
        spaces = all(a == b or (a == -100 and not tokenizer.decode([b]).strip()) for a, b in pairs)
        figures["other_white_space" if spaces else "other_labels"] += 1
print(json.dumps(figures))
