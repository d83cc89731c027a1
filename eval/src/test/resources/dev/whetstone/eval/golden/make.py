"""Makes the samples files beside this script: what lm-evaluation-harness 0.4.13 (datasets 5.2, Python 3.11) logs for the
tiny tasks here under a made-up model whose answers are hashes. Run it in its own folder: python make.py
"""
import hashlib
import json
import pathlib
import shutil
import tempfile

import jinja2
import lm_eval
from lm_eval.api.model import LM
from lm_eval.loggers import EvaluationTracker
from lm_eval.tasks import TaskManager

TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}</{{ message['role'] }}>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
TEXTS = ["#### 4", " 1,001", "Seven", "it is $7 or 8", "lol", "ONE"]


class HashModel(LM):
    tokenizer_name = "hash"

    def loglikelihood(self, requests, disable_tqdm=False):
        return [(-(self.number(r.args) % 512) / 8, self.number(r.args) % 3 == 0) for r in requests]

    def generate_until(self, requests, disable_tqdm=False):
        return [TEXTS[self.number(r.args[:1]) % len(TEXTS)] for r in requests]

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError

    def apply_chat_template(self, chat_history, add_generation_prompt=True):
        text = jinja2.Template(TEMPLATE).render(messages=chat_history, add_generation_prompt=add_generation_prompt)
        return text if add_generation_prompt else text[: text.rindex("</assistant>")]

    def chat_template(self, chat_template=False):
        return TEMPLATE

    @staticmethod
    def number(texts):
        return int.from_bytes(hashlib.sha256("\0".join(texts).encode()).digest()[:4], "big")


def run(name, tasks, **options):
    with tempfile.TemporaryDirectory() as folder:
        tracker = EvaluationTracker(output_path=folder)
        results = lm_eval.simple_evaluate(
            model=HashModel(),
            tasks=tasks,
            task_manager=TaskManager(include_path=".", include_defaults=False),
            evaluation_tracker=tracker,
            log_samples=True,
            bootstrap_iters=1000,
            **options,
        )
        samples = results.pop("samples")
        tracker.save_results_aggregated(results=results, samples=samples)
        for task in tasks:
            tracker.save_results_samples(task_name=task, samples=samples[task])
            (written,) = pathlib.Path(folder).rglob(f"samples_{task}_*.jsonl")
            shutil.copy(written, f"{name}-{task}.samples.jsonl")
        (written,) = pathlib.Path(folder).rglob("results_*.json")
        whole = json.loads(written.read_text())
        kept = {key: whole[key] for key in ("results", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "task_hashes")}
        for config in kept["configs"].values():
            config["metadata"].pop("config_source")
        pathlib.Path(f"{name}.results.json").write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")


ALL = ["tiny_choice", "tiny_letters", "tiny_blank", "tiny_sums", "tiny_names", "tiny_next"]
run("plain", ALL, fewshot_as_multiturn=False)
run("chat", ALL, apply_chat_template=True, fewshot_as_multiturn=True, system_instruction="Be brief.")
run("chat-single", ALL, apply_chat_template=True, fewshot_as_multiturn=False, num_fewshot=1, limit=2)
