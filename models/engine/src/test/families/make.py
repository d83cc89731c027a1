"""Makes the random checkpoints of ../resources/families and what transformers computes with them.

    python make.py [NAME...]          # torch 2.15, transformers 5.23, safetensors

Weights are drawn large, so that logits spread and attention is peaked: a wrong value shows. Rows go
beyond the original length of each rotary kind.
"""
import copy
import json
import pathlib
import sys

import safetensors.torch
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
DEFAULT = dict(rope_type="default", rope_theta=THETA)
EXPERTS = dict(num_experts=5, num_experts_per_tok=2, moe_intermediate_size=24, num_hidden_layers=3, decoder_sparse_step=1, mlp_only_layers=[1])
GLM = dict(head_dim=16, rope_parameters=dict(DEFAULT, partial_rotary_factor=0.5), attention_bias=True)
KINDS = {
    "llama-linear": ("llama", dict(rope_parameters=dict(rope_type="linear", rope_theta=THETA, factor=4.0))),
    "llama-dynamic": ("llama", dict(
        max_position_embeddings=32, attention_bias=True, mlp_bias=True,
        rope_parameters=dict(rope_type="dynamic", rope_theta=THETA, factor=4.0),
    )),
    "llama-llama3": ("llama", dict(
        head_dim=12, tie_word_embeddings=True,
        rope_parameters=dict(
            rope_type="llama3", rope_theta=THETA, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=32,
        ))),
    "mistral": ("mistral", dict(sliding_window=None, head_dim=16, rope_parameters=DEFAULT)),
    "mistral-window": ("mistral", dict(sliding_window=9, rope_parameters=DEFAULT)),
    "qwen2": ("qwen2", dict(tie_word_embeddings=True, rope_parameters=DEFAULT)),
    "qwen2-window": ("qwen2", dict(use_sliding_window=True, sliding_window=12, max_window_layers=1, rope_parameters=DEFAULT)),
    "qwen2-yarn": ("qwen2", dict(
        rope_parameters=dict(rope_type="yarn", rope_theta=THETA, factor=4.0, original_max_position_embeddings=32),
    )),
    "qwen2_moe": ("qwen2_moe", dict(
        EXPERTS, rope_parameters=DEFAULT, shared_expert_intermediate_size=40, norm_topk_prob=False,
        use_sliding_window=True, sliding_window=12, max_window_layers=2,
    )),
    "qwen3-yarn": ("qwen3", dict(
        head_dim=16, tie_word_embeddings=True,
        rope_parameters=dict(
            rope_type="yarn", rope_theta=THETA, factor=4.0, original_max_position_embeddings=32,
            truncate=False, beta_fast=2.0, beta_slow=0.25, mscale=0.7, mscale_all_dim=0.2,
        ))),
    "qwen3": ("qwen3", dict(head_dim=16, rope_parameters=DEFAULT)),
    "qwen3_moe": ("qwen3_moe", dict(EXPERTS, head_dim=16, rope_parameters=DEFAULT, norm_topk_prob=True, attention_bias=True)),
    "glm": ("glm", GLM),
    "glm4": ("glm4", GLM),
    "chatglm": ("glm", GLM),
    "gemma2": ("gemma2", dict(
        hidden_activation="gelu_pytorch_tanh", hidden_act=None, head_dim=16, query_pre_attn_scalar=24, sliding_window=9,
        attn_logit_softcapping=3.0, final_logit_softcapping=8.0, num_hidden_layers=3, tie_word_embeddings=False,
        rope_parameters=DEFAULT,
    )),
    "phi3": ("phi3", dict(num_key_value_heads=2, sliding_window=None, rope_parameters=dict(DEFAULT, partial_rotary_factor=0.75))),
    "phi3-longrope": ("phi3", dict(
        num_key_value_heads=2, sliding_window=40, original_max_position_embeddings=32,
        rope_parameters=dict(
            rope_type="longrope", rope_theta=THETA, short_factor=[1.0, 1.1, 1.3, 1.2], long_factor=[1.0, 2.0, 3.5, 4.0],
        ))),
}


def chatglm(model, config, folder):
    """Renames a glm checkpoint to the layout of THUDM/chatglm3-6b: what the converter of transformers 4.57 undoes."""
    parts = {}
    for name, weight in model.state_dict().items():
        parts[name] = weight.contiguous()
    out = {
        "transformer.embedding.word_embeddings.weight": parts["model.embed_tokens.weight"],
        "transformer.encoder.final_layernorm.weight": parts["model.norm.weight"],
        "transformer.output_layer.weight": parts["lm_head.weight"],
        "transformer.rotary_pos_emb.inv_freq": torch.ones(2),
    }
    for i in range(config.num_hidden_layers):
        old, new = f"model.layers.{i}.", f"transformer.encoder.layers.{i}."
        for kind in ("weight", "bias"):
            out[f"{new}self_attention.query_key_value.{kind}"] = torch.cat(
                [parts[f"{old}self_attn.{x}_proj.{kind}"] for x in "qkv"])
        out[f"{new}self_attention.dense.weight"] = parts[f"{old}self_attn.o_proj.weight"]
        out[f"{new}mlp.dense_h_to_4h.weight"] = parts[f"{old}mlp.gate_up_proj.weight"]
        out[f"{new}mlp.dense_4h_to_h.weight"] = parts[f"{old}mlp.down_proj.weight"]
        for norm in ("input_layernorm", "post_attention_layernorm"):
            out[f"{new}{norm}.weight"] = parts[f"{old}{norm}.weight"]
    safetensors.torch.save_file(out, folder / "model.safetensors", {"format": "pt"})
    (folder / "config.json").write_text(json.dumps({
        "model_type": "chatglm", "add_bias_linear": False, "add_qkv_bias": True, "apply_residual_connection_post_layernorm": False,
        "ffn_hidden_size": config.intermediate_size, "hidden_size": config.hidden_size, "kv_channels": config.head_dim,
        "layernorm_epsilon": config.rms_norm_eps, "multi_query_attention": True,
        "multi_query_group_num": config.num_key_value_heads, "num_attention_heads": config.num_attention_heads,
        "num_layers": config.num_hidden_layers, "original_rope": True, "padded_vocab_size": config.vocab_size,
        "post_layer_norm": True, "rmsnorm": True, "rope_ratio": THETA / 10000, "seq_length": config.max_position_embeddings,
        "tie_word_embeddings": False, "torch_dtype": "float32",
    }, indent=2) + "\n")


def draw(model, family, generator):
    for name, weight in model.named_parameters():
        noise = torch.randn(weight.shape, generator=generator)
        if name.endswith("norm.weight"):
            weight.data = (0 if family == "gemma2" else 1) + 0.2 * noise
        elif "embed_tokens" in name or "lm_head" in name:
            weight.data = 0.5 * noise
        else:
            weight.data = (0.5 if name.endswith("bias") else 0.3) * noise


def forget(model):
    """Dynamic rotary embeddings remember the longest text; a short one makes them forget it."""
    model(torch.zeros(1, 2, dtype=torch.long))


def main():
    only = sys.argv[1:]
    for name, (family, extra) in KINDS.items():
        if only and name not in only:
            continue
        config = transformers.AutoConfig.for_model(family, **{**COMMON, **extra})
        config._attn_implementation = "eager"
        model = transformers.AutoModelForCausalLM.from_config(config).float().eval()
        generator = torch.Generator().manual_seed(SEED)
        draw(model, family, generator)
        if config.tie_word_embeddings:
            model.tie_weights()
        rows = []
        deviation = 0
        for length in (5, 23, 70):
            tokens = torch.randint(VOCABULARY, (length,), generator=generator)
            with torch.no_grad():
                forget(model)
                logits = model(tokens[None]).logits[0]
                # What a scorer feeds: a rotary embedding may turn by the length.
                forget(model)
                fed = model(tokens[None, :-1]).logits[0]
                forget(model)
                new = model.generate(
                    tokens[None], max_new_tokens=32, do_sample=False, attention_mask=torch.ones(1, length, dtype=torch.long),
                )[0, length:]
            deviation = max(deviation, logits.std().item())
            logprobs = torch.log_softmax(logits, -1)
            targets = tokens[1:, None]
            rows.append({
                "tokens": tokens.tolist(),
                "log_probs": [round(v, 6) for v in torch.log_softmax(fed, -1).gather(1, targets).flatten().tolist()],
                "loss": -logprobs[:-1].gather(1, targets).double().sum().item(),
                "last": [round(v, 6) for v in logprobs[-1].tolist()],
                "greedy": new.tolist(),
            })
            assert len(set(new.tolist())) > 3, f"{name}: greedy text is one repeated token"
        # As lm-eval's dtype=auto computes a bfloat16 checkpoint: models/huggingface.py, _loglikelihood_tokens.
        half = copy.deepcopy(model).to(torch.bfloat16)
        if family != "gemma2":
            half.set_attn_implementation("sdpa")
        for row in rows:
            tokens = torch.tensor(row["tokens"])
            with torch.no_grad():
                forget(half)
                scores = torch.nn.functional.log_softmax(half(tokens[None, :-1]).logits[0], -1)
            row["bfloat16_log_probs"] = scores.gather(1, tokens[1:, None]).flatten().float().tolist()
        assert deviation >= 1, f"{name}: logits spread by {deviation} only"
        folder = OUT / name
        if name == "chatglm":
            folder.mkdir(parents=True, exist_ok=True)
            chatglm(model, config, folder)
        else:
            model.save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        made = {"torch": torch.__version__, "transformers": transformers.__version__, "seed": SEED}
        (folder / "expected.json").write_text(json.dumps({"made_by": made, "rows": rows}) + "\n")
        print(name, f"logits' deviation {deviation:.2f}", file=sys.stderr)


main()
