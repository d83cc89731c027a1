"""A peer's run that starts from an adapter of ours or PEFT's, and how far apart the two runs are."""
import json
import pathlib

import peft
import torch
import transformers
from safetensors.torch import load_file

CPU = dict(
    logging_steps=1, report_to=[], use_cpu=True, gradient_checkpointing=False, bf16=False, save_strategy="no", disable_tqdm=True,
    dataloader_num_workers=0,
)


def base(folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    if model.num_parameters() < 1e6:
        torch.set_num_threads(1)  # on a busy machine threads wait for one another longer than they work
    return model


def adapted(model, adapter):
    return peft.PeftModel.from_pretrained(model, adapter, is_trainable=True)


def saved_name(name):
    """PEFT's name of a parameter as its files have it."""
    return name.replace(".default", "").replace("lora_magnitude_vector.weight", "lora_magnitude_vector")


def trained(model):
    return {saved_name(name): value for name, value in model.named_parameters() if value.requires_grad and ".default" in name}


class Watch(transformers.TrainerCallback):
    """Keeps what the optimizer was given in the first step, clipped where clipping is asked for."""

    def __init__(self):
        self.gradient = {}

    def on_pre_optimizer_step(self, args, state, control, model=None, **rest):
        if not self.gradient:
            self.gradient = {name: value.grad.clone() for name, value in trained(model).items()}


def apart(ours, theirs, scale=None):
    """||ours - theirs|| / ||scale||, over all tensors; what is compared must have the same names."""
    assert ours.keys() == theirs.keys(), sorted(ours.keys() ^ theirs.keys())[:5]
    scale = theirs if scale is None else scale
    square = sum((ours[name].double() - theirs[name].double()).square().sum() for name in theirs)
    return (square / sum(value.double().square().sum() for value in scale.values())).sqrt().item()


def relative(ours, theirs):
    return max(abs(one - other) / max(abs(other), 1e-30) for one, other in zip(ours, theirs, strict=True))


def compare(trainer, watch, run, start):
    """Our run's folder beside a trainer that has trained, both from the adapter `start`."""
    run = pathlib.Path(run)
    steps = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    log = [entry for entry in trainer.state.log_history if "loss" in entry]
    before = load_file(pathlib.Path(start) / "adapter_model.safetensors")
    ours = load_file(run / "adapter" / "adapter_model.safetensors")
    now = {name: value.detach() for name, value in trained(trainer.model).items()}
    moved = {name: now[name] - before[name] for name in now}
    figures = {
        "losses": relative([step["loss_nats"] for step in steps], [entry["loss"] for entry in log]),
        "grad_norms": relative([step["grad_norm"] for step in steps], [entry["grad_norm"] for entry in log]),
        "adapter": apart(ours, now, moved),
        "adapter_max_abs": max((ours[name] - now[name]).abs().max().item() for name in now),
        "moved_max_abs": max(value.abs().max().item() for value in moved.values()),
        "first_loss": log[0]["loss"], "last_loss": log[-1]["loss"], "first_grad_norm": log[0]["grad_norm"],
        "rates": max(abs(step["learning_rate"] - entry["learning_rate"]) for step, entry in zip(steps, log, strict=True)),
        "tensors": len(now),
    }
    first = run / "checkpoints" / "step-1" / "optimizer.safetensors"
    if first.exists():
        # After one step the first moment is 0.1 times the gradient.
        moments = load_file(first)
        gradient = {name: 10 * moments["m." + name] for name in now}
        figures["gradient"] = apart(gradient, watch.gradient)
        figures["worst_gradient"] = max(
            apart({name: gradient[name]}, {name: watch.gradient[name]}) for name in now if watch.gradient[name].any())
    return figures
