"""TRL's packed LoRA training speed and memory: length 1024, batch 1, accumulation 4, float32 on the CPU.

Arguments: model folder, JSON Lines of messages (two turns each), optimizer steps, work folder, all or assistant (the tokens that the
loss is on). The first step is left out of the rate.
"""
import json
import sys
import time

import datasets
import peft
import torch
import transformers
import trl

folder, file, steps, work, loss_on = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
times, tokens = [], []


class Clock(transformers.TrainerCallback):
    def on_step_end(self, arguments, state, control, **more):
        times.append(time.monotonic())
        tokens.append(state.num_input_tokens_seen)


rows = [json.loads(line) for line in open(file)]
if loss_on == "assistant":
    rows = [{"prompt": row["messages"][:1], "completion": row["messages"][1:]} for row in rows]
rows = datasets.Dataset.from_list(rows)
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
trainer = trl.SFTTrainer(
    model=model,
    args=trl.SFTConfig(
        output_dir=work, max_steps=steps, per_device_train_batch_size=1, gradient_accumulation_steps=4, packing=True, max_length=1024,
        logging_steps=1, report_to=[], use_cpu=True, gradient_checkpointing=False, bf16=False, learning_rate=2e-4,
        lr_scheduler_type="constant", save_strategy="no", disable_tqdm=True, include_num_input_tokens_seen="all", seed=0,
    ),
    train_dataset=rows,
    processing_class=transformers.AutoTokenizer.from_pretrained(folder),
    peft_config=peft.LoraConfig(r=16, lora_alpha=32, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"),
    callbacks=[Clock()],
)
trainer.train()
seconds = times[-1] - times[0]
# Packed rows hold almost no padding; count real tokens where the trainer did not count.
counted = tokens[-1] - tokens[0]
if counted <= 0:
    counted = (steps - 1) * 4 * 1024
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
losses = [round(entry["loss"], 4) for entry in trainer.state.log_history if "loss" in entry]
print(json.dumps({"trl": trl.__version__, "tokens_per_second": round(counted / seconds, 1), "peak_bytes": peak, "losses": losses, "counted_tokens": int(counted)}))
