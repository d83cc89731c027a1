"""The distribution of the first token after a prompt that transformers samples from, per setting.

Arguments: model folder, JSON file with `prompt` and a list `settings`, file to write: a list of token id to probability, zero left
out. `scores` of generate are the logits after every processor and warper.
"""
import json
import sys

import torch
import transformers

folder, asked, out = sys.argv[1:4]
asked = json.load(open(asked))
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
ids = tokenizer(asked["prompt"], return_tensors="pt")
distributions = []
for given in asked["settings"]:
    # What is not given is off: generate's own default of top_k is 50.
    settings = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": None, "repetition_penalty": 1.0, **given}
    made = model.generate(
        **ids, do_sample=True, max_new_tokens=1, return_dict_in_generate=True, output_scores=True, pad_token_id=0, **settings
    )
    probabilities = torch.softmax(made.scores[0][0].double(), -1).tolist()
    distributions.append({token: p for token, p in enumerate(probabilities) if p > 0})
json.dump(distributions, open(out, "w"))
eos = model.config.eos_token_id
print(
    json.dumps(
        {
            "transformers_version": transformers.__version__, "torch_version": torch.__version__, "prompt_tokens": ids["input_ids"].shape[1],
            "ends": eos if isinstance(eos, list) else [eos],
        }
    )
)
