"""Makes a sharded bfloat16 checkpoint: what transformers saves of a random model, and a large one in sparse files.

Arguments: folder, tokenizer folder, gigabytes. The large checkpoint is what save_pretrained writes for its configuration (names,
shapes, index), with zeros for weights: its files take no space on the disk.
"""
import json
import pathlib
import shutil
import struct
import sys

import torch
import transformers

out, tokenizer, gigabytes = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
common = dict(model_type="qwen2", num_attention_heads=16, num_key_value_heads=4, tie_word_embeddings=False)
small = transformers.AutoConfig.for_model(**common, hidden_size=256, intermediate_size=512, num_hidden_layers=4, vocab_size=49152)
torch.manual_seed(0)
model = transformers.AutoModelForCausalLM.from_config(small, dtype=torch.bfloat16)
(out / "small").mkdir(parents=True)
model.save_pretrained(out / "small", max_shard_size="10MB")
text = torch.randint(49152, (1, 200))
model = transformers.AutoModelForCausalLM.from_pretrained(out / "small", dtype=torch.float32)
with torch.no_grad():
    loss = model(text, labels=text).loss.item()

layers = 28
hidden = 1536
per_layer = 2 * hidden * hidden + 2 * hidden * hidden // 4 + 3 * hidden * 8960
layers = max(1, round((gigabytes * 1e9 / 2 - 2 * 49152 * hidden) / per_layer))
large = transformers.AutoConfig.for_model(
    **common, hidden_size=hidden, intermediate_size=8960, num_hidden_layers=layers, vocab_size=49152, dtype="bfloat16"
)
with torch.device("meta"):
    shapes = transformers.AutoModelForCausalLM.from_config(large, dtype=torch.bfloat16).state_dict()
folder = out / "large"
folder.mkdir()
large.save_pretrained(folder)
shards, size = [[]], 0
for name, weight in shapes.items():
    if size + 2 * weight.numel() > 1e9:
        shards.append([])
        size = 0
    shards[-1].append(name)
    size += 2 * weight.numel()
index, total = {}, 0
for number, names in enumerate(shards, 1):
    file = f"model-{number:05}-of-{len(shards):05}.safetensors"
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name in names:
        count = 2 * shapes[name].numel()
        header[name] = {"dtype": "BF16", "shape": list(shapes[name].shape), "data_offsets": [at, at + count]}
        index[name] = file
        at += count
    text_header = json.dumps(header).encode()
    text_header += b" " * (-len(text_header) % 8)
    with open(folder / file, "wb") as opened:
        opened.write(struct.pack("<Q", len(text_header)) + text_header)
        opened.truncate(8 + len(text_header) + at)
    total += at
(folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": index}))
for model_folder in (out / "small", folder):
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        if (tokenizer / name).exists():
            shutil.copy(tokenizer / name, model_folder / name)
largest = max(4 * weight.numel() for weight in shapes.values())
print(json.dumps({
    "transformers": transformers.__version__, "loss_nats": loss, "tokens": text[0].tolist(), "file_bytes": total,
    "float32_bytes": 2 * total, "largest_float32_bytes": largest, "shards": len(shards), "layers": layers,
}))
