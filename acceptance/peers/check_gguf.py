"""What the gguf package and transformers make of exported models and adapters.

check_gguf.py make MODEL ADAPTER: a random rsLoRA adapter of PEFT's with ranks and alphas by pattern.
check_gguf.py adapter MODEL ADAPTER FILE: llama.cpp's update alpha / rank * B A of each pair is PEFT's own, rows in llama.cpp's order.
check_gguf.py model MODEL FILE...: tensors of each file against the model's, and quantised ones against the gguf package's own quantiser.
check_gguf.py loads MODEL BFLOAT16 FILE ORIGINAL TEXT: transformers loads the bfloat16 folder and, by its own reader, the F16 file: weights
and logits over 512 tokens of a text, and token ids, which are those of the GGUF file that the model comes from. (Its reader of tokenizers
does not look at tokenizer.ggml.pre: where digits stand behind spaces, both files cut otherwise than the folder.)
check_gguf.py runs MODEL ADAPTER PROMPTS ANSWERS: what llama.cpp answered (run_llama_cpp.py; ADAPTER may be -) against transformers and PEFT
in float32: token ids, the likeliest next token at each step, and the log-probabilities of the five likeliest.
"""
import importlib.metadata
import json
import pathlib
import sys

import gguf
import numpy
import peft
import torch
import transformers

PARTS = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}
WHOLE = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def load(folder, **options):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **options).eval()


def module(name):
    pieces = name.split(".")
    return f"model.layers.{pieces[1]}.{PARTS[pieces[2]]}" if pieces[0] == "blk" else WHOLE[pieces[0]]


def permute(values, name, config):
    """Rows of queries and keys as llama.cpp has them (conversion/llama.py, LlamaModel.permute)."""
    if config.model_type != "llama" or not any(part in name for part in (".attn_q.", ".attn_k.")):
        return values
    heads = config.num_attention_heads if ".attn_q." in name else config.num_key_value_heads
    rows = values.shape[0] // heads
    return values.reshape(heads, 2, rows // 2, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def make(folder, out):
    torch.manual_seed(0)
    lora = peft.LoraConfig(
        r=8, lora_alpha=16, use_rslora=True, target_modules=["q_proj", "k_proj", "v_proj", "down_proj"],
        rank_pattern={"v_proj": 4}, alpha_pattern={"layers.3.self_attn.k_proj": 40}, task_type="CAUSAL_LM",
    )
    model = peft.get_peft_model(load(folder), lora)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".lora_B." in name:
                parameter.normal_(0, 0.01)
    model.save_pretrained(out)
    return {"peft": peft.__version__}


def adapter(folder, adapted, file):
    model = peft.PeftModel.from_pretrained(load(folder), adapted)
    reader = gguf.GGUFReader(file)
    fields = {key: reader.fields[key].contents() for key in reader.fields if not key.startswith("GGUF.")}
    assert (fields["general.type"], fields["adapter.type"], fields["general.architecture"]) == ("adapter", "lora", "llama"), fields
    tensors = {tensor.name: gguf.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float64) for tensor in reader.tensors}
    worst, pairs = 0.0, 0
    layers = dict(model.named_modules())
    for name, a in tensors.items():
        if not name.endswith(".lora_a"):
            continue
        name = name.removesuffix(".lora_a")
        b = tensors[name + ".lora_b"]
        ours = fields["adapter.lora.alpha"] / b.shape[1] * (b @ a)
        layer = layers["base_model.model." + module(name)]
        theirs = permute(layer.get_delta_weight("default").detach().numpy().astype(numpy.float64), name, model.config)
        worst = max(worst, float(abs(ours - theirs).max() / abs(theirs).max()))
        pairs += 1
    adapted_layers = sum(1 for layer in layers.values() if isinstance(layer, peft.tuners.lora.LoraLayer))
    return {"alpha": fields["adapter.lora.alpha"], "pairs": pairs, "adapted_modules": adapted_layers, "worst_relative_difference": worst}


def model(folder, *files):
    original = load(folder)
    weights = {name: value.detach().numpy() for name, value in original.state_dict().items()}
    figures = {}
    for file in files:
        types, differing, further = {}, [], []
        worst = ours_error = theirs_error = 0.0
        count = 0
        for tensor in gguf.GGUFReader(file).tensors:
            kind = tensor.tensor_type
            types[kind.name] = types.get(kind.name, 0) + 1
            expected = numpy.ascontiguousarray(permute(weights[module(tensor.name) + ".weight"], tensor.name, original.config))
            quantised = gguf.quantize(expected, kind)
            mine = gguf.dequantize(tensor.data, kind).astype(numpy.float32)
            theirs = gguf.dequantize(quantised, kind).astype(numpy.float32)
            if numpy.ascontiguousarray(tensor.data).tobytes() != numpy.ascontiguousarray(quantised).tobytes():
                differing.append(tensor.name)
            apart, their_apart = abs(mine - expected).astype(numpy.float64), abs(theirs - expected).astype(numpy.float64)
            if apart.max() > their_apart.max() or apart.mean() > their_apart.mean():
                further.append(tensor.name)
            worst = max(worst, float(apart.max()))
            ours_error += float(apart.sum())
            theirs_error += float(their_apart.sum())
            count += apart.size
        figures[pathlib.Path(file).name] = {
            "types": types, "tensors": sum(types.values()), "differing_bytes": differing[:3], "further_than_theirs": further[:3],
            "worst_error": worst, "mean_error": ours_error / count, "mean_error_of_theirs": theirs_error / count,
        }
    return {"files": figures}


def tokens(file, text):
    file = pathlib.Path(file)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    return tokenizer(text, add_special_tokens=False)["input_ids"]


def loads(folder, half, file, original_file, text):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    words = open(text).read()
    ids = tokenizer(words, add_special_tokens=False, return_tensors="pt")["input_ids"][:, :512]
    original = load(folder)
    index = json.loads((pathlib.Path(half) / "model.safetensors.index.json").read_text())
    stored = transformers.AutoModelForCausalLM.from_pretrained(half)  # in the type that its config names
    rounded = {name: value.to(torch.bfloat16) for name, value in original.state_dict().items()}
    differing = [name for name, value in stored.state_dict().items() if value.dtype != torch.bfloat16 or not torch.equal(value, rounded[name])]
    of_file = load(str(pathlib.Path(file).parent), gguf_file=pathlib.Path(file).name)
    with torch.no_grad():
        logits = original(ids).logits
        half_logits = load(half)(ids).logits
        file_logits = of_file(ids).logits
    apart = [name for name, value in of_file.state_dict().items()
             if not torch.equal(value, original.state_dict()[name].to(torch.float16).float()) and "norm" not in name]

    def compare(other):
        return {
            "largest_logit_difference": float((logits - other).abs().max()), "mean_logit_difference": float((logits - other).abs().mean()),
            "same_next_token": int((logits.argmax(-1) == other.argmax(-1)).sum()),
        }

    return {
        "transformers": transformers.__version__, "tokens": ids.shape[1], "bfloat16": compare(half_logits), "gguf_f16": compare(file_logits),
        "bfloat16_weights_that_differ": differing[:3], "f16_weights_that_differ": apart[:3],
        "index_total_size": index["metadata"]["total_size"],
        "index_names_sorted": list(index["weight_map"]) == sorted(index["weight_map"]),
        "same_token_ids": tokens(file, words) == tokens(original_file, words),
    }


def runs(folder, adapted, prompts, answers):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = load(folder) if adapted == "-" else peft.PeftModel.from_pretrained(load(folder), adapted).eval()
    figures = {"prompts": 0, "same_token_ids": 0, "steps": 0, "same_next_token": 0, "largest_log_prob_difference": 0.0}
    for text, answer in zip(json.load(open(prompts)), json.load(open(answers)), strict=True):
        ids = answer["ids"]
        figures["prompts"] += 1
        figures["same_token_ids"] += tokenizer(text, add_special_tokens=False)["input_ids"] == ids
        with torch.no_grad():
            every = model(torch.tensor([ids + [step[0][0] for step in answer["steps"]]])).logits[0].log_softmax(-1)
        for i, step in enumerate(answer["steps"]):
            ours = every[len(ids) + i - 1]
            figures["steps"] += 1
            figures["same_next_token"] += int(ours.argmax()) == step[0][0]
            apart = max(abs(float(ours[token]) - log_prob) for token, log_prob in step)
            figures["largest_log_prob_difference"] = max(figures["largest_log_prob_difference"], apart)
    return figures


made = {"make": make, "adapter": adapter, "model": model, "loads": loads, "runs": runs}[sys.argv[1]](*sys.argv[2:])
print(json.dumps({"gguf": importlib.metadata.version("gguf"), **made}))
