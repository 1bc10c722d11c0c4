#!/usr/bin/env python3
"""Writes Sources/Tokenization/UnicodeRanges.swift: which scalars the regular expressions of
Hugging Face `tokenizers` (Oniguruma) count as \\p{L}, \\p{N} and \\s.

    pip install tokenizers==0.23.3
    python tools/goldens/tokenizer_unicode.py

The classes are asked of the reference itself, scalar by scalar, so that they carry its version of
Unicode and not that of this machine.
"""
import pathlib

import tokenizers
from tokenizers import Regex
from tokenizers.pre_tokenizers import Split

TARGET = pathlib.Path(__file__).parents[2] / "Sources/Tokenization/UnicodeRanges.swift"
CHUNK = 4096


def members(pattern):
    split = Split(Regex(pattern), behavior="removed", invert=True)
    found = []
    for start in range(0, 0x110000, CHUNK):
        scalars = [c for c in range(start, start + CHUNK) if not 0xD800 <= c < 0xE000]
        text = "".join(map(chr, scalars))
        if text:
            found += [ord(piece) for piece, _ in split.pre_tokenize_str(text)]
    return found


def ranges(scalars):
    result = []
    for scalar in scalars:
        if result and result[-1][1] + 1 == scalar:
            result[-1][1] = scalar
        else:
            result.append([scalar, scalar])
    return result


def swift(name, comment, pattern):
    items = [f"0x{low:X}, 0x{high:X}," for low, high in ranges(members(pattern))]
    lines = []
    for item in items:
        if lines and len(lines[-1]) + 1 + len(item) <= 98:
            lines[-1] += " " + item
        else:
            lines.append("        " + item)
    return f"    /// {comment}\n    static let {name}: [UInt32] = [\n" + "\n".join(lines) + "\n    ]\n"


def main():
    text = (
        "// Made by tools/goldens/tokenizer_unicode.py with tokenizers "
        f"{tokenizers.__version__}. Do not edit.\n\n"
        "/// Scalar classes as the reference's regular expressions see them: first and last scalar\n"
        "/// of each range, ascending.\n"
        "enum UnicodeRanges {\n"
        + swift("letters", "`\\p{L}`", r"\p{L}")
        + "\n"
        + swift("numbers", "`\\p{N}`", r"\p{N}")
        + "\n"
        + swift("spaces", "`\\s`", r"\s")
        + "}\n"
    )
    TARGET.write_text(text)
    print(TARGET.name, len(text), "bytes")


if __name__ == "__main__":
    main()
