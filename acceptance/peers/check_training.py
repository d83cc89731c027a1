"""Trains with TRL's SFTTrainer on exported packed rows as runs of ours did, and compares step by step.

Arguments: a file of {model, packed, runs: {name: {settings of parity.py, start, run, order}}}, work folder. `order` are the packs of each
step. A run with `plus` has PEFT's optimizer for LoRA+.
"""
import json
import sys

import datasets
import torch
import transformers
import trl
from peft.optimizers import create_loraplus_optimizer

import same_start


class Order(torch.utils.data.Sampler):
    """Our order of packs, an epoch after the other."""

    def __init__(self, steps, packs):
        flat = [pack for step in steps for pack in step]
        self.epochs = [flat[at : at + packs] for at in range(0, len(flat), packs)]
        self.packs, self.epoch = packs, 0

    def __len__(self):
        return self.packs

    def __iter__(self):
        return iter(self.epochs[self.epoch])

    def set_epoch(self, epoch):
        self.epoch = epoch


class Trainer(trl.SFTTrainer):
    order = None

    def _get_train_sampler(self, dataset=None):
        return self.order


def optimizer(model, settings):
    if "plus" not in settings:
        return None
    return create_loraplus_optimizer(
        model, torch.optim.AdamW, lr=settings["rate"], loraplus_lr_ratio=settings["plus"], loraplus_weight_decay=settings.get("decay", 0.0))


def main(asked, work):
    rows = datasets.load_from_disk(asked["packed"])
    rows = rows["train"] if isinstance(rows, datasets.DatasetDict) else rows
    schedules = {"wsd": "warmup_stable_decay"}
    figures = {}
    for name, settings in asked["runs"].items():
        model = same_start.adapted(same_start.base(asked["model"]), settings["start"])
        watch, kind = same_start.Watch(), settings.get("schedule", "constant")
        Trainer.order = Order(settings["order"], len(rows))
        rows_at_once, packs = (len(rows) if settings.get("whole") else 1), len(settings["order"][0])
        trainer = Trainer(
            model=model,
            args=trl.SFTConfig(
                output_dir=work, max_steps=len(settings["order"]), per_device_train_batch_size=rows_at_once,
                gradient_accumulation_steps=packs // rows_at_once, packing=False, padding_free=True, max_length=None,
                learning_rate=settings["rate"], lr_scheduler_type=schedules.get(kind, kind),
                lr_scheduler_kwargs={"num_decay_steps": settings["last"]} if kind == "wsd" else None,
                warmup_steps=settings.get("warmup", 0), weight_decay=settings.get("decay", 0.0), max_grad_norm=settings.get("clip", 1.0),
                **same_start.CPU,
            ),
            train_dataset=rows,
            processing_class=transformers.AutoTokenizer.from_pretrained(asked["model"]),
            optimizers=(optimizer(model, settings), None),
            callbacks=[watch],
        )
        trainer.train()
        figures[name] = same_start.compare(trainer, watch, settings["run"], settings["start"])
    return figures


if __name__ == "__main__":
    print(json.dumps(main(json.load(open(sys.argv[1])), sys.argv[2])))
