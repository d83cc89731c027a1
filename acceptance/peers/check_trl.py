"""Trains with TRL on exported packed rows, all of them in each optimizer step, with a fresh LoRA.

Arguments: model folder, folder of packed rows, work folder, steps. Prints the steps' losses; with B = 0 the first is that of the
base model.
"""
import json
import sys

import datasets
import peft
import torch
import transformers
import trl

folder, packed, work, steps = *sys.argv[1:4], int(sys.argv[4])
rows = datasets.load_from_disk(packed)
if isinstance(rows, datasets.DatasetDict):
    rows = rows["train"]
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
trainer = trl.SFTTrainer(
    model=model,
    args=trl.SFTConfig(
        output_dir=work, max_steps=steps, per_device_train_batch_size=1, gradient_accumulation_steps=len(rows), packing=False,
        padding_free=True, max_length=None, logging_steps=1, report_to=[], use_cpu=True, gradient_checkpointing=False, bf16=False,
        learning_rate=2e-4, lr_scheduler_type="constant", save_strategy="no", disable_tqdm=True, dataloader_num_workers=0,
    ),
    train_dataset=rows,
    processing_class=transformers.AutoTokenizer.from_pretrained(folder),
    peft_config=peft.LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.train()
log = [entry for entry in trainer.state.log_history if "loss" in entry]
print(
    json.dumps(
        {
            "trl": trl.__version__,
            "losses": [entry["loss"] for entry in log],
            "grad_norms": [entry["grad_norm"] for entry in log],
            "packs": len(rows),
        }
    )
)
