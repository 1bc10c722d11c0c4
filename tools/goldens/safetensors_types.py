#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/goldens/types.safetensors and types.json: a tensor of every type that
ModelFiles reads, saved by Python, and its values as floats.

    pip install torch==2.15.0 safetensors==0.8.0
    python tools/goldens/safetensors_types.py
"""
import json
import pathlib

import safetensors
import safetensors.torch
import torch

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/ModelFilesTests/goldens"


def every_byte(dtype):
    return torch.arange(256, dtype=torch.uint8).view(dtype)


def main():
    numbers = torch.tensor([[0.0, -0.0, 1.5], [-2.25, 65504.0, 6e-8]])
    integers = torch.tensor([0, 1, 2, 100, 127])
    tensors = {
        "f64": numbers.double(), "f32": numbers, "f16": numbers.half(),
        "bf16": numbers.bfloat16(), "f8_e4m3": every_byte(torch.float8_e4m3fn),
        "f8_e5m2": every_byte(torch.float8_e5m2), "f8_e8m0": every_byte(torch.float8_e8m0fnu),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(3.0), "empty": torch.zeros(0, 4),
    }
    for bits in (8, 16, 32, 64):
        tensors[f"i{bits}"] = -integers.to(getattr(torch, f"int{bits}"))
        tensors[f"u{bits}"] = integers.to(getattr(torch, f"uint{bits}"))
    FOLDER.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file(tensors, FOLDER / "types.safetensors")
    expected = {
        name: {"shape": list(tensor.shape),
               # Bit patterns: JSON has no infinities and no not-a-number.
               "bits": tensor.float().flatten().view(torch.int32).tolist()}
        for name, tensor in tensors.items()
    }
    (FOLDER / "types.json").write_text(json.dumps({
        "safetensors": safetensors.__version__, "torch": torch.__version__,
        "tensors": expected}) + "\n")


if __name__ == "__main__":
    main()
