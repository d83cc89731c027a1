"""Makes a model folder of random weights: the tokenizer of one folder, the shape of the arguments.

Arguments: folder with the tokenizer, folder to write, model type (llama, qwen2), hidden width, feed-forward width, layers, heads, key heads;
then, if wanted, the size of the vocabulary, whether the head is the embedding (tied, untied), and the type of the weights.
"""
import json
import pathlib
import shutil
import sys

import torch
import transformers

source, target, kind = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
hidden, intermediate, layers, heads, key_heads = map(int, sys.argv[4:9])
vocabulary, tied, dtype = (sys.argv[9:12] + [None] * 3)[:3]
base = transformers.AutoConfig.from_pretrained(source)
config = transformers.AutoConfig.for_model(
    kind, vocab_size=int(vocabulary or base.vocab_size), hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=layers,
    num_attention_heads=heads, num_key_value_heads=key_heads, max_position_embeddings=8192, tie_word_embeddings=tied != "untied",
    eos_token_id=base.eos_token_id, bos_token_id=base.bos_token_id,
)
torch.manual_seed(0)
torch.set_default_dtype(getattr(torch, dtype or "float32"))
model = transformers.AutoModelForCausalLM.from_config(config)
model.save_pretrained(target)
for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
    if (source / name).exists():
        shutil.copy(source / name, target / name)
print(json.dumps({"parameters": model.num_parameters()}))
