"""Makes the golden files of this folder, with gguf 0.19.0, safetensors 0.8.0, pyarrow 26.0.1:

    python make.py

Existing ones are never rewritten: a change of format gets a new name.
"""
import base64
import json
import os

import gguf
import numpy as np
import pyarrow as pa
from gguf import GGMLQuantizationType as T
from safetensors.numpy import save_file

HERE = os.path.dirname(os.path.abspath(__file__))


def here(name):
    path = os.path.join(HERE, name)
    return None if os.path.exists(path) else path


def gguf_v3(path):
    rng = np.random.default_rng(7)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_uint8("t.uint8", 200)
    writer.add_int8("t.int8", -5)
    writer.add_uint16("t.uint16", 60000)
    writer.add_int16("t.int16", -300)
    writer.add_uint32("t.uint32", 4000000000)
    writer.add_int32("t.int32", -70000)
    writer.add_float32("t.float32", 0.1)
    writer.add_uint64("t.uint64", 2**40)
    writer.add_int64("t.int64", -(2**40))
    writer.add_float64("t.float64", 0.1)
    writer.add_bool("t.bool", True)
    writer.add_string("t.string", "\u00e9\u4e2d\U0001f600")
    writer.add_array("t.strings", ["a", "", "b c"])
    writer.add_array("t.ints", [3, 1, 2])
    expected = {}
    for name, kind in [("f32", T.F32), ("f16", T.F16), ("bf16", T.BF16),
                       ("q4_0", T.Q4_0), ("q4_1", T.Q4_1), ("q8_0", T.Q8_0)]:
        values = (rng.standard_normal((3, 64)) * rng.choice([1e-4, 1, 300], (3, 64))).astype(np.float32)
        data = gguf.quantize(values, kind)
        writer.add_tensor(name, data, raw_dtype=kind)
        floats = gguf.dequantize(data, kind).astype(np.float32)
        expected[name] = {"shape": list(floats.shape), "bits": floats.view(np.int32).flatten().tolist()}
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with open(os.path.join(HERE, "gguf-v3.json"), "w") as out:
        json.dump(expected, out)


def gguf_quants(path):
    """Every quantisation: 2 rows of 512 elements, random bits with finite scales; gguf has no quantiser for the K ones."""
    rng = np.random.default_rng(11)
    writer = gguf.GGUFWriter(path, "llama")
    expected = {}
    # Where the float16 scales of a block stand.
    for kind, halves in [(T.Q4_0, [0]), (T.Q4_1, [0, 2]), (T.Q5_0, [0]), (T.Q5_1, [0, 2]), (T.Q8_0, [0]), (T.Q2_K, [80, 82]),
                         (T.Q3_K, [108]), (T.Q4_K, [0, 2]), (T.Q5_K, [0, 2]), (T.Q6_K, [208])]:
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = rng.integers(0, 256, (1024 // elements, size), dtype=np.uint8)
        for at in halves:
            scales = (rng.standard_normal(len(blocks)) * rng.choice([1e-5, 1e-2, 1, 300], len(blocks))).astype(np.float16)
            blocks[:, at:at + 2] = scales.view(np.uint8).reshape(-1, 2)
        data = blocks.reshape(2, -1)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        floats = gguf.dequantize(data, kind).astype("<f4")
        assert floats.shape == (2, 512) and np.isfinite(floats).all()
        expected[kind.name] = base64.b64encode(floats.tobytes()).decode()
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with open(os.path.join(HERE, "gguf-quants-1.json"), "w") as out:
        json.dump({"gguf": "0.19.0", "numpy": np.__version__, "seed": 11, "float32": expected}, out, indent=1)


def gguf_written(path):
    """What our writer has to equal byte for byte: hard blocks, and tensors whose sizes are no multiples of the alignment."""
    rng = np.random.default_rng(13)
    values = (rng.standard_normal((7, 96)) * rng.choice([1e-7, 1e-3, 1, 300], (7, 96))).astype(np.float32)
    values[0, :32] = 0
    values[1, :32] = -0.0
    values[2, :32] = np.arange(-16, 16)  # ties between codes
    values[3, :32] = np.tile([1, -1], 16)  # which of the largest decides
    values[4, :32] = 2.0**-100  # the scale is 0 as float16
    values[5, :32] = rng.choice([-127.5, -0.5, 0.5, 1.5, 127], 32)
    odd = rng.standard_normal((3, 5)).astype(np.float32)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_uint32("t.count", 4000000000)
    writer.add_float32("t.real", 0.1)
    writer.add_bool("t.flag", False)
    writer.add_string("t.text", "\u00e9\u4e2d\U0001f600")
    writer.add_array("t.texts", ["a", "", "b c"])
    writer.add_array("t.ints", [3, -1, 2])
    writer.add_array("t.reals", [0.5, -1e-3])
    for kind in (T.F32, T.F16, T.BF16, T.Q8_0, T.Q4_0):
        writer.add_tensor(kind.name, gguf.quantize(values, kind), raw_dtype=kind)
        if kind in (T.F32, T.F16, T.BF16):
            writer.add_tensor(kind.name + ".odd", gguf.quantize(odd, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    inputs = {"values": base64.b64encode(values.tobytes()).decode(), "odd": base64.b64encode(odd.tobytes()).decode()}
    with open(os.path.join(HERE, "gguf-written-1.json"), "w") as out:
        json.dump({"gguf": "0.19.0", "numpy": np.__version__, "seed": 13, "float32": inputs}, out, indent=1)


if path := here("gguf-v3.gguf"):
    gguf_v3(path)
if path := here("gguf-quants-1.gguf"):
    gguf_quants(path)
if path := here("gguf-written-1.gguf"):
    gguf_written(path)
if path := here("two-tensors.safetensors"):
    save_file({"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.float32([-0.5])}, path, {"format": "pt"})
if path := here("tokens.arrow"):
    rows = pa.table({
        "id": ["first", "second", "third"],
        "messages": [[{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]] * 3,
        "input_ids": pa.array([[1, 2, 3], [4], []], pa.list_(pa.int32())),
        "labels": pa.array([[-100, 2, 3], [-100], []], pa.list_(pa.int32())),
    })
    with pa.OSFile(path, "wb") as out, pa.ipc.new_stream(out, rows.schema) as stream:
        stream.write_table(rows, max_chunksize=2)
