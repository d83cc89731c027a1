"""Reads a run's event files with TensorBoard and compares them with the run's own lines.

Argument: run folder. Every number of metrics.jsonl and evaluations.jsonl must be there as float32, once, under its tag and step, and
nothing else. Prints tags and how many scalars there are.
"""
import json
import pathlib
import sys

import numpy
import tensorboard
from tensorboard.backend.event_processing import event_accumulator

run = pathlib.Path(sys.argv[1])


def lines(name):
    file = run / name
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


wanted = {}
for line in lines("metrics.jsonl"):
    values = {key: line[key] for key in ("grad_norm", "learning_rate", "tokens_per_second", "tokens", "seconds")}
    for name, value in {"loss": line["loss_nats"], **values, **line.get("more", {})}.items():
        wanted[f"train/{name}", line["step"]] = value
for line in lines("evaluations.jsonl"):
    for name, value in {"loss": line["loss_nats"], **line.get("more", {})}.items():
        wanted[f"validation/{name}", line["step"]] = value
    for name, value in line.get("scores", {}).items():
        wanted[f"benchmark/{name}", line["step"]] = value

events = event_accumulator.EventAccumulator(str(run / "tensorboard"), size_guidance={event_accumulator.SCALARS: 0})
events.Reload()
found = {}
for tag in events.Tags()["scalars"]:
    for scalar in events.Scalars(tag):
        assert (tag, scalar.step) not in found, f"{tag} has step {scalar.step} twice"
        found[tag, scalar.step] = scalar.value
assert set(found) == set(wanted), f"only in the lines: {sorted(set(wanted) - set(found))[:3]}, only in the events: {sorted(set(found) - set(wanted))[:3]}"
for (tag, step), value in wanted.items():
    near = numpy.array_equal(numpy.float32(value), numpy.float32(found[tag, step]), equal_nan=True)
    assert near, f"{tag} at step {step} is {found[tag, step]}, expected {value}"
print(json.dumps({"tensorboard": tensorboard.__version__, "tags": events.Tags()["scalars"], "scalars": len(found)}))
