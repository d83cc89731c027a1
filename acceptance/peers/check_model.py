"""Loads a model folder made from GGUF with transformers: mean loss over the first 1,024 tokens of a text, and its weights against
the gguf package's dequantisation, bit for bit.

Arguments: model folder, text file, GGUF file. The rows of the query and key projections are compared in transformers' order; a
GGUF file of the llama family holds them permuted (llama.cpp, convert_hf_to_gguf.py, LlamaModel.permute).
"""
import json
import sys

import gguf
import numpy
import torch
import transformers

folder, text, file = sys.argv[1:4]
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
ids = tokenizer(open(text).read(), add_special_tokens=False, return_tensors="pt")["input_ids"][:, :1024]
with torch.no_grad():
    loss = model(ids, labels=ids).loss.item()

config = model.config
parts = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}
weights = model.state_dict()
differing, compared = [], 0
for tensor in gguf.GGUFReader(file).tensors:
    values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
    pieces = tensor.name.split(".")
    if tensor.name == "token_embd.weight":
        name = "model.embed_tokens.weight"
    elif tensor.name == "output_norm.weight":
        name = "model.norm.weight"
    elif tensor.name == "output.weight":
        name = "lm_head.weight"
    else:
        name = f"model.layers.{pieces[1]}.{parts[pieces[2]]}.weight"
    if pieces[0] == "blk" and pieces[2] in ("attn_q", "attn_k"):
        heads = config.num_attention_heads if pieces[2] == "attn_q" else config.num_key_value_heads
        rows = values.shape[0] // heads
        values = values.reshape(heads, rows // 2, 2, values.shape[1]).swapaxes(1, 2).reshape(values.shape)
    mine = weights[name].numpy()
    compared += 1
    if mine.shape != values.shape or mine.tobytes() != numpy.ascontiguousarray(values).tobytes():
        differing.append(name)
print(
    json.dumps(
        {
            "transformers_version": transformers.__version__, "loss_nats": loss, "tokens": ids.shape[1],
            "compared_weights": compared, "differing_weights": len(differing), "first_differing": differing[:3],
        }
    )
)
