#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/goldens/blocks.safetensors: random blocks of every ggml format that
ModelFiles decodes, and the floats that the gguf package makes of them, or ggml's own library where the
package has none; and quantised.safetensors: rows
of floats, and the blocks that the package makes of those, for the formats it can quantise.

    pip install gguf==0.19.0 safetensors==0.8.0 llama-cpp-python==0.3.36
    python tools/goldens/gguf_blocks.py
    python tools/goldens/gguf_blocks.py --count 10000 --out FILE    # then TOKENMILL_BLOCKS=FILE
    python tools/goldens/gguf_blocks.py --rows 10000 --out FILE     # then TOKENMILL_QUANTISED=FILE
"""
import argparse
import ctypes
import pathlib

import gguf
import llama_cpp
import numpy as np
import safetensors.numpy
from gguf import GGMLQuantizationType as Type

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/ModelFilesTests/goldens"

# Where the half-precision floats of a block are.
HALVES = {
    Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
    Type.Q2_K: [80, 82], Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208],
    Type.IQ4_NL: [0], Type.IQ4_XS: [0], Type.MXFP4: [], Type.NVFP4: [], Type.TQ1_0: [52],
    Type.TQ2_0: [64],
}
# Formats that the package only knows the name of: values and bytes of a block, which begins with its
# half-precision float.
GGML_ONLY = {"q1_0": (128, 18), "q2_0": (64, 18)}
# How many blocks are kept, by their width.
COUNTS = {32: 100, 256: 25}
QUANTISABLE = [Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.MXFP4, Type.BF16]


def save(tensors, path):
    safetensors.numpy.save_file(
        {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, path,
        metadata={"gguf": "0.19.0", "numpy": np.__version__,
                  "llama-cpp-python": llama_cpp.__version__})


def blocks(random, size, places, count):
    """Any bytes, and any half-precision scales but infinities and not-a-number."""
    data = random.integers(0, 256, (count, size), dtype=np.uint8)
    for place in places:
        halves = random.integers(0, 1 << 16, count).astype(np.uint16)
        halves = np.where(halves & 0x7C00 == 0x7C00, halves & 0xBFFF, halves).astype(np.uint16)
        data[:, place:place + 2] = halves.view(np.uint8).reshape(count, 2)
    return data


def decoded_by_ggml(name, data, width):
    folder = pathlib.Path(llama_cpp.__file__).parent / "lib"
    function = getattr(ctypes.CDLL(str(folder / "libggml-base.so")), f"dequantize_row_{name}")
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    values = np.zeros((len(data), width), np.float32)
    function(data.ctypes.data, values.ctypes.data, values.size)
    return values


def decoded(count):
    random = np.random.default_rng(1)
    tensors = {}
    for kind in HALVES:
        width, size = gguf.GGML_QUANT_SIZES[kind]
        data = blocks(random, size, HALVES[kind], count or COUNTS.get(width, 8))
        tensors[f"{kind.name.lower()}.blocks"] = data
        tensors[f"{kind.name.lower()}.floats"] = gguf.quants.dequantize(data, kind)
    for name, (width, size) in GGML_ONLY.items():
        data = blocks(random, size, [0], count or 8)
        tensors[f"{name}.blocks"] = data
        tensors[f"{name}.floats"] = decoded_by_ggml(name, data, width)
    return tensors


def rows(count):
    """Rows of 256 with the shapes that weights have, and those that break quantisers."""
    random = np.random.default_rng(2)
    scale = np.exp2(random.uniform(-12, 6, (count, 8, 1)))
    values = random.standard_normal((count, 8, 32)) * scale
    values = values.astype(np.float32)
    for row in values:
        kind = random.integers(0, 10)
        block = row[random.integers(0, 8)]
        if kind == 0:
            block[:] = 0
        elif kind == 1:  # ties: multiples of half a step
            block[:] = random.integers(-16, 16, 32) * np.float32(0.5)
        elif kind == 2:  # one outlier
            block[random.integers(0, 32)] *= 100
        elif kind == 3:  # one sign
            block[:] = abs(block)
        elif kind == 4:
            block[:] = block[0]
        elif kind == 5:  # the largest is a power of two, or its neighbour
            power = np.float32(2.0 ** random.integers(-10, 5))
            block *= power / 2 / abs(block).max()
            block[3] = np.nextafter(power, np.float32(random.integers(0, 3)) * power)
        elif kind == 6:  # the two largest differ in sign only
            block[5], block[20] = abs(block).max() * np.float32(2) * np.array([-1, 1])
        elif kind == 7:
            block[random.random(32) < 0.5] = -0.0
    return values.reshape(count, 256)


def quantised(count):
    values = rows(count or 60)
    tensors = {"rows": values}
    for kind in QUANTISABLE:
        tensors[kind.name.lower()] = gguf.quants.quantize(values, kind).view(np.uint8)
    tensors["f16"] = values.astype(np.float16).view(np.uint8)
    return tensors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, help="blocks of each format")
    parser.add_argument("--rows", type=int, help="rows to quantise")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    if options.rows:
        return save(quantised(options.rows), options.out)
    if options.count:
        return save(decoded(options.count), options.out)
    save(decoded(None), FOLDER / "blocks.safetensors")
    save(quantised(None), FOLDER / "quantised.safetensors")


if __name__ == "__main__":
    main()
