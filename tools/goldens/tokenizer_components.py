#!/usr/bin/env python3
"""Writes small tokenizer.json files that together use every component this program reads, and what
Hugging Face `tokenizers` makes of generated strings with them:

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 transformers==5.23.0
    python tools/goldens/tokenizer_components.py
    python tools/goldens/tokenizer_components.py --count 50000 --out /tmp/tokenizers

The first writes Tests/TokenizationTests/goldens/components. The second is for a long comparison:
`TOKENMILL_TOKENIZERS=/tmp/tokenizers tools/test --filter ComponentTests`.

Control tokens as plain text ("plain") are asked of a copy of each tokenizer in which no text spells
them: the reference's own switch leaves them findable in the model's vocabulary.
"""
import argparse
import base64
import collections
import io
import json
import math
import pathlib
import random
import unicodedata

import tokenizers
from tokenizers import Tokenizer, trainers

ROOT = pathlib.Path(__file__).parents[2]
TARGET = ROOT / "Tests/TokenizationTests/goldens/components"
SENTENCES = [
    "The quick brown fox jumps over the lazy dog, doesn't it?",
    "A tokenizer cuts text into pieces: words, parts of words, bytes.",
    "It's 2026-11-21; 3,141.59 is about pi times 1000, isn't IT? HE'LL say so.",
    "func encode(_ text: String) -> [Int] { return text.utf8.map { Int($0) } }",
    "    for (int i = 0; i < count; ++i) { total += values[i]; }\n",
    "Größe, façade, naïve, ångström, œuvre, Übermut und Ärger.",
    "Привет, мир! Как дела? Всё хорошо.",
    "自然言語処理は楽しい。今日は良い天気ですね。",
    "分词器把文字切成小块，然后变成数字。",
    "한국어 문장도 조금 있습니다.",
    "مرحبا بالعالم، كيف حالك؟",
    "emoji 😀👍🏽 and 👨‍👩‍👧 families 🇩🇪",
]
MARK = "\u2581"

O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])
HAN = "|".join([
    r"[\p{Han}]+",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*"
    r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}+", r" ?[^\s\p{L}\p{N}]++[\r\n]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])


# Components, in the words of tokenizer.json.

def sequence(kind, *parts):
    return {"type": "Sequence", kind: list(parts)}


def split(pattern, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def byte_level(prefix=False, regex=False):
    return {"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": True,
            "use_regex": regex}


def metaspace(scheme="always", splits=True):
    return {"type": "Metaspace", "replacement": MARK, "prepend_scheme": scheme, "split": splits}


def replace(old, new, kind="String"):
    return {"type": "Replace", "pattern": {kind: old}, "content": new}


def plain(kind):
    return {"type": kind}


def strip(content, start, stop):
    return {"type": "Strip", "content": content, "start": start, "stop": stop}


def template(pieces, ids):
    return {
        "type": "TemplateProcessing",
        "single": [
            {"Sequence": {"id": "A", "type_id": 0}} if piece == "$A"
            else {"SpecialToken": {"id": piece, "type_id": 0}}
            for piece in pieces
        ],
        "pair": [],
        "special_tokens": {
            name: {"id": name, "ids": [number], "tokens": [name]} for name, number in ids.items()
        },
    }


SPM_DECODER = sequence(
    "decoders", replace(MARK, " "), plain("ByteFallback"), plain("Fuse"), strip(" ", 1, 0)
)
LETTERS = "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕ"
DEEPSEEK = sequence(
    "pretokenizers", split("[\r\n]"), split(rf"\s?[{LETTERS}]+"),
    split(r"\s?[!-/:-~！-／：-～‘-‟　-。]+"), split(r"\s+$"), split("[一-龥ࠀ-一가-퟿]+"),
    {"type": "Digits", "individual_digits": True}, byte_level(),
)


def added(content, special=False, **flags):
    return {"content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": special, **flags}


def configurations(charsmap):
    """name: (model, its settings, sections of the file, added tokens)"""
    bytes_bpe = {"alphabet": True}
    usual = [added("<|end|>", special=True), added("<|x|>", special=True), added("<tool>")]
    return {
        "llama2": ("BPE", {"fuse_unk": True, "byte_fallback": True, "unk_token": "<unk>"}, {
            "normalizer": sequence(
                "normalizers", {"type": "Prepend", "prepend": MARK}, replace(" ", MARK)),
            "decoder": SPM_DECODER,
            "post_processor": template(["<s>", "$A"], {"<s>": 1}),
        }, usual + [added("[norm]", normalized=True)]),
        "gemma": ("BPE", {"fuse_unk": True, "byte_fallback": True, "unk_token": "<unk>"}, {
            "normalizer": replace(" ", MARK),
            "pre_tokenizer": split(" ", "MergedWithPrevious", kind="String"),
            "decoder": sequence(
                "decoders", replace(MARK, " "), plain("ByteFallback"), plain("Fuse")),
        }, usual + [added("\n\n"), added(MARK * 4), added(MARK * 5)]),
        "mistral": ("BPE", {"fuse_unk": True, "byte_fallback": True, "unk_token": "<unk>",
                            "ignore_merges": True}, {
            "pre_tokenizer": metaspace("first", False),
            "decoder": sequence("decoders", plain("ByteFallback"), metaspace("first")),
            "post_processor": template(["<s>", "$A", "</s>"], {"<s>": 1, "</s>": 2}),
        }, usual),
        "metaspace": ("BPE", {"unk_token": "<unk>", "fuse_unk": False}, {
            "normalizer": sequence("normalizers", plain("NFKC"), plain("Lowercase")),
            "pre_tokenizer": metaspace("first"),
            "decoder": metaspace("first"),
        }, usual + [added("MiXed", normalized=True), added("<l>", lstrip=True)]),
        "unigram": ("Unigram", {}, {
            "normalizer": sequence(
                "normalizers", {"type": "Precompiled", "precompiled_charsmap": charsmap},
                {"type": "Strip", "strip_left": False, "strip_right": True},
                replace(" {2,}", MARK, "Regex")),
            "pre_tokenizer": metaspace("always"),
            "decoder": metaspace("always"),
            "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1],
                               "trim_offsets": True, "add_prefix_space": False},
        }, usual),
        "unigram-bytes": ("Unigram", {"byte_fallback": True}, {
            "normalizer": plain("NFD"),
            "pre_tokenizer": sequence(
                "pretokenizers", plain("WhitespaceSplit"), metaspace("never"),
                {"type": "Punctuation", "behavior": "MergedWithPrevious"}),
            "decoder": sequence(
                "decoders", plain("ByteFallback"), metaspace("never"), plain("Fuse"),
                strip("e", 1, 0), replace("th", "<th>")),
        }, usual),
        "falcon": ("BPE", bytes_bpe, {
            "pre_tokenizer": sequence(
                "pretokenizers", {"type": "Punctuation", "behavior": "Contiguous"},
                byte_level(regex=True), {"type": "Digits", "individual_digits": False},
                split("[0-9][0-9][0-9]")),
            "decoder": byte_level(),
            "post_processor": byte_level(),
        }, usual),
        "deepseek": ("BPE", bytes_bpe, {
            "pre_tokenizer": DEEPSEEK, "decoder": byte_level(),
            "post_processor": sequence(
                "processors", byte_level(), template(["<s>", "$A"], {"<s>": 1})),
        }, usual + [added("<w>", single_word=True), added("<l>", lstrip=True, special=True)]),
        "o200k": ("BPE", {**bytes_bpe, "ignore_merges": True}, {
            "pre_tokenizer": sequence("pretokenizers", split(O200K, "Removed", True), byte_level()),
            "decoder": byte_level(),
        }, usual),
        "han": ("BPE", bytes_bpe, {
            "normalizer": plain("NFC"),
            "pre_tokenizer": sequence("pretokenizers", split(HAN), byte_level(prefix=True)),
            "decoder": sequence("decoders", byte_level(), strip(" ", 1, 0)),
        }, usual + [added("\u00e9t\u00e9", normalized=True)]),
        "bert": ("BPE", {"unk_token": "<unk>", "fuse_unk": True}, {
            "normalizer": sequence(
                "normalizers", plain("NFKD"), plain("StripAccents"), plain("Lowercase"),
                {"type": "Strip", "strip_left": True, "strip_right": False}),
            "pre_tokenizer": plain("BertPreTokenizer"),
            "post_processor": {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]},
        }, usual),
        "words": ("BPE", {"unk_token": "<unk>"}, {
            "pre_tokenizer": sequence(
                "pretokenizers", plain("Whitespace"), {"type": "CharDelimiterSplit",
                                                       "delimiter": "x"}),
            "decoder": sequence(
                "decoders", replace("[aeiou]{2}", "*", "Regex"), strip("t", 0, 1)),
        }, usual + [added("<r>", rstrip=True)]),
        "splits": ("BPE", bytes_bpe, {
            "pre_tokenizer": sequence(
                "pretokenizers",
                split("-", "MergedWithPrevious", kind="String"),
                split(r"\d", "Contiguous"),
                split("[aeiou](?!r)", "MergedWithNext"),
                split(", ", "Removed", kind="String"),
                split(r"(?m:q.)|\h{3}|^.|\bth\w*?|\p{Lu}{2}+|[[:punct:]&&[^!.]]|[^\S\n]\R?$",
                      "Isolated"),
                split(r"x*", "MergedWithPrevious", True),
                split(r"(?i)o(?<n>\p{^L})\k<n>|[\w&&\P{Ll}-]{,2}?7|a(?i)b|c", "Contiguous", True),
                byte_level(prefix=True, regex=True)),
            "decoder": byte_level(),
        }, usual),
        "partial": ("BPE", {"unk_token": "<unk>"}, {
            "normalizer": plain("StripAccents"),
            "pre_tokenizer": byte_level(prefix=True, regex=True),
            "decoder": byte_level(),
        }, usual),
        "spelled": ("BPE", {"unk_token": "<unk>"}, {
            "normalizer": sequence(
                "normalizers", replace("a(?=n|$)", "[$0]", "Regex"), plain("ByteLevel")),
            "pre_tokenizer": split("Ġ", "MergedWithNext", kind="String"),
            "decoder": byte_level(),
        }, usual),
    }


def training_text():
    generator = random.Random(7)
    lines = []
    for _ in range(1500):
        words = generator.choice(SENTENCES).split(" ")
        generator.shuffle(words)
        lines.append(" ".join(words))
    return lines


BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def counted(cut, longest):
    """Counts of substrings of the training text's words, most frequent first."""
    counts = collections.Counter()
    for word in cut:
        for start in range(len(word)):
            for end in range(start + 1, min(start + longest, len(word)) + 1):
                counts[word[start:end]] += 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def trained(kind, settings, sections):
    """The `model` section, made from text as the other sections cut it. The reference's trainers
    depend on the order of hash tables; what they would choose by that is chosen here."""
    specials = ["<unk>", "<s>", "</s>"]
    fallback = settings.get("byte_fallback", False)
    settings = dict(settings)
    alphabet = settings.pop("alphabet", False)
    normalizer = sections.get("normalizer")
    if normalizer and "Precompiled" in json.dumps(normalizer):
        normalizer = None
    shell = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
             "normalizer": normalizer, "pre_tokenizer": sections.get("pre_tokenizer"),
             "post_processor": None, "decoder": None,
             "model": {"type": "BPE", "vocab": {}, "merges": []}}
    tokenizer = Tokenizer.from_str(json.dumps(shell))
    cut = []
    for line in training_text():
        text = tokenizer.normalizer.normalize_str(line) if tokenizer.normalizer else line
        splitter = tokenizer.pre_tokenizer
        cut += [w for w, _ in splitter.pre_tokenize_str(text)] if splitter else [text]
    if kind == "Unigram":
        letters = counted(cut, 1)[:90]
        longer = [(piece, count) for piece, count in counted(cut, 8) if len(piece) > 1]
        longer.sort(key=lambda item: (-item[1] * len(item[0]), item[0]))
        pieces = letters + longer[:90]
        total = sum(count for _, count in pieces)
        vocab = [[special, 0.0] for special in specials]
        vocab += [[piece, round(math.log(count / total), 4)] for piece, count in pieces]
        vocab += [[byte, 0.0] for byte in BYTES] if fallback else []
        return {"type": "Unigram", "unk_id": 0, "vocab": vocab, **settings}
    initial = (sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet()) if alphabet
               else [letter for letter, _ in counted(cut, 1)[:90]])
    trainer = trainers.BpeTrainer(
        vocab_size=(330 if alphabet else 200) + (200 if fallback else 0),
        special_tokens=specials + (BYTES if fallback else []), initial_alphabet=initial,
        limit_alphabet=len(initial), show_progress=False, max_token_length=12)
    tokenizer.train_from_iterator(training_text(), trainer)
    return {**json.loads(tokenizer.to_str())["model"], **settings}


def build(configuration):
    kind, settings, sections, tokens = configuration
    model = trained(kind, settings, sections)
    size = len(model["vocab"])
    specials = [added("<unk>", special=True), added("<s>", special=True),
                added("</s>", special=True)]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": number, **token}
            for number, token in [*enumerate(specials), *enumerate(tokens, start=size)]
        ],
        "normalizer": sections.get("normalizer"), "pre_tokenizer": sections.get("pre_tokenizer"),
        "post_processor": sections.get("post_processor"), "decoder": sections.get("decoder"),
        "model": model,
    }


def unspelled(file):
    """The same tokenizer without control tokens in the text."""
    file = json.loads(json.dumps(file))
    names = {t["content"] for t in file["added_tokens"] if t["special"]}
    file["added_tokens"] = [t for t in file["added_tokens"] if not t["special"]]
    def rename(name):
        return f"\U0010fffd\U0010fffe{name}" if name in names else name
    model = file["model"]
    if model["type"] == "BPE":
        model["vocab"] = {rename(name): number for name, number in model["vocab"].items()}
        if model.get("unk_token"):
            model["unk_token"] = rename(model["unk_token"])
    else:
        model["vocab"] = [[rename(name), score] for name, score in model["vocab"]]
    file["post_processor"] = None
    return file


# Strings.

def scalars():
    """Assigned scalars by block of 128, so that each block is as likely as another."""
    blocks = {}
    for scalar in range(0x20, 0x110000):
        if unicodedata.category(chr(scalar)) not in ("Cs", "Cn", "Co"):
            blocks.setdefault(scalar >> 7, []).append(chr(scalar))
    # Ideographs and Hangul fill hundreds of blocks: a few of them are enough.
    return [v for k, v in blocks.items()
            if not (0x3400 <= k << 7 < 0xD780 or k << 7 >= 0x20000) or k % 16 == 0]


BLOCKS = scalars()
CLUSTERS = ["e\u0301", "a\u0323\u0302", "\u1100\u1161\u11a8", "\uac00\u11a8", "👨‍👩‍👧", "👍🏽", "🇩🇪", "ﬁ", "①", "ｶﾞ",
            "Å", "\u0344", "\u0f73\u0f71", "\u1112\u1161", "ǖ\u0323", "\u212b", "ẛ\u0323", "İ", "ß", "ſ",
            "Σ", "\u0345\u0301", "\ufb2c", "½", "²", "\u00ad", "\u200d", "\ufeff", "\ufffd"]
SPACES = [" ", "  ", "   ", "\t", "\u00a0", "\u3000", "\u2028", "\u0085", "\u200b", "\u180e", " \t "]
ENDINGS = ["\n", "\r\n", "\n\n", "\r", "\n \n", " \n"]
ODD = [MARK, MARK * 2, "<0x41>", "<0xE4>", "Ġ", "Ċ", "'S", "'ll", "ab'\u017f", "x", "xx", "-", "--", ", ", "q\n",
       "fed", "ABAB", "o!!", "7", "_7", "aB", "the", "thth", "e", "été", "e\u0301te\u0301", "\x00", "\x7f", "123456"]


def marked(file):
    return [token["content"] for token in file["added_tokens"]]


def part(generator, markers):
    kind = generator.random()
    if kind < 0.35:
        sentence = generator.choice(SENTENCES).split(" ")
        start = generator.randrange(len(sentence))
        piece = " ".join(sentence[start:start + generator.randint(1, 3)])
        return generator.choice([piece, piece, piece.upper(), " " + piece])
    if kind < 0.55:
        block = generator.choice(BLOCKS)
        return "".join(generator.choice(block) for _ in range(generator.randint(1, 3)))
    if kind < 0.68:
        return generator.choice(markers)
    return generator.choice(generator.choice([SPACES, SPACES, ENDINGS, CLUSTERS, CLUSTERS, ODD]))


def strings(count, markers, seed):
    generator = random.Random(seed)
    result = ["", " ", "  a", "a", MARK, "a" * 70, " " * 60, "\n", "<|end|>", " <|end|> ", "<s>"]
    while len(result) < count:
        pieces = [part(generator, markers) for _ in range(generator.randint(1, 6))]
        result.append("".join(pieces))
    return result


# What the reference makes of them.

def breaks_late(tokens):
    """Whether a run of byte tokens starts with whole characters and then is no UTF-8: there the
    reference throws the characters away, which a stream has shown already."""
    run = []
    for token in tokens + [""]:
        if len(token) == 6 and token.startswith("<0x"):
            run.append(int(token[3:5], 16))
            continue
        try:
            bytes(run).decode()
        except UnicodeDecodeError as error:
            if error.start > 0:
                return True
        run = []
    return False


def sequences(tokenizer, count, fallback):
    generator = random.Random(3)
    size = tokenizer.get_vocab_size()
    result = []
    while len(result) < count:
        if fallback and generator.random() < 0.5:
            text = "".join(generator.choice(generator.choice(BLOCKS)) for _ in range(3))
            ids = [tokenizer.token_to_id(f"<0x{byte:02X}>") for byte in text.encode()]
            if generator.random() < 0.2:
                ids = ids[1:]
            ids.insert(generator.choice([0, len(ids)]), generator.randrange(size))
        else:
            ids = [generator.randrange(size) for _ in range(generator.randint(1, 8))]
        if not (fallback and breaks_late([tokenizer.id_to_token(i) for i in ids])):
            result.append(ids)
    return result


def expected(file, texts, count):
    tokenizer = Tokenizer.from_str(json.dumps(file))
    hidden = Tokenizer.from_str(json.dumps(unspelled(file)))
    numbers = {token["content"]: token["id"] for token in file["added_tokens"]}
    moved = {}
    for token in unspelled(file)["added_tokens"]:
        moved[hidden.token_to_id(token["content"])] = numbers[token["content"]]
    specials = {token["content"] for token in file["added_tokens"] if token["special"]}
    known, other, decoded, skipped, unsettled = [], {}, {}, {}, []
    for index, text in enumerate(texts):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        known.append(ids)
        spelled = [tokenizer.id_to_token(i) for i in ids]
        shown = [name for name in spelled if name not in specials]
        if breaks_late(spelled) or breaks_late(shown):
            # Text that spells byte tokens.
            unsettled.append(index)
        off = [moved.get(i, i) for i in hidden.encode(text, add_special_tokens=False).ids]
        if off != ids:
            other[index] = off
        back = tokenizer.decode(ids, skip_special_tokens=False)
        if back != text:
            decoded[index] = back
        short = tokenizer.decode(ids, skip_special_tokens=True)
        if short != back:
            skipped[index] = short
    pieces = sequences(tokenizer, count, file["model"].get("byte_fallback", False))
    return {
        "tokenizers": tokenizers.__version__, "ids": known, "plain": other, "decoded": decoded,
        "skipped": skipped, "unsettled": unsettled,
        "added": tokenizer.encode("Hello", add_special_tokens=True).ids,
        "sequences": pieces,
        "texts": [tokenizer.decode(s, skip_special_tokens=False) for s in pieces],
    }


def charsmap(rules):
    """A small SentencePiece normalisation, or a published one by its name."""
    import sentencepiece
    model = io.BytesIO()
    options = {"normalization_rule_name": rules}
    path = pathlib.Path("/tmp/tokenizer_components_rules.tsv")
    if isinstance(rules, dict):
        path.write_text("".join(
            " ".join(f"{ord(c):X}" for c in old) + "\t" + " ".join(f"{ord(c):X}" for c in new) + "\n"
            for old, new in rules.items()))
        options = {"normalization_rule_tsv": str(path)}
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(training_text()), model_writer=model, vocab_size=300,
        minloglevel=2, hard_vocab_limit=False, **options)
    path.unlink(missing_ok=True)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    proto = sentencepiece_model(model.getvalue())
    return base64.b64encode(proto).decode()


def sentencepiece_model(data):
    """normalizer_spec.precompiled_charsmap of a ModelProto."""
    def fields(data):
        index = 0
        def varint():
            nonlocal index
            value = shift = 0
            while True:
                byte = data[index]
                index += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value
        while index < len(data):
            key = varint()
            if key & 7 == 0:
                yield key >> 3, varint()
            else:
                size = {5: 4, 1: 8}.get(key & 7) or varint()
                yield key >> 3, data[index:index + size]
                index += size
    spec = next(value for number, value in fields(data) if number == 3)
    return next(value for number, value in fields(spec) if number == 2)


RULES = {"ﬁ": "fi", "①": "1", "Å": "A\u030a", "e\u0301": "é", "\u3000": " ", "\t": " ", "½": "1/2", "👍": "+1",
         "\u200b": "", "\u00ad": ""}


# Regular expressions.

CLASSES = [r"\p{%s}" % name for name in (
    "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc "
    "Cf Co Cn Letter Han Hiragana Greek Latin Thai Alphabetic White_Space Any ^L ASCII").split()
] + [r"\P{L}", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\h", r"[^\W\d]", r"[\S\n]", r"[\P{M}x]"] + [
    f"[[:{name}:]]" for name in
    "alpha alnum upper lower punct digit space word xdigit blank cntrl ^alpha ascii".split()
]
# What is written otherwise for PCRE2, and what must stay as it is.
PATTERNS = [
    "", "a", "a|b", "a*", "(?:a|b)+?", "a++b", "a?+a", "b{2}", "b{2}+", "b{2}?", "b{,1}c", "b{1,}c",
    "b{1,2}?", "b{1,2}+c", "b{,}", "{", "b{x}", "a{2}{2}", "(a){2}b", "a+*c", ".", "(?m:.)+", "(?m:a.b)",
    "^", "$", "^.", ".$", "^$", r"\A.", r".\z", r"\Z", r"\b", r"\B", r"\bb", r"x\b", r"\h+", r"\v", r"\R",
    r"\N+", r"\O+", r"\x41", r"\x{e9}", r"\u00e9", r"\101", r"\t", r"\/\-", "(?i)AB", "(?i:É)",
    "(?i)s", "(?i:K)", "a(?i)b|c", "(?:a(?i)b|c)d", "(?i)a(?-i)B", "(?x) a b # c\n|c", "(?i-x:A B)",
    "(a)\\1", "(?<n>.)\\k<n>", "(?<n>a|b)+c", "(?'q'a)b", "(?=b)", "(?!a).", "(?<=a)b", "(?<!a)b", "(?>a+)b",
    "(?#note)a", "[ab]", "[^ab]", "[a-c]", "[a-]", "[-a]", "[]a]", "[^]a]", "[a\\]]", "[a[bc]]",
    "[a-z&&[^b]]", "[^a-z&&[^b]]", "[a-d&&b-e]", "[a-z&&b-d&&[^c]]", "[[a-c]&&[b-z]x]", r"[\w&&[^\d]]",
    r"[\p{L}&&[^\p{Lu}]]", r"[^\s\p{L}\p{N}]+", r"[\d-x]", r"[\x41-\x43]", r"[\b\t]", r"[\h]", "[[:alpha:]b]",
    "[[:^digit:]]", r"[\p{^L}]", r"[\P{L}\p{Lu}]", "[é-ü]", "(?i)[a-c]", "(?i)[^a-c]", r"(?i)\p{Lu}",
    r"(?i)[\p{Ll}x]", r"\p{Upper}", r"\p{lower_case_letter}", r"\p{Line Separator}", r"\pL", "a$b", "a^b",
    r"\s+$", r"\s+(?!\S)|\s+", r"\G.", "()", "(|a)", "(?:)", "a|", "|a", "é", "😀+", r"\.", r"\e|\a|\f",
]
# Without spaces and U+2581, which the test marks pieces with.
PROBE = (
    "aabbab\u00a0ABc\u00a0é\u00a0É\r\nx1\u00a0bb2\tK\u212a\u00a0sſ\u00a0a.b\n\n\u00a0b{x}{\u00a0É\u0301ü😀😀\u00a0a-d]\x0b\x07\u00a0e$b^\u00a0日本"
    "\u00a0aab\u00a0bbbb\u2028\u00a0\n"
)


def pieces(pattern, text):
    """How text splits, as the reference does it, or None if it cannot read the pattern."""
    try:
        regex = tokenizers.Regex(pattern)
    except Exception:
        return None
    found = tokenizers.pre_tokenizers.Split(regex, "isolated").pre_tokenize_str(text)
    return [piece for piece, _ in found]


def fingerprint(lengths):
    """FNV-1a of the lengths' bytes, three for each."""
    value = 0xCBF29CE484222325
    for length in lengths:
        for byte in length.to_bytes(3, "little"):
            value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:x}"


def regexes(last):
    """Splits of a probe, and of all scalars up to `last` by class."""
    everything = "".join(
        chr(c) for c in range(last + 1) if not 0xD800 <= c < 0xE000 and chr(c) not in " " + MARK)
    split_probe = {pattern: pieces(pattern, PROBE) for pattern in PATTERNS}
    classes = {}
    for pattern in CLASSES:
        found = pieces(f"{pattern}+", everything)
        classes[pattern] = [len(found), fingerprint(map(len, found))]
    return {
        "tokenizers": tokenizers.__version__, "probe": PROBE, "last": last,
        "pieces": {k: v for k, v in split_probe.items() if v is not None},
        "unread": [k for k, v in split_probe.items() if v is None], "classes": classes,
    }


# Folders without tokenizer.json.

def write_folder(folder, settings, texts):
    """vocab.json and merges.txt, and what transformers makes of them."""
    import transformers
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = build(("BPE", {"alphabet": True}, {"pre_tokenizer": byte_level()}, []))
    model = tokenizer["model"]
    vocabulary = dict(model["vocab"])
    vocabulary["<|endoftext|>"] = len(vocabulary)
    write(folder / "vocab.json", vocabulary)
    (folder / "merges.txt").write_text(
        "#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in model["merges"]))
    size = len(vocabulary)
    write(folder / "tokenizer_config.json", {**settings, "added_tokens_decoder": {
        str(size - 1): added("<|endoftext|>", special=True),
        str(size): added("<|im_end|>", special=True),
        str(size + 1): added("<tool>", lstrip=True)}})
    reference = getattr(transformers, settings["tokenizer_class"]).from_pretrained(folder)
    write(folder / "expected.json", {
        "transformers": transformers.__version__, "texts": texts,
        "ids": [reference.encode(text, add_special_tokens=False) for text in texts]})


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--out", type=pathlib.Path, default=TARGET)
    options = parser.parse_args()
    long = options.out != TARGET
    made = configurations(charsmap(RULES))
    if long:
        made["unigram-nfkc"] = configurations(charsmap("nmt_nfkc"))["unigram"]
    for index, (name, configuration) in enumerate(made.items()):
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        file = build(configuration)
        write(folder / "tokenizer.json", file)
        texts = strings(options.count, marked(file), 100 + index if long else 1 + index)
        write(folder / "strings.json", texts)
        write(folder / "expected.json", expected(file, texts, max(40, options.count // 10)))
    others = options.out if long else TARGET.parent
    write(others / "regexes.json", regexes(0x10FFFF if long else 0x33FF))
    if not long:
        markers = ["<|endoftext|>", "<|im_end|>", " <tool>", "<tool>"]
        for name, settings in {
            "gpt2": {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True},
            "qwen2": {"tokenizer_class": "Qwen2Tokenizer"},
        }.items():
            texts = strings(80, markers, 9)
            write_folder(others / "folders" / name, settings, texts)
    for path in sorted(options.out.rglob("*.json")):
        print(path.relative_to(options.out), path.stat().st_size)


if __name__ == "__main__":
    main()
