#!/usr/bin/env python3
"""Writes the Unicode tables of Sources/Tokenization: what Hugging Face `tokenizers` knows of each
scalar, in its regular expressions (Oniguruma), its pre-tokenizers and its normalizers.

    pip install tokenizers==0.23.3
    python tools/goldens/tokenizer_unicode.py

Everything is asked of the reference itself, scalar by scalar, so that the tables carry its versions
of Unicode (it has several) and not that of this machine. Takes a minute.
"""
import pathlib
import unicodedata

import tokenizers
from tokenizers import Regex, normalizers
from tokenizers.pre_tokenizers import Digits, Punctuation, Split, Whitespace, WhitespaceSplit

TARGET = pathlib.Path(__file__).parents[2] / "Sources/Tokenization"
CHUNK = 4096
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = (
    "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn"
).split()
OLDEST = (14, 0, 0)
SCRIPTS = (
    "Arabic Bengali Cyrillic Devanagari Greek Han Hangul Hebrew Hiragana Katakana Khmer Lao Latin "
    "Myanmar Tamil Telugu Thai Tibetan"
).split()


def kept(pre_tokenizer):
    """The scalars that a pre-tokenizer which removes all else leaves."""
    found = []
    for start in range(0, len(SCALARS), CHUNK):
        text = "".join(map(chr, SCALARS[start:start + CHUNK]))
        found += [ord(c) for piece, _ in pre_tokenizer.pre_tokenize_str(text) for c in piece]
    return set(found)


def members(pattern):
    return kept(Split(Regex(pattern), behavior="removed", invert=True))


def joins(pre_tokenizer, left, right):
    """The scalars that stay in one piece with their neighbours."""
    return {
        c for c in SCALARS
        if len(pre_tokenizer.pre_tokenize_str(left + chr(c) + right)) == 1
    }


def ranges(scalars):
    result = []
    for scalar in sorted(scalars):
        if result and result[-1][1] + 1 == scalar:
            result[-1][1] = scalar
        else:
            result.append([scalar, scalar])
    return result


def wrapped(items, separator=" "):
    """A multi-line string literal without line breaks in its value."""
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) + 1 > 88:
            lines.append("")
        lines[-1] += item + separator
    text = "\\\n".join("        " + line for line in lines).rstrip()
    return f'"""\n{text}\n        """'


def literal(name, comment, items):
    return f"    /// {comment}\n    static let {name}: String = {wrapped(items)}\n"


def gaps(scalars):
    """Each range as the gap before it and its length."""
    items, end = [], 0
    for low, high in ranges(scalars):
        items += [f"{low - end:x}", f"{high - low + 1:x}"]
        end = high + 1
    return items


def head(comment):
    return (
        f"// Made by tools/goldens/tokenizer_unicode.py with tokenizers {tokenizers.__version__}. "
        f"Do not edit.\n\n{comment}"
    )


def write(name, text):
    (TARGET / name).write_text(text)
    print(name, len(text), "bytes")


def swift_ranges(name, comment, scalars):
    items = [f"0x{low:X}, 0x{high:X}," for low, high in ranges(scalars)]
    lines = []
    for item in items:
        if lines and len(lines[-1]) + 1 + len(item) <= 98:
            lines[-1] += " " + item
        else:
            lines.append("        " + item)
    return f"    /// {comment}\n    static let {name}: [UInt32] = [\n" + "\n".join(lines) + "\n    ]\n"


def write_ranges():
    write("UnicodeRanges.swift", head(
        "/// Scalar classes as the reference's regular expressions see them: first and last scalar\n"
        "/// of each range, ascending.\n"
        "enum UnicodeRanges {\n"
    ) + "\n".join([
        swift_ranges("letters", r"`\p{L}`", members(r"\p{L}")),
        swift_ranges("numbers", r"`\p{N}`", members(r"\p{N}")),
        swift_ranges("spaces", r"`\s`", members(r"\s")),
    ]) + "}\n")


def category_runs():
    category = dict.fromkeys(range(0x110000), "Cs")
    for name in CATEGORIES:
        for c in members(r"\p{%s}" % name):
            category[c] = name
    items, start = [], 0
    for c in range(1, 0x110001):
        if c == 0x110000 or category[c] != category[start]:
            items.append(f"{category[start]}{c - start:x}")
            start = c
    return items


def recent():
    """Scalars assigned after the Unicode of the oldest PCRE2 that is built with (10.40: 14.0)."""
    assert tuple(map(int, unicodedata.unidata_version.split("."))) == OLDEST
    assigned = set(SCALARS) - members(r"\p{Cn}")
    return {c for c in assigned if unicodedata.category(chr(c)) == "Cn"}


def accents():
    strip = normalizers.StripAccents()
    return {c for c in SCALARS if strip.normalize_str(chr(c)) == ""}


def write_sets():
    dropped = kept(WhitespaceSplit())
    spaces = set(SCALARS) - dropped
    assert spaces == members(r"\s")
    digits = joins(Digits(individual_digits=False), "1", "1")
    punctuation = set(SCALARS) - joins(Punctuation(), "a", "a")
    words = joins(Whitespace(), "a", "a")
    write("UnicodeSets.swift", head(
        "/// Sets of scalars as the reference has them. A set is written as hexadecimal numbers, for\n"
        "/// each range the gap before it and its length.\n"
        "enum UnicodeSets {\n"
    ) + "\n".join([
        literal("categories", "General category of all scalars in order: name and length of each run.",
                category_runs()),
        literal("recent", "Assigned after Unicode 14.", gaps(recent())),
        literal("numeric", "What the Digits pre-tokenizer takes for a digit.", gaps(digits)),
        literal("punctuation", "What the Punctuation pre-tokenizer splits at.", gaps(punctuation)),
        literal("word", r"`\w` of the Whitespace pre-tokenizer and of `single_word`.", gaps(words)),
        literal("accents", "What StripAccents removes.", gaps(accents())),
        literal("regexWord", r"`\w` of regular expressions.", gaps(members(r"\w"))),
        literal("alphabetic", "`[[:alpha:]]`.", gaps(members(r"[[:alpha:]]"))),
        literal("uppercase", "`[[:upper:]]`.", gaps(members(r"[[:upper:]]"))),
        literal("lowercase", "`[[:lower:]]`.", gaps(members(r"[[:lower:]]"))),
        literal("regexPunctuation", "`[[:punct:]]`.", gaps(members(r"[[:punct:]]"))),
        "    /// Scripts by name in lower case, such as `\\p{Han}`.\n"
        "    static let scripts: [String: String] = [\n"
        + "".join(
            f'        "{name.lower()}": {wrapped(gaps(scalars))},\n'
            for name, scalars in ((name, members(r"\p{%s}" % name)) for name in SCRIPTS)
        )
        + "    ]\n",
    ]) + "}\n")


NFD, NFKD, NFC = normalizers.NFD(), normalizers.NFKD(), normalizers.NFC()


def combining_classes():
    """The class of each scalar that has one, found by how it sorts among others."""
    # A representative of each class that the reference knows: it moves before the last class.
    order = {240: "\u0345"}
    for c in map(chr, SCALARS):
        if unicodedata.combining(c) and NFD.normalize_str("a\u0345" + c) == "a" + c + "\u0345":
            order.setdefault(unicodedata.combining(c), c)
    classes = sorted(order)

    def sorts_after(c, other):
        if chr(c) == order[other]:
            return False
        return NFD.normalize_str("a" + chr(c) + order[other])[1:] == order[other] + chr(c)

    result = {}
    for c in SCALARS:
        if NFD.normalize_str(chr(c)) != chr(c) or not (
            sorts_after(c, 1) or NFD.normalize_str("a\u0345" + chr(c))[1] != "\u0345"
        ):
            continue
        result[c] = next(k for k in classes if not sorts_after(c, k))
    return result


def write_decompositions():
    composed, hangul = {}, range(0xAC00, 0xD7A4)
    canonical, compatible, previous = [], [], [0, 0]
    for c in SCALARS:
        if c in hangul:
            continue
        full = NFD.normalize_str(chr(c))
        if full != chr(c):
            excluded = NFC.normalize_str(chr(c)) != chr(c)
            if not excluded:
                composed[full] = chr(c)
            canonical.append(
                f"{c - previous[0]:x}{'!' if excluded else ':'}"
                + ",".join(f"{ord(d):x}" for d in full)
            )
            previous[0] = c
        other = NFKD.normalize_str(chr(c))
        if other != full:
            compatible.append(
                f"{c - previous[1]:x}:" + ",".join(f"{ord(d):x}" for d in other)
            )
            previous[1] = c
    # What the reader of this table relies on: composing goes scalar by scalar.
    assert all(len(full) == 2 or full[:-1] in composed for full in composed)
    classes, end = [], 0
    known = combining_classes()
    for low, high in ranges(known):
        start = low
        for c in range(low, high + 1):
            if c == high or known[c + 1] != known[start]:
                classes += [f"{start - end:x}", f"{c - start + 1:x}", f"{known[start]:x}"]
                start = end = c + 1
    write("UnicodeDecompositions.swift", head(
        "/// The reference's data for Unicode's normal forms (UAX 15), in hexadecimal.\n"
        "enum UnicodeDecompositions {\n"
    ) + "\n".join([
        literal(
            "canonical",
            "Full canonical decompositions but Hangul's: distance from the one before, `!` if "
            "nothing\n    /// composes to it, and the scalars.",
            canonical,
        ),
        literal("compatible", "Full compatibility decompositions where they differ.", compatible),
        literal("classes", "Combining classes: gap, length and class of each run.", classes),
    ]) + "}\n")


def main():
    write_ranges()
    write_sets()
    write_decompositions()


if __name__ == "__main__":
    main()
