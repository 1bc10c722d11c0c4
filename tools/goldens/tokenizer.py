#!/usr/bin/env python3
"""Writes Tests/TokenizationTests/goldens: small byte-level BPE tokenizers and the ids that Hugging
Face `tokenizers` gives for 2,000 strings, for them and for the shipped tokenizer.

    pip install tokenizers==0.23.3
    python tools/goldens/tokenizer.py

Everything is seeded: two runs write the same bytes.
"""
import json
import pathlib
import random

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

ROOT = pathlib.Path(__file__).parents[2]
TARGET = ROOT / "Tests/TokenizationTests/goldens"
STRINGS = 2000
SEQUENCES = 150

CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}"
    r"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

SENTENCES = """
The quick brown fox jumps over the lazy dog, and it's not the first time they've done so.
She said: "I'll be there at 10:30, don't wait!" We'd rather be early than late.
It was the best of times, it was the worst of times; nobody knew which, I'm afraid.
def main(args):\\n    for i in range(10):\\n        print(f"{i:03d}", args[i])\\n    return 0
if (x != NULL && *x > 0x1F) { y += x->next[3]; } // what's this?
{"name": "get_weather", "arguments": {"city": "Zürich", "days": 14, "units": null}}
Größere Bäume stehen außerhalb der Straße; daß war früher so.
L'été dernier, nous étions à la plage où l'eau était très froide.
El niño comió una manzana mañana por la tarde, ¿verdad?
Быстрая коричневая лиса прыгает через ленивую собаку в тысяча девятьсот году.
Η γρήγορη καφέ αλεπού πηδά πάνω από το τεμπέλικο σκυλί.
הכלב העצלן ישן כל היום ליד הבית הגדול.
الكلب الكسول نائم طوال اليوم قرب البيت الكبير ١٢٣٤٥
तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है १२३
দ্রুত বাদামী শিয়াল অলস কুকুরের উপর দিয়ে লাফ দেয়
สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ
敏捷的棕色狐狸跳过了懒狗。今天天气很好，我们去公园吧！
すばやい茶色の狐はのろまな犬を飛び越える。カタカナも書きます。
빠른 갈색 여우가 게으른 개를 뛰어넘습니다.
Con cáo nâu nhanh nhẹn nhảy qua con chó lười biếng.
Ταχεῖα ἀλώπηξ· ΟΔΥΣΣΕΥΣ
ይህ ቀላል ዓረፍተ ነገር ነው።
ეს არის მარტივი წინადადება.
Սա պարզ նախադասություն է։
😀 😃 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 ❤️ ☕ 𝒳𝒴𝒵 𠜎𠜱
""".strip().split("\n")

# First and last scalar of blocks that strings are drawn from, some rare, some without letters.
BLOCKS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x250, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF),
    (0x400, 0x52F), (0x531, 0x58F), (0x591, 0x5F4), (0x600, 0x6FF), (0x700, 0x74F),
    (0x780, 0x7B1), (0x7C0, 0x7FA), (0x900, 0x97F), (0x980, 0x9FE), (0xA01, 0xA76),
    (0xA81, 0xAFF), (0xB01, 0xB77), (0xB82, 0xBFA), (0xC00, 0xC7F), (0xC80, 0xCF2),
    (0xD00, 0xD7F), (0xD81, 0xDF4), (0xE01, 0xE5B), (0xE81, 0xEDF), (0xF00, 0xFDA),
    (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x1399), (0x13A0, 0x13FD),
    (0x1400, 0x167F), (0x1680, 0x169C), (0x16A0, 0x16F8), (0x1780, 0x17F9), (0x1800, 0x18AA),
    (0x1E00, 0x1EFF), (0x1F00, 0x1FFE), (0x2000, 0x206F), (0x2070, 0x209C), (0x20A0, 0x20C0),
    (0x2100, 0x218B), (0x2190, 0x23FF), (0x2460, 0x24FF), (0x2500, 0x27BF), (0x2C00, 0x2C5F),
    (0x2E80, 0x2FD5), (0x3000, 0x303F), (0x3041, 0x30FF), (0x3105, 0x318E), (0x3200, 0x33FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4C6), (0xA640, 0xA6F7), (0xAC00, 0xD7A3),
    (0xE000, 0xE010), (0xF900, 0xFAD9), (0xFB00, 0xFB4F), (0xFB50, 0xFDFF), (0xFE00, 0xFE6B),
    (0xFF01, 0xFFEE), (0xFFF9, 0xFFFD), (0x10000, 0x100FA), (0x10330, 0x1034A),
    (0x10400, 0x1044F), (0x12000, 0x12399), (0x1D400, 0x1D7FF), (0x1F100, 0x1F1FF),
    (0x1F300, 0x1FAF8), (0x20000, 0x2A6DF), (0xE0001, 0xE007F), (0x10FFF0, 0x10FFFF),
]
SPACES = [" ", "  ", "   ", "      ", "\n", "\n\n", "\r\n", "\r", "\t", " \n", "\n ", " \r\n  ",
          "\u00a0", "\u3000", "\u2003 ", "\u2028", "\x0b", "\x0c", "\x85", "\u1680", "\u200b"]
ENDINGS = ["'s", "'T", "'re", "'VE", "'m", "'Ll", "'d", "'S", "'RE", "'ve", "'x", "'", "''s", "’s",
           "'ſ", " 's", "'K", "'r", "'l"]
DIGITS = ["7", "42", "123", "2024", "1234567", "3.14159", "1,000,000", "٣٤٥", "१२३४", "Ⅷ", "½¾",
          "x²", "①②", "𝟙𝟚"]
CONTROLS = ["\x00", "\x01\x02", "\x1b[0m", "\x7f", "\x80", "\u200d", "\u200e", "\ufeff",
            "\ufffd", "\u00ad", "\ufe0f"]
CLUSTERS = ["e\u0301", "a\u0323\u0302", "n\u0303", "\u1100\u1161\u11a8", "\uac00\u11a8", "q\u0307\u0323",
            "\u212b", "\u2126", "\u0958", "\u0f73", "i\u0307", "👩‍👩‍👧‍👦", "👍🏽", "🏳️‍🌈", "🇩🇪🇫",
            "👨‍💻", "ก็", "\u0928\u093c", "\u3099", "か\u3099", "\u0301", "\u0344"]
MARKERS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_end|>\n<|im_start|>user\n", "<s>",
           "</s>", "<tool_call>", "</tool_call>", "<tool_response>", "<|im_start", "|>", "<|",
           "<|im_<|im_end|>", "<|im_start|><|im_start|>", " <mask> ", "<mask>", "word", " word ",
           "wordy", "sword", "a word.", "<x>", "<xy>", "<xyz>", "<é>", "<e\u0301>", "<strip>",
           "  <strip>  ", "\n<strip>\t", "<left>", "  <left> ", "<right>  ", "<tool_call"]


def drawn(random, block):
    low, high = block
    return "".join(
        chr(c)
        for c in (random.randint(low, high) for _ in range(random.randint(1, 5)))
        if not 0xD800 <= c < 0xE000
    )


def part(random):
    kind = random.random()
    if kind < 0.30:
        sentence = random.choice(SENTENCES).replace("\\n", "\n").split(" ")
        start = random.randrange(len(sentence))
        piece = " ".join(sentence[start:start + random.randint(1, 4)])
        return random.choice([piece, piece, piece.upper(), " " + piece])
    if kind < 0.48:
        return drawn(random, random.choice(BLOCKS))
    return random.choice(
        random.choice([SPACES, SPACES, ENDINGS, DIGITS, CONTROLS, CLUSTERS, MARKERS, MARKERS])
    )


def strings():
    generator = random.Random(20261)
    result = ["", " ", "a", "\n", "<|endoftext|>"]
    result += ["a" * 200, " " * 150, "ab" * 70, "😀" * 30, "\n" * 70, "1" * 70, "." * 90]
    while len(result) < STRINGS:
        text = "".join(part(generator) for _ in range(generator.randint(1, 5)))
        result.append(text)
    return result


def training_text():
    generator = random.Random(7)
    lines = [s.replace("\\n", "\n") for s in SENTENCES]
    for _ in range(3000):
        words = generator.choice(lines).split(" ")
        generator.shuffle(words)
        lines.append(" ".join(words) + generator.choice(["", "\n", "\r\n", "  ", " " * 4]))
    return lines


def train(pre_tokenizer, size, added, normalizer=None, post=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<s>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.add_special_tokens([t for t in added if t.special])
    tokenizer.add_tokens([t for t in added if not t.special])
    if post:
        tokenizer.post_processor = post
    return tokenizer


def split(digits):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CL100K.format(digits=digits)), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


def special(content, **flags):
    return AddedToken(content, special=True, **{"normalized": False, **flags})


def built():
    template = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 900)]
    )
    gpt2 = train(
        pre_tokenizers.ByteLevel(add_prefix_space=True), 900,
        [special("</s>"), special("<|endoftext|>", normalized=True),
         AddedToken("<mask>", lstrip=True, normalized=True),
         AddedToken("word", single_word=True, normalized=False),
         AddedToken("<strip>", lstrip=True, rstrip=True, normalized=False)],
        post=template,
    )
    llama3 = train(
        split(r"\p{N}{1,3}"), 1000,
        [special("<|im_start|>"), special("<|im_end|>"), special("<|endoftext|>"),
         special("<x>"), special("<xyz>"), AddedToken("<xy>", normalized=False),
         AddedToken("<right>", rstrip=True, normalized=False),
         AddedToken("<left>", lstrip=True, normalized=False)],
        post=processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)]),
        ]),
        ignore_merges=True,
    )
    qwen2 = train(
        split(r"\p{N}"), 1000,
        [special("<|endoftext|>"), special("<|im_start|>"), special("<|im_end|>"),
         AddedToken("<tool_call>", normalized=False), AddedToken("</tool_call>", normalized=False),
         AddedToken("<e\u0301>", normalized=True), AddedToken("word", single_word=True)],
        normalizer=normalizers.NFC(),
    )
    return {"gpt2": gpt2, "llama3": llama3, "qwen2": qwen2}


def merges_as_lines(path):
    """The older spelling of merges, so that both are tested."""
    value = json.loads(path.read_text())
    value["model"]["merges"] = [" ".join(pair) for pair in value["model"]["merges"]]
    write(path, value)


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def expected(tokenizer, texts):
    """For each text its ids, and where they differ its ids with control tokens as plain text."""
    generator = random.Random(3)
    encodings, plain, decoded = [], {}, {}
    for index, text in enumerate(texts):
        tokenizer.encode_special_tokens = False
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        encodings.append(ids)
        back = tokenizer.decode(ids, skip_special_tokens=False)
        if back != text:
            decoded[index] = back
        tokenizer.encode_special_tokens = True
        other = tokenizer.encode(text, add_special_tokens=False).ids
        if other != ids:
            plain[index] = other
    tokenizer.encode_special_tokens = False
    size = tokenizer.get_vocab_size()
    sequences = [
        [generator.randrange(size if generator.random() < 0.4 else 400)
         for _ in range(generator.randint(1, 12))]
        for _ in range(SEQUENCES)
    ]
    return {
        "tokenizers": tokenizers.__version__,
        "ids": encodings,
        "plain": plain,
        "decoded": decoded,
        "added": tokenizer.encode("Hello", add_special_tokens=True).ids,
        "sequences": sequences,
        "text": [tokenizer.decode(s, skip_special_tokens=False) for s in sequences],
        "skipped": [tokenizer.decode(s, skip_special_tokens=True) for s in sequences],
    }


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    texts = strings()
    write(TARGET / "strings.json", texts)
    for name, tokenizer in built().items():
        folder = TARGET / name
        folder.mkdir(exist_ok=True)
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        if name == "gpt2":
            merges_as_lines(folder / "tokenizer.json")
        reread = Tokenizer.from_file(str(folder / "tokenizer.json"))
        write(folder / "expected.json", expected(reread, texts))
    (TARGET / "shipped").mkdir(exist_ok=True)
    shipped = Tokenizer.from_file(str(ROOT / "tokenizer/tokenizer.json"))
    write(TARGET / "shipped/expected.json", expected(shipped, texts))
    for path in sorted(TARGET.rglob("*.json")):
        print(path.relative_to(TARGET), path.stat().st_size)


if __name__ == "__main__":
    main()
