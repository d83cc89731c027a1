"""Opens a prepared dataset with Hugging Face datasets and tokenises its messages again with transformers.

Arguments: dataset folder, model folder. Prints per split rows, tokens and targets, and how many rows differ in their token ids.
"""
import json
import sys

import datasets
import transformers

splits = datasets.load_from_disk(sys.argv[1])
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[2])
figures = {"datasets": datasets.__version__, "transformers": transformers.__version__, "splits": {}, "differing_rows": 0}
for name, rows in splits.items():
    tokens = targets = 0
    for row in rows:
        ids, labels = row["input_ids"], row["labels"]
        assert len(ids) == len(labels), row["id"]
        assert all(label in (-100, token) for token, label in zip(ids, labels)), row["id"]
        tokens += len(ids)
        targets += sum(label != -100 for label in labels)
        messages = [{k: v for k, v in message.items() if v is not None} for message in row["messages"]]
        text = tokenizer.apply_chat_template(messages, tokenize=False)
        figures["differing_rows"] += tokenizer(text, add_special_tokens=False)["input_ids"] != ids
    figures["splits"][name] = {"rows": len(rows), "tokens": tokens, "targets": targets}
print(json.dumps(figures))
