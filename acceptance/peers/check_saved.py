"""What Hugging Face datasets, of the version that runs this, makes of folders of Spark's hf-arrow, and folders of its own.

check_saved.py open FOLDER: every dataset in it has the rows of the JSON Lines beside it, by load_from_disk and by load_dataset.
check_saved.py save FOLDER: saves datasets of every kind of column, their rows as JSON Lines beside them.
check_saved.py same FOLDER: the rows that Spark read from them (FOLDER/<name>.jsonl) are those that were saved.
"""
import base64
import datetime
import decimal
import json
import pathlib
import sys

import datasets
import pyarrow as pa

datasets.disable_progress_bars()


def plain(value):
    """A value as Spark's JSON has it."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime):
        text = value.isoformat(timespec="milliseconds" if value.microsecond % 1000 == 0 else "microseconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def lines(file):
    return [plain(json.loads(line)) for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines()]


def compare(name, found, expected):
    found = [plain(row) for row in found]
    assert len(found) == len(expected), f"{name}: {len(found)} rows, expected {len(expected)}"
    for number, (ours, theirs) in enumerate(zip(expected, found)):
        assert ours == theirs, f"{name}, row {number}: {theirs}, expected {ours}"
    return len(found)


def opened(folder):
    figures = {}
    for name in ("messages", "tokens", "preference"):
        splits = datasets.load_from_disk(str(folder / name))
        assert list(splits) == ["train", "validation", "test"], list(splits)
        for split, rows in splits.items():
            assert str(rows.split) == split
            figures[f"{name}/{split}"] = compare(f"{name}/{split}", rows, lines(folder / name / f"{split}.jsonl"))
    for name in ("types", "empty"):
        figures[name] = compare(name, datasets.load_from_disk(str(folder / name)), lines(folder / f"{name}.jsonl"))
    # A trainer maps and filters, and finds its caches again.
    rows = datasets.load_from_disk(str(folder / "messages/train"))
    assert sum(rows.map(lambda row: {"turns": len(row["messages"])})["turns"]) == 2 * len(rows)
    for name in ("messages/train", "tokens/train", "preference/validation"):
        files = sorted(str(f) for f in (folder / name / "data").glob("data-*.arrow"))
        rows = datasets.load_dataset("arrow", data_files=files, split="train")
        compare(f"{name} by load_dataset", rows, lines(folder / f"{name}.jsonl"))
    return figures


def save(folder):
    table = pa.table({
        "id": pa.array(range(3000), pa.int64()),
        "large": pa.array([f"第{i}行" if i % 5 else None for i in range(3000)], pa.large_string()),
        "answer": pa.array(["yes", "no", None] * 1000).dictionary_encode(),
        "fixed": pa.array([[i, i + 1] for i in range(3000)], pa.list_(pa.int32(), 2)),
        "ids": pa.array([list(range(i % 7)) for i in range(3000)], pa.large_list(pa.int64())),
        "u32": pa.array([4_000_000_000] * 3000, pa.uint32()),
        "half": pa.array([1.5] * 3000, pa.float32()).cast(pa.float16()),
        "seconds": pa.array([1_700_000_000] * 3000, pa.timestamp("s")),
        "messages": pa.array([[{"role": "user", "content": f"q{i}"}] for i in range(3000)]),
    })
    rows = datasets.Dataset(table)
    rows.save_to_disk(str(folder / "columns"), num_shards=3)
    features = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])})
    made = datasets.Dataset.from_dict({"text": [f"t{i}" for i in range(50)], "label": [i % 2 for i in range(50)]}, features=features)
    # A choice of rows in another order: written as such.
    made.shuffle(seed=1).select(range(20)).save_to_disk(str(folder / "chosen"))
    datasets.DatasetDict({"train": made}).save_to_disk(str(folder / "dict"))
    # Other writers compress.
    for codec in ("lz4", "zstd"):
        made.select([3, 1, 2]).save_to_disk(str(folder / codec))
        shard = next((folder / codec).glob("data-*.arrow"))
        rewritten = pa.ipc.open_stream(shard.read_bytes()).read_all()
        with pa.ipc.new_stream(str(shard), rewritten.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as stream:
            stream.write_table(rewritten)
    return {}


def same(folder):
    figures = {}
    for name in sorted(f.name for f in folder.iterdir() if f.is_dir()):
        rows = datasets.load_from_disk(str(folder / name))
        rows = rows["train"] if isinstance(rows, datasets.DatasetDict) else rows
        expected = [plain(row) for row in rows]
        figures[name] = compare(name, lines(folder / f"{name}.jsonl"), expected)
    return figures


folder = pathlib.Path(sys.argv[2])
made = {"open": opened, "save": save, "same": same}[sys.argv[1]](folder)
print(json.dumps({"datasets": datasets.__version__, "pyarrow": pa.__version__, **made}))
