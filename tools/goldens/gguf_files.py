#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/goldens/all.gguf, with all types of metadata and several of tensors, and
split-0000N-of-00003.gguf, a model in three parts; and what gguf_check.py finds in them, as JSON.

    pip install gguf==0.19.0
    python tools/goldens/gguf_files.py
"""
import json
import pathlib

import gguf
import gguf_check
import numpy as np
from gguf import GGMLQuantizationType as Type, GGUFValueType

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/ModelFilesTests/goldens"


def add_metadata(writer):
    writer.add_string("text", 'naïve "quotes"\n日本')
    writer.add_uint8("u8", 255)
    writer.add_int8("i8", -128)
    writer.add_uint16("u16", 65535)
    writer.add_int16("i16", -32768)
    writer.add_uint32("u32", 4294967295)
    writer.add_int32("i32", -2147483648)
    writer.add_uint64("u64", 9007199254740993)
    writer.add_uint64("u64.most", 18446744073709551615)
    writer.add_int64("i64", -9223372036854775808)
    writer.add_float32("f32", 0.1)
    writer.add_float64("f64", 0.1)
    writer.add_bool("yes", True)
    writer.add_bool("no", False)
    arrays = {
        "UINT8": [0, 255], "INT8": [-128, 127], "UINT16": [65535], "INT16": [-1, 1],
        "UINT32": [4294967295, 0], "INT32": [-5, 5, 7], "UINT64": [1 << 40], "INT64": [-1 << 40],
        "FLOAT32": [0.5, -1e30], "FLOAT64": [0.1, 1e300], "BOOL": [True, False, True],
    }
    for name, values in arrays.items():
        writer.add_key_value(
            f"array.{name.lower()}", values, GGUFValueType.ARRAY, GGUFValueType[name])
    writer.add_array("array.strings", ["", "a", "ü", "a" * 40])
    writer.add_array("array.bytes", [b"ok", b"\xff\xfe", b"\xe2\x82"])
    writer.add_array("array.nested", [[1, 2], [3], [4, 5, 6]])


def add_tensors(writer):
    random = np.random.default_rng(3)
    values = random.standard_normal((2, 3, 32)).astype(np.float32)
    writer.add_tensor("f32", values)
    writer.add_tensor("f16", values[0].astype(np.float16))
    writer.add_tensor("f64", values[0, 0, :3].astype(np.float64))
    for kind in ("int8", "int16", "int32", "int64"):
        writer.add_tensor(kind, np.array([[-3, 0, 7]], dtype=kind))
    for kind in (Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.MXFP4):
        data = gguf.quants.quantize(values, kind)
        writer.add_tensor(kind.name.lower(), data, raw_dtype=kind)
    data = random.integers(0, 64, (2, 144), dtype=np.uint8)
    writer.add_tensor("q4_k", data, raw_dtype=Type.Q4_K)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    writer = gguf.GGUFWriter(FOLDER / "all.gguf", "test")
    writer.add_custom_alignment(64)
    add_metadata(writer)
    add_tensors(writer)
    finish(writer)
    (FOLDER / "all.json").write_text(json.dumps(gguf_check.describe(FOLDER / "all.gguf")) + "\n")

    writer = gguf.GGUFWriter(FOLDER / "split.gguf", "test", split_max_tensors=2)
    for number in range(5):
        writer.add_tensor(f"t{number}", np.full((1, 3), number, dtype=np.float32))
    finish(writer)


if __name__ == "__main__":
    main()
