#!/usr/bin/env python3
"""Prints what the gguf package finds in a GGUF file, as JSON: metadata with types, tensors with type,
shape (outermost dimension first) and the bits of their values as floats.

    pip install gguf==0.19.0
    python tools/goldens/gguf_check.py FILE
"""
import json
import sys

import gguf
import numpy as np
from gguf import GGUFValueType


def text(part):
    return part.tobytes().decode("utf-8", "replace")


def value(field):
    """Arrays in arrays come out flat, because the package reads them so."""
    if field.types[-1] == GGUFValueType.STRING:
        values = [text(field.parts[index]) for index in field.data]
    else:
        values = [item for index in field.data for item in field.parts[index].tolist()]
    return values if field.types[0] == GGUFValueType.ARRAY else values[0]


def floats(tensor):
    """The package dequantises; it has no way from integers to floats."""
    data = tensor.data
    if tensor.tensor_type.name[0] in "IF" and not tensor.tensor_type.name.startswith("IQ"):
        return data.astype(np.float32)
    return gguf.quants.dequantize(data, tensor.tensor_type)


def describe(path):
    reader = gguf.GGUFReader(path)
    return {
        "metadata": {
            name: {"types": [kind.name.lower() for kind in field.types], "value": value(field)}
            for name, field in reader.fields.items() if not name.startswith("GGUF.")},
        "tensors": {
            tensor.name: {
                "type": tensor.tensor_type.name.lower(),
                "shape": [int(size) for size in reversed(tensor.shape)],
                "bits": floats(tensor).flatten().view(np.int32).tolist()}
            for tensor in reader.tensors},
    }


if __name__ == "__main__":
    print(json.dumps(describe(sys.argv[1])))
