"""Packs a prepared dataset with TRL and reads Whetstone's plans of it.

Arguments: dataset folder, lengths. Prints per length, over all splits: tokens, packs of the plan, TRL's packs (bfd, as its trainer calls
it), and per split the least number that any packing could have.
"""
import collections
import json
import math
import pathlib
import sys

import datasets
import pyarrow
import trl
from trl.data_utils import pack_dataset

folder = pathlib.Path(sys.argv[1])
splits = datasets.load_from_disk(str(folder))
figures = {"trl": trl.__version__, "datasets": datasets.__version__, "lengths": {}}
for length in map(int, sys.argv[2:]):
    sums = collections.Counter()
    for name, rows in splits.items():
        lengths = [len(ids) for ids in rows["input_ids"]]
        with pyarrow.ipc.open_stream(folder / name / f"packs-{length}.arrow") as stream:
            plan = stream.read_all().to_pydict()
        packs = collections.Counter()
        for pack, row, tokens in zip(plan["pack"], plan["row"], plan["length"], strict=True):
            assert tokens == lengths[row], f"{name}: row {row} has {lengths[row]} tokens, the plan says {tokens}"
            packs[pack] += tokens
        assert sorted(plan["row"]) == list(range(len(lengths))), f"{name}: a row is lost or twice in the plan"
        assert not packs or max(packs.values()) <= length, f"{name}: a pack has {max(packs.values())} tokens"
        sums["rows"] += len(lengths)
        sums["tokens"] += sum(lengths)
        sums["packs"] += len(packs)
        sums["bound"] += math.ceil(sum(lengths) / length) + 1 if lengths else 0
        sums["trl_packs"] += len(pack_dataset(rows.select_columns(["input_ids"]), length, "bfd")) if lengths else 0
    figures["lengths"][length] = dict(sums)
print(json.dumps(figures))
