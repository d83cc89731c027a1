"""What datatrove does in a second on one core: the twin of benchmarks/DatasetsSpeed.java.

Arguments: text.jsonl of benchmarks/datasets/write_corpus.py, number of documents, rounds of which the fastest counts; prints rates of
its own code on documents in memory, by
processor time. Or: text.jsonl, number of documents, `whole`, a folder to work in: near-duplicate removal by its
four stages, one worker, from file to file; the time of the process is what counts, and the documents that stay are printed.
"""
import importlib.metadata
import itertools
import json
import os
import pathlib
import sys
import time

os.environ["LOGURU_LEVEL"] = "ERROR"

from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

file, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
config = MinhashConfig()  # 14 buckets of 8 hashes, word 5-grams


def peak_bytes():
    peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
    return int(peak.split()[1]) << 10


def whole(work):
    reader = dict(data_folder=str(file.parent), glob_pattern=file.name, limit=count, text_key="text", id_key="id")
    folder = {name: str(work / name) for name in ("signatures", "buckets", "remove", "kept")}
    stages = [
        (1, [JsonlReader(**reader), MinhashDedupSignature(output_folder=folder["signatures"], config=config)]),
        (
            config.num_buckets,
            [MinhashDedupBuckets(input_folder=folder["signatures"], output_folder=folder["buckets"], config=config)],
        ),
        (1, [MinhashDedupCluster(input_folder=folder["buckets"], output_folder=folder["remove"], config=config)]),
        (
            1,
            [
                JsonlReader(**reader),
                MinhashDedupFilter(input_folder=folder["remove"]),
                JsonlWriter(folder["kept"], output_filename="${rank}.jsonl", compression=None),
            ],
        ),
    ]
    seconds = []
    for number, (tasks, pipeline) in enumerate(stages):
        start = time.perf_counter()
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=str(work / f"log-{number}")).run()
        seconds.append(round(time.perf_counter() - start, 2))
    with open(next((work / "kept").glob("*.jsonl"))) as kept:
        return {"stage_seconds": seconds, "kept": sum(1 for _ in kept)}


def best(rounds, work):
    fastest = float("inf")
    for _ in range(rounds):
        documents = [Document(text=row["text"], id=row["id"]) for row in rows]
        start = time.process_time()
        work(documents)
        fastest = min(fastest, time.process_time() - start)
    return len(rows) / fastest


def signatures(documents):
    # The bare computation: stage 1 also writes and sorts them.
    for document in documents:
        shingles = step.get_shingles(document.text)
        if shingles.size:
            step.get_signature(shingles)


def gopher(documents):
    # As in a pipeline: what the first filter refuses does not come to the second.
    for document in documents:
        if quality.filter(document) is True:
            repetition.filter(document)


if len(sys.argv) > 4:
    figures = whole(pathlib.Path(sys.argv[4]))
else:
    with open(file) as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, count)]
    step = MinhashDedupSignature(output_folder="/tmp", config=config)
    quality, repetition = GopherQualityFilter(), GopherRepetitionFilter()
    signatures([Document(text=row["text"], id=row["id"]) for row in rows[:50]])  # loads its tokenizer
    rounds = int(sys.argv[3])
    figures = {
        "bytes": sum(len(row["text"].encode()) for row in rows),
        "signatures_documents_per_second": best(rounds, signatures),
        "gopher_documents_per_second": best(rounds, gopher),
    }
print(json.dumps({"datatrove": importlib.metadata.version("datatrove"), "documents": count, **figures, "peak_bytes": peak_bytes()}))
