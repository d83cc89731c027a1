"""Makes ../resources/sampling/expected.json: the distribution of the first token that transformers samples from, per setting, and its
greedy text with a repetition penalty.

    python make.py          # torch 2.15, transformers 5.23

The model is ../resources/families/llama-llama3, which is random; of some prompts the one is taken after which it is least sure.
`scores` of generate are the logits after every processor and warper.
"""
import json
import pathlib

import torch
import transformers

RESOURCES = pathlib.Path(__file__).parent.parent / "resources"
MODEL = RESOURCES / "families" / "llama-llama3"
OUT = RESOURCES / "sampling" / "expected.json"
SEED = 20261128
PROMPT_TOKENS = 40  # enough for the draws to share it
PROMPTS = 300
PENALTY = 1.3
GREEDY_TOKENS = 40
SETTINGS = [
    {"temperature": 0.7},
    {"temperature": 1.3},
    {"temperature": 1.0, "top_k": 7},
    {"temperature": 1.0, "top_p": 0.8},
    {"temperature": 1.0, "min_p": 0.08},
    {"temperature": 1.0, "repetition_penalty": 1.4},
    {"temperature": 1.5, "top_k": 30, "top_p": 0.9},
    {"temperature": 0.9, "top_k": 40, "top_p": 0.95, "min_p": 0.02, "repetition_penalty": 1.2},
    {"temperature": 1.3, "top_p": 0.7, "repetition_penalty": 0.8},
]


def main():
    model = transformers.AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32, attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(SEED)
    prompts = torch.randint(model.config.vocab_size, (PROMPTS, PROMPT_TOKENS), generator=generator)
    with torch.no_grad():
        unsure = torch.distributions.Categorical(logits=model(prompts).logits[:, -1]).entropy()
    prompt = prompts[unsure.argmax()][None]
    rows = []
    for given in SETTINGS:
        # What is not given is off: generate's own default of top_k is 50.
        settings = {"top_k": 0, "top_p": 1.0, "min_p": None, "repetition_penalty": 1.0, **given}
        made = model.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=True, max_new_tokens=1, return_dict_in_generate=True,
            output_scores=True, output_logits=True, **settings,
        )
        probabilities = torch.softmax(made.scores[0][0].double(), -1)
        rows.append({"settings": given, "probabilities": [float(f"{p:.9g}") for p in probabilities.tolist()]})
    greedy = model.generate(
        prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=GREEDY_TOKENS, repetition_penalty=PENALTY,
    )[0, PROMPT_TOKENS:].tolist()
    made_by = {"torch": torch.__version__, "transformers": transformers.__version__, "seed": SEED}
    logits = [float(f"{x:.9g}") for x in made.logits[0][0].tolist()]
    OUT.parent.mkdir(exist_ok=True)
    expected = {
        "made_by": made_by, "prompt": prompt[0].tolist(), "logits": logits, "rows": rows,
        "greedy": {"repetition_penalty": PENALTY, "tokens": greedy},
    }
    OUT.write_text(json.dumps(expected) + "\n")
    for row in rows:
        kept = sum(p > 0 for p in row["probabilities"])
        print(row["settings"], kept, "tokens, the first", max(row["probabilities"]))


main()
