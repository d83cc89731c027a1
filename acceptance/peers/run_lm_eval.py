"""Runs lm-evaluation-harness's hf model in float32 on the CPU and times its request loop alone.

Arguments: model folder, tasks (comma-separated), folder of task files, batch size or auto, output file (results and samples as
JSON), and, where not all documents are to be asked, how many of each task.
"""
import json
import sys
import time

import lm_eval
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from lm_eval.loggers import EvaluationTracker

folder, names, include, batch, output = sys.argv[1], sys.argv[2].split(","), sys.argv[3], sys.argv[4], sys.argv[5]
batch = batch if batch == "auto" else int(batch)
limit = int(sys.argv[6]) if len(sys.argv) > 6 else None
seconds = 0.0


def timed(method):
    def run(self, *arguments, **keywords):
        global seconds
        start = time.monotonic()
        try:
            return method(self, *arguments, **keywords)
        finally:
            seconds += time.monotonic() - start

    return run


HFLM.loglikelihood = timed(HFLM.loglikelihood)
HFLM.generate_until = timed(HFLM.generate_until)
tracker = EvaluationTracker()
results = lm_eval.simple_evaluate(
    model=HFLM(pretrained=folder, dtype="float32", device="cpu", batch_size=batch),
    tasks=names,
    task_manager=TaskManager(include_path=include, include_defaults=False),
    log_samples=True,
    limit=limit,
    bootstrap_iters=0,
)
samples = results.pop("samples")
hashes = {}
import hashlib

for name, rows in samples.items():
    # evaluation_tracker.py, save_results_aggregated: the hash of all rows' hashes in order.
    joined = "".join(row["doc_hash"] + row["prompt_hash"] + row["target_hash"] for row in rows)
    hashes[name] = hashlib.sha256(joined.encode()).hexdigest()
with open(output, "w") as file:
    json.dump({"results": results["results"], "task_hashes": hashes, "samples": samples}, file, default=str)
print(json.dumps({"lm_eval": lm_eval.__version__, "request_seconds": round(seconds, 2)}))
