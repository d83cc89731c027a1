"""Makes the random checkpoints of ../resources/families and what transformers computes with them.

    python make.py          # torch 2.15, transformers 5.23, safetensors

Weights are drawn large, so that logits spread and attention is peaked: a wrong value shows. Rows go
beyond the original length of each rotary kind.
"""
import json
import pathlib
import sys

import torch
import transformers

OUT = pathlib.Path(__file__).parent.parent / "resources" / "families"
SEED = 20261124
VOCABULARY = 120  # below the tiny tokenizer's
COMMON = dict(
    vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, rms_norm_eps=0.01, max_position_embeddings=128, hidden_act="silu",
    bos_token_id=None, eos_token_id=None, pad_token_id=None,
)
THETA = 500.0
KINDS = {
    "llama-linear": ("llama", dict(rope_parameters=dict(rope_type="linear", rope_theta=THETA, factor=4.0))),
    "llama-llama3": ("llama", dict(
        head_dim=12, tie_word_embeddings=True,
        rope_parameters=dict(
            rope_type="llama3", rope_theta=THETA, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=32,
        ))),
    "mistral": ("mistral", dict(sliding_window=None, head_dim=16, rope_parameters=dict(rope_type="default", rope_theta=THETA))),
    "qwen2": ("qwen2", dict(tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=THETA))),
    "qwen2-yarn": ("qwen2", dict(
        rope_parameters=dict(rope_type="yarn", rope_theta=THETA, factor=4.0, original_max_position_embeddings=32),
    )),
    "qwen3-yarn": ("qwen3", dict(
        head_dim=16, tie_word_embeddings=True,
        rope_parameters=dict(
            rope_type="yarn", rope_theta=THETA, factor=4.0, original_max_position_embeddings=32,
            truncate=False, beta_fast=2.0, beta_slow=0.25, mscale=0.7, mscale_all_dim=0.2,
        ))),
    "qwen3": ("qwen3", dict(head_dim=16, rope_parameters=dict(rope_type="default", rope_theta=THETA))),
}


def draw(model, generator):
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if name.endswith("norm.weight"):
            weight.data = 1 + 0.2 * noise
        elif "embed_tokens" in name or "lm_head" in name:
            weight.data = 0.5 * noise
        else:
            weight.data = (0.5 if name.endswith("bias") else 0.3) * noise


def main():
    for name, (family, extra) in KINDS.items():
        config = transformers.AutoConfig.for_model(family, **{**COMMON, **extra})
        config._attn_implementation = "eager"
        model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
        generator = torch.Generator().manual_seed(SEED)
        draw(model, generator)
        if config.tie_word_embeddings:
            model.tie_weights()
        rows = []
        deviation = 0
        for length in (5, 23, 70):
            tokens = torch.randint(VOCABULARY, (length,), generator=generator)
            with torch.no_grad():
                logits = model(tokens[None]).logits[0]
                new = model.generate(
                    tokens[None], max_new_tokens=32, do_sample=False, attention_mask=torch.ones(1, length, dtype=torch.long),
                )[0, length:]
            deviation = max(deviation, logits.std().item())
            logprobs = torch.log_softmax(logits, -1)
            rows.append({
                "tokens": tokens.tolist(),
                "log_probs": [round(v, 6) for v in logprobs[:-1].gather(1, tokens[1:, None]).flatten().tolist()],
                "last": [round(v, 6) for v in logprobs[-1].tolist()],
                "greedy": new.tolist(),
            })
            assert len(set(new.tolist())) > 3, f"{name}: greedy text is one repeated token"
        assert deviation >= 1, f"{name}: logits spread by {deviation} only"
        folder = OUT / name
        model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        made = {"torch": torch.__version__, "transformers": transformers.__version__, "seed": SEED}
        (folder / "expected.json").write_text(json.dumps({"made_by": made, "rows": rows}) + "\n")
        print(name, f"logits' deviation {deviation:.2f}", file=sys.stderr)


main()
