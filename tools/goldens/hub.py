#!/usr/bin/env python3
"""Writes Tests/HubTests/goldens/contents.json: digests of files that the tests' hub serves.

    python tools/goldens/hub.py

Reference: Python's hashlib for SHA-256; git's object format (`git hash-object`) for the others.
"""
import hashlib
import json
import pathlib

FILE = pathlib.Path(__file__).resolve().parents[2] / "Tests/HubTests/goldens/contents.json"
SIZES = [700, 5000, 1_000_000, 300_000, 1_000_000, 200_000, 200_001, 0, 60_000]


def content(seed, size):
    """The low bytes of a linear congruential generator; Contents.swift makes the same."""
    data, x = bytearray(), seed
    for _ in range(size):
        x = (x * 1103515245 + 12345) & 0xFFFFFFFF
        data.append(x >> 16 & 0xFF)
    return bytes(data)


def main():
    rows = []
    for seed, size in enumerate(SIZES):
        data = content(seed, size)
        blob = hashlib.sha1(b"blob %d\0" % size + data).hexdigest()
        rows.append({"seed": seed, "size": size, "sha256": hashlib.sha256(data).hexdigest(),
                     "git": blob})
    FILE.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
