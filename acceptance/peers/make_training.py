"""Makes what trainers start from: a tiny llama of random weights, and adapters of PEFT whose B is not zero.

Arguments: "model", model folder that already holds a tokenizer; or "adapters", model folder, out folder, rank, alpha.
"""
import pathlib
import sys

import peft
import torch
import transformers

import same_start

what, folder = sys.argv[1], sys.argv[2]
torch.manual_seed(7)
if what == "model":
    tokens = len(transformers.AutoTokenizer.from_pretrained(folder))
    # Wide enough a spread that attention and feed-forward blocks matter as they do in a trained model.
    config = transformers.LlamaConfig(
        vocab_size=tokens, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=1024, initializer_range=0.15, tie_word_embeddings=False)
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
else:
    out, rank, alpha = pathlib.Path(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    for name in ("lora", "dora", "rslora"):
        config = peft.LoraConfig(
            r=rank, lora_alpha=alpha, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM",
            use_dora=name == "dora", use_rslora=name == "rslora")
        model = peft.get_peft_model(same_start.base(folder), config)
        with torch.no_grad():
            for path, value in model.named_parameters():
                if "lora_B" in path:
                    value.normal_(std=0.02)
        model.save_pretrained(out / name)
print("{}")
