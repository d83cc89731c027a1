"""What transformers does in a second: the twin of benchmarks/EngineSpeed.java.

Arguments: model folder, text file, rounds of which the fastest counts, offsets of eight prompts with commas between; or model folder, prompt: then it prints one greedy token, for
the time from the start of the process.
"""
import json
import sys
import time

import torch
import transformers

folder = sys.argv[1]
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
# What the model's generation_config.json asks for is not greedy for every model.
greedy = dict(do_sample=False, repetition_penalty=1.0, pad_token_id=tokenizer.eos_token_id)
if len(sys.argv) == 3:
    ids = tokenizer(sys.argv[2], return_tensors="pt")
    with torch.no_grad():
        out = model.generate(**ids, max_new_tokens=1, **greedy)
    print(json.dumps({"text": tokenizer.decode(out[0][-1:])}))
    sys.exit()

tokens = tokenizer(open(sys.argv[2]).read(), add_special_tokens=False, return_tensors="pt")["input_ids"][0]
rounds = int(sys.argv[3])
offsets = [int(offset) for offset in sys.argv[4].split(",")]


def best(work):
    fastest = 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        with torch.no_grad():
            count = work()
        fastest = max(fastest, count / (time.perf_counter() - start))
    return fastest


def forward():
    logits = model(tokens[None, :1024]).logits
    torch.log_softmax(logits[0, :-1], -1).gather(1, tokens[1:1024, None])
    return 1024


def decode(batch):
    prompts = torch.stack([tokens[at:at + 64] for at in offsets[:batch]])
    out = model.generate(prompts, attention_mask=torch.ones_like(prompts), max_new_tokens=64, min_new_tokens=64, **greedy)
    return out[:, 64:].numel()


figures = {"forward_tokens_per_second": best(forward)}
for batch in (1, 8):
    figures[f"decode_tokens_per_second_batch_{batch}"] = best(lambda: decode(batch))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
figures["peak_bytes"] = int(peak.split()[1]) << 10
print(json.dumps({"transformers": transformers.__version__, "torch": torch.__version__, **figures}))
