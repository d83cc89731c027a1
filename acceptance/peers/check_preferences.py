"""Trains with TRL's trainers for preferences on the token ids that prepare wrote, as runs of ours did, and compares step by step.

Arguments: a file of {model, runs: {name: {trainer, settings, accumulate, rate, dataset, start, fresh, run, order}}}, work folder. A fresh
run's reference is the base model, by TRL's own way: an adapter that it makes itself, given the tensors of `start`. Else TRL keeps a copy
of the adapter as reference. DPOTrainer and KTOTrainer prepare "texts" that are token ids in words; ORPOTrainer and CPOTrainer get ids and
labels in place of what they would tokenise.
"""
import json
import re
import sys

import datasets
import peft
import transformers
import trl
from safetensors.torch import load_file
from trl.experimental import cpo, orpo
from trl.trainer import dpo_trainer, kto_trainer

import same_start


def words(ids):
    return "".join(f"{token} " for token in ids)


def numbers(processing_class, text, **rest):
    """Token ids of such words; the end of text that TRL adds is none."""
    return {"input_ids": [int(number) for number in re.findall(r"\d+", text)]}


dpo_trainer._tokenize = kto_trainer._tokenize = numbers


class Given:
    """Ids and labels as they are."""

    def tokenize_row(self, row, model=None):
        prompt = row["prompt_length"]
        batch = {"prompt_input_ids": row["chosen_tokens"][:prompt], "prompt_attention_mask": [1] * prompt}
        for side in ("chosen", "rejected"):
            batch[f"{side}_input_ids"] = row[f"{side}_tokens"]
            batch[f"{side}_attention_mask"] = [1] * len(row[f"{side}_tokens"])
            batch[f"{side}_labels"] = row[f"{side}_targets"]
        return batch


class Orpo(Given, orpo.ORPOTrainer):
    pass


class Cpo(Given, cpo.CPOTrainer):
    pass


TRAINERS = {
    "dpo": (trl.DPOTrainer, trl.DPOConfig), "kto": (trl.KTOTrainer, trl.KTOConfig),
    "orpo": (Orpo, orpo.ORPOConfig), "cpo": (Cpo, cpo.CPOConfig),
}


def parts(ids, labels):
    """Prompt and answer of a row; what follows the last target is neither and has no part in a loss."""
    targets = [at for at, label in enumerate(labels) if label != -100]
    return ids[: targets[0]], ids[targets[0] : targets[-1] + 1]


def told(row):
    """A row with its answers as words."""
    prompt, answer = parts(row["input_ids"], row["labels"])
    if "label" in row:
        return {"prompt": words(prompt), "completion": words(answer), "label": row["label"]}
    rejected = parts(row["rejected_input_ids"], row["rejected_labels"])[1]
    return {
        "prompt": words(prompt), "chosen": words(answer), "rejected": words(rejected), "prompt_length": len(prompt),
        "chosen_tokens": row["input_ids"], "chosen_targets": row["labels"],
        "rejected_tokens": row["rejected_input_ids"], "rejected_targets": row["rejected_labels"],
    }


def main(asked, work):
    figures = {}
    tokenizer = transformers.AutoTokenizer.from_pretrained(asked["model"])
    for name, run in asked["runs"].items():
        rows = datasets.load_from_disk(run["dataset"])["train"]
        rows = datasets.Dataset.from_list([told(rows[at]) for step in run["order"] for at in step])
        model, extra = same_start.base(asked["model"]), {}
        if run["fresh"]:
            extra["peft_config"] = peft.LoraConfig.from_pretrained(run["start"])
            extra["peft_config"].inference_mode = False
        else:
            model = same_start.adapted(model, run["start"])
        trainer_of, config_of = TRAINERS[run["trainer"]]
        watch = same_start.Watch()
        trainer = trainer_of(
            model=model,
            args=config_of(
                output_dir=work, max_steps=len(run["order"]), per_device_train_batch_size=len(run["order"][0]) // run["accumulate"],
                gradient_accumulation_steps=run["accumulate"], train_sampling_strategy="sequential", learning_rate=run["rate"],
                lr_scheduler_type="constant", max_grad_norm=run["clip"], max_length=1024, remove_unused_columns=False,
                **run["settings"], **same_start.CPU,
            ),
            train_dataset=rows, processing_class=tokenizer, callbacks=[watch], **extra,
        )
        if run["fresh"]:
            loaded = peft.set_peft_model_state_dict(trainer.model, load_file(run["start"] + "/adapter_model.safetensors"))
            assert not loaded.unexpected_keys, loaded
        trainer.train()
        figures[name] = same_start.compare(trainer, watch, run["run"], run["start"])
    return figures


if __name__ == "__main__":
    print(json.dumps(main(json.load(open(sys.argv[1])), sys.argv[2])))
