"""What runs are compared step by step with the peers' trainers: rows, recipes, peers' settings, tolerances.

Each run is one of ours and one of a peer over the same rows in the same order from the same adapter, float32. `from` names the adapter
that both start with: `fresh` is the one that our run draws itself (B is zero), the others are made by PEFT and have a B that is not zero,
so that A's gradients and the reference model of preferences are more than zero from the first step on.
"""
import random

SEED = 11
STEPS = 20
RANK = 8
# `packs` are those of a step, else all; `whole` means that TRL has them in one micro-batch, else each in one of its own.
SUPERVISED = {
    "plain": {"from": "fresh", "rate": 1e-3, "whole": True},
    "dora": {"from": "dora", "rate": 1e-3, "schedule": "linear", "warmup": 2, "decay": 0.1},
    "rslora": {"from": "rslora", "rate": 1e-3, "checkpointing": "on"},
    "plus": {"from": "lora", "rate": 2e-4, "plus": 16, "decay": 0.1},
}
# Every setting at once, and steps of some packs of an epoch; for the tiny model alone.
SMALL = {
    "everything": {"from": "lora", "rate": 2e-3, "schedule": "cosine", "warmup": 4, "decay": 0.1, "clip": 0.5, "packs": 3},
    "dora-plus": {"from": "dora", "rate": 1e-4, "plus": 16, "decay": 0.1, "schedule": "wsd", "warmup": 3, "last": 5, "packs": 2},
}
PREFERENCE_STEPS = 5
PAIRS = 8
# TRL's class, its settings, and micro-batches a step. Its ORPO and KTO take means over a micro-batch, ours over the step.
PREFERENCES = {
    "dpo": {"trainer": "dpo", "settings": {"loss_type": "sigmoid", "beta": 0.1}, "accumulate": 2},
    "ipo": {"trainer": "dpo", "settings": {"loss_type": "ipo", "beta": 0.1}, "accumulate": 2},
    "orpo": {"trainer": "orpo", "settings": {"beta": 0.1}, "accumulate": 1},
    "simpo": {
        "trainer": "cpo", "accumulate": 2,
        "settings": {"loss_type": "simpo", "cpo_alpha": 0.0, "beta": 2.0, "simpo_gamma": 1.0, "label_smoothing": 0.1},
    },
    "kto": {"trainer": "kto", "settings": {"beta": 0.1, "desirable_weight": 1.0, "undesirable_weight": 1.5}, "accumulate": 1},
}
OBJECTIVES = {"simpo": {"kind": "simpo", "smoothing": 0.1}, "kto": {"kind": "kto", "undesirable": 1.5}}


def gentle(runs):
    """The runs at a fifth of the rate: a trained model knows a few rows by heart within steps, and its losses are then near zero."""
    return {name: {**settings, "rate": settings["rate"] / 5} for name, settings in runs.items()}


def problems(count, chance):
    """Questions with a right and a wrong answer of unlike lengths."""
    for _ in range(count):
        a, b, name = chance.randint(2, 999), chance.randint(2, 99), chance.choice(["Ann", "Li Wei", "Zoë", "Oleg"])
        question = f"{name} has {a} stones and {chance.choice(['finds', 'buys', 'is given'])} {b} more. How many are there?"
        right = f"{a} + {b} = {a + b}, so {name} has {a + b}." + " That is all." * chance.randint(0, 3)
        wrong = f"I think {abs(a - b)}." + f" {name} may have lost some." * chance.randint(0, 2)
        yield question, right, wrong


def chats(count):
    for question, right, _ in problems(count, random.Random(SEED)):
        yield {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": right}]}


def pairs(count):
    for question, right, wrong in problems(count, random.Random(SEED + 1)):
        yield {"prompt": question, "chosen": right, "rejected": wrong}


def labelled(count):
    for i, (question, right, wrong) in enumerate(problems(count, random.Random(SEED + 2))):
        answer = wrong if i % 3 == 1 else right
        turns = {"prompt": [{"role": "user", "content": question}], "completion": [{"role": "assistant", "content": answer}]}
        yield {**turns, "label": i % 3 != 1}


def prepare(name, model, source, length):
    return {
        "name": name, "model": str(model),
        "prepare": {
            "sources": [{"path": str(source)}], "max_length": length, "personal_data": "keep", "rules": {"preset": "none"},
            "dedup": {"exact": False, "near": {"enabled": False}}, "split": {"train": 1.0, "validation": 0.0},
        },
    }


def shape(start):
    return {"rank": RANK, "alpha": 16, "dora": start == "dora", "rslora": start == "rslora"}


def train(dataset, model, settings, adapter, packs, steps, objective="sft"):
    """Our recipe. An empty adapter means a fresh one."""
    return {
        "name": "parity", "model": str(model),
        "train": {
            "dataset": str(dataset), "adapter": str(adapter), "lora": {**shape(settings["from"]), "plus": settings.get("plus", 1)},
            "objective": objective, "learning_rate": settings["rate"], "steps": steps, "batch": {"rows": 1, "accumulate": packs},
            "schedule": {"kind": settings.get("schedule", "constant"), "warmup": settings.get("warmup", 0), "decay": settings.get("last")},
            "weight_decay": settings.get("decay", 0.0), "clip": settings.get("clip", 1.0), "seed": SEED,
            "checkpoint": {"every": 1, "keep": steps}, "checkpointing": settings.get("checkpointing", "off"),
        },
    }


def drawn(recipe):
    """A recipe whose only step has rate 0: its adapter is the one that the other recipe's run begins with."""
    section = {**recipe["train"], "steps": 1, "schedule": {"kind": "linear", "warmup": 1}}
    return {**recipe, "train": section}


def worst(figures, key):
    """The largest of a figure of all runs, and where it is."""
    return max((run[key], f"{name}: {key}") for name, run in figures.items())
