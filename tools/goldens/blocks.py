#!/usr/bin/env python3
"""Writes Tests/KernelsTests/goldens/blocks.safetensors: for every block type of ggml random blocks
("q4_k.bytes", u8 (blocks, bytes)) and the floats they stand for ("q4_k.values", f32 (blocks, width)),
as the `gguf` package decodes them. Scales take all their extremes; all values are finite. Beside them
"f8_e4m3.values": the 256 numbers of E4M3 in order, as torch decodes them.

    pip install gguf==0.19.0 numpy==2.4.6 safetensors==0.8.0 torch==2.15.0
    python tools/goldens/blocks.py
"""
import importlib.metadata
import pathlib

import gguf
import numpy as np
import safetensors.numpy
import torch

FILE = pathlib.Path(__file__).resolve().parents[2] / "Tests/KernelsTests/goldens/blocks.safetensors"

# Where a block has its half-precision scales, and how many blocks are kept.
TYPES = {
    "q4_0": ([0], 64), "q4_1": ([0, 2], 64), "q5_0": ([0], 64), "q5_1": ([0, 2], 64),
    "q8_0": ([0], 64), "iq4_nl": ([0], 64), "mxfp4": ([], 64),
    "q2_k": ([80, 82], 24), "q3_k": ([108], 24), "q4_k": ([0, 2], 24), "q5_k": ([0, 2], 24),
    "q6_k": ([208], 24), "iq4_xs": ([0], 24),
}
# Both zeros, the smallest and the largest subnormal, the smallest and the largest normal half.
HALVES = [0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF, 0xFBFF]
EXPONENTS = [0, 1, 2, 3, 127, 128, 250]


def blocks_of(name, random):
    halves, count = TYPES[name]
    size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name.upper()]][1]
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    for number, block in enumerate(blocks):
        # The extremes first, each with the next as its companion; then anything finite.
        for place, offset in enumerate(halves):
            bits = HALVES[(number + place) % len(HALVES)]
            if number >= len(HALVES):
                bits = random.integers(0, 0x7C00) | random.integers(0, 2) << 15
            block[offset:offset + 2] = np.array([bits], np.uint16).view(np.uint8)
        if name == "mxfp4":
            block[0] = EXPONENTS[number] if number < len(EXPONENTS) else random.integers(0, 251)
        elif number % 8 == 6:
            # All other bits set, or none: the extremes of small scales and of quants.
            keep = {byte for offset in halves for byte in (offset, offset + 1)}
            for byte in set(range(size)) - keep:
                block[byte] = 255 if number % 16 == 6 else 0
    return blocks


def main():
    random = np.random.default_rng(20)
    tensors = {}
    for name in TYPES:
        blocks = blocks_of(name, random)
        values = gguf.dequantize(blocks, gguf.GGMLQuantizationType[name.upper()])
        assert np.isfinite(values).all(), name
        tensors[name + ".bytes"] = blocks
        tensors[name + ".values"] = np.ascontiguousarray(values, dtype=np.float32)
    every_byte = torch.arange(256, dtype=torch.uint8)
    tensors["f8_e4m3.values"] = every_byte.view(torch.float8_e4m3fn).float().numpy()
    FILE.parent.mkdir(parents=True, exist_ok=True)
    versions = {p: importlib.metadata.version(p) for p in ("gguf", "numpy", "torch")}
    safetensors.numpy.save_file(tensors, FILE, metadata=versions)


if __name__ == "__main__":
    main()
