"""Reads a run's event files with both of TensorBoard's readers and compares them with the run's own lines.

Argument: run folder. Every number of metrics.jsonl and evaluations.jsonl must be there as float32, once, under its tag and step, and
nothing else. Prints tags and how many scalars there are.
"""
import json
import pathlib
import sys

import numpy
import tensorboard
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator, tag_types
from tensorboard.util import tensor_util

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

folder = str(run / "tensorboard")
old = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.SCALARS: 0})
new = plugin_event_accumulator.EventAccumulator(folder, size_guidance={tag_types.TENSORS: 0})
for events in (old, new):
    events.Reload()
    found = {}
    for tag in events.Tags()["scalars" if events is old else tag_types.TENSORS]:
        for point in events.Scalars(tag) if events is old else events.Tensors(tag):
            assert (tag, point.step) not in found, f"{tag} has step {point.step} twice"
            found[tag, point.step] = point.value if events is old else tensor_util.make_ndarray(point.tensor_proto).item()
    missing, foreign = sorted(set(wanted) - set(found))[:3], sorted(set(found) - set(wanted))[:3]
    assert not missing and not foreign, f"only in the lines: {missing}, only in the events: {foreign}"
    for (tag, step), value in wanted.items():
        same = numpy.array_equal(numpy.float32(value), numpy.float32(found[tag, step]), equal_nan=True)
        assert same, f"{tag} at step {step} is {found[tag, step]}, expected {value}"
print(json.dumps({"tensorboard": tensorboard.__version__, "tags": sorted({tag for tag, _ in wanted}), "scalars": len(wanted)}))
