"""Counts what TRL's trainer does to rows in silence.

Arguments: rows as export --to trl writes them, model folder, max_length. Prints rows that its preparation drops and cuts, tokens that are
lost with and without packing, and tokens that are learned beside the answers unless assistant_only_loss is set.
"""
import json
import sys

import transformers
import trl

import sft_rows

file, model, length = sys.argv[1], sys.argv[2], int(sys.argv[3])
tokenizer = transformers.AutoTokenizer.from_pretrained(model)
rows = [json.loads(line) for line in open(file, encoding="utf-8")]


def targets(prepared):
    return sum(label != -100 for row in prepared for label in row["labels"])


def tokens(prepared):
    return sum(len(row["input_ids"]) for row in prepared)


whole = sft_rows.prepared(tokenizer, rows, max_length=None, assistant_only_loss=True)
cut = sft_rows.prepared(tokenizer, rows, max_length=length, assistant_only_loss=True)
packed = sft_rows.prepared(tokenizer, rows, max_length=length, assistant_only_loss=True, packing=True)
plain = sft_rows.prepared(tokenizer, rows, max_length=None)
print(json.dumps({
    "trl": trl.__version__,
    "rows": len(whole),
    "dropped_rows": len(whole) - len(cut),
    "cut_rows": sum(len(row["input_ids"]) > length for row in whole),
    "tokens_lost_by_packing": tokens(whole) - tokens(packed),
    "tokens_learned_beside": targets(plain) - targets(whole),
}))
