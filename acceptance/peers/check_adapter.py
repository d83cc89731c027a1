"""Loads a model, and an adapter with PEFT, and continues the prompts of a samples file greedily.

Arguments: model folder, adapter folder or - for none, samples_<task>_<date>.jsonl, number of prompts. Prints how many texts are the same.
"""
import json
import sys

import peft
import torch
import transformers

folder, adapter, samples, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
if adapter != "-":
    model = peft.PeftModel.from_pretrained(model, adapter)
model.eval()
equal, differing = 0, []
for line in open(samples).read().splitlines()[:count]:
    row = json.loads(line)
    prompt, arguments = row["arguments"]["gen_args_0"]["arg_0"], row["arguments"]["gen_args_0"]["arg_1"]
    limit = next(arguments[k] for k in ("max_gen_toks", "max_new_tokens", "max_tokens") if k in arguments)
    ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
    with torch.no_grad():
        out = model.generate(**ids, max_new_tokens=limit, do_sample=False, repetition_penalty=1.0, pad_token_id=tokenizer.eos_token_id)
    text = tokenizer.decode(out[0][ids["input_ids"].shape[1]:], skip_special_tokens=True)
    for stop in arguments.get("until", []):
        if stop:
            text = text.split(stop)[0]
    mine = row["resps"][0][0]
    equal += text == mine
    if text != mine:
        differing.append({"doc_id": row["doc_id"], "peft": text, "ours": mine})
print(json.dumps({"peft": peft.__version__, "equal": equal, "of": count, "differing": differing[:3]}))
