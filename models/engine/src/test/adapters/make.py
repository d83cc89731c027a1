"""Makes the random adapters of ../resources/adapters, on models of ../resources/families, and what PEFT computes with them.

    python make.py [NAME...]          # torch 2.15, transformers 5.23, peft 0.21, safetensors

Every trained tensor is drawn large enough that a wrong one shows. What is expected is computed in float64, by a model that read
the files.
"""
import json
import pathlib
import shutil
import sys

import peft
import torch
import transformers

RESOURCES = pathlib.Path(__file__).parent.parent / "resources"
SEED = 20261130
LENGTH = 24
USUAL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
KINDS = {
    "plain": ("mistral", dict(target_modules=USUAL)),
    "patterns": ("llama-linear", dict(
        target_modules="all-linear", use_rslora=True, rank_pattern={"layers.1.*.q_proj": 3, "down_proj": 1},
        alpha_pattern={"self_attn.[kv]_proj": 3, "^model.layers.0.mlp.up_proj": 1.5},
    )),
    "dora": ("qwen2-yarn", dict(target_modules=USUAL, use_dora=True, bias="lora_only")),
    "dora-fused": ("phi3", dict(target_modules=["qkv_proj", "gate_up_proj", "o_proj"], use_dora=True, use_rslora=True)),
    "bias": ("llama-dynamic", dict(target_modules=["q_proj", "down_proj"], bias="all", modules_to_save=["k_proj"])),
    "norms": ("gemma2", dict(target_modules=["v_proj"], modules_to_save=["layernorm", "model.norm", "lm_head"])),
    "head-of-tied": ("qwen2", dict(target_modules=["q_proj"], modules_to_save=["lm_head"])),
    "embedding-of-tied": ("qwen2", dict(target_modules=["q_proj"], modules_to_save=["embed_tokens"])),
    "both-of-tied": ("llama-llama3", dict(
        target_modules=["q_proj", "up_proj"], layers_to_transform=[1], modules_to_save=["embed_tokens"], ensure_weight_tying=True,
    )),
    "pair-of-tied-head": ("qwen2", dict(target_modules=["k_proj", "lm_head"], exclude_modules=["model.layers.0.self_attn.k_proj"])),
}


def base(family):
    model = transformers.AutoModelForCausalLM.from_pretrained(RESOURCES / "families" / family, attn_implementation="eager")
    return model.float().eval()


def draw(model, generator):
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            continue
        noise = torch.randn(weight.shape, generator=generator)
        if "lora_magnitude_vector" in name:
            weight.data = weight.data * (1 + 0.2 * noise)
        elif "lora_" in name:
            weight.data = 0.3 * noise
        else:
            weight.data = weight.data + 0.3 * noise


def main():
    only = sys.argv[1:]
    for name, (family, kind) in KINDS.items():
        if only and name not in only:
            continue
        generator = torch.Generator().manual_seed(SEED)
        trained = peft.get_peft_model(base(family), peft.LoraConfig(task_type="CAUSAL_LM", r=2, lora_alpha=3, **kind))
        draw(trained, generator)
        folder = RESOURCES / "adapters" / name
        shutil.rmtree(folder, ignore_errors=True)
        trained.save_pretrained(folder)
        (folder / "README.md").unlink()
        file = folder / "adapter_config.json"
        config = json.loads(file.read_text())
        config["base_model_name_or_path"] = family
        if isinstance(config["target_modules"], list):
            config["target_modules"].sort()
        file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")

        tokens = torch.randint(base(family).config.vocab_size, (LENGTH,), generator=generator)
        model = peft.PeftModel.from_pretrained(base(family), folder).double().eval()
        with torch.no_grad():
            ours = torch.log_softmax(model(tokens[None, :-1]).logits[0], -1)
            plain = torch.log_softmax(base(family).double()(tokens[None, :-1]).logits[0], -1)
            before = torch.log_softmax(trained.double().eval()(tokens[None, :-1]).logits[0], -1)
        assert (ours - before).abs().max() < 1e-9, f"{name}: was not read as it was written"
        scores = ours.gather(1, tokens[1:, None]).flatten()
        change = (scores - plain.gather(1, tokens[1:, None]).flatten()).abs().max()
        assert change > 0.5, f"{name}: changes log-probabilities by {change} only"
        made = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__, "seed": SEED}
        (folder / "expected.json").write_text(json.dumps({
            "made_by": made, "family": family, "tokens": tokens.tolist(),
            "log_probs": [round(v, 8) for v in scores.tolist()],
        }) + "\n")
        print(name, f"changes log-probabilities by {change:.2f}", file=sys.stderr)


main()
