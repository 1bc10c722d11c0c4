#!/usr/bin/env python3
"""Writes Tests/TokenizationTests/goldens/sentencepiece: tiny SentencePiece models, and what the
`sentencepiece` package, `tokenizers` and llama.cpp make of some of the strings in strings.json.

    pip install sentencepiece==0.2.3 tokenizers==0.23.3 gguf==0.19.0 llama-cpp-python==0.3.36
    python tools/goldens/sentencepiece_models.py

NAME.model is a model, NAME.json its ids and decoded texts; `gguf.json` the vocabulary of one as GGUF
has it, with llama.cpp's ids; `splitting.json` the ids that each way to split words gives with the
vocabulary of goldens/llama3. Everything is seeded: two runs write the same bytes.
"""
import io
import json
import pathlib
import tempfile

import gguf
import sentencepiece
import tokenizers
from llama_cpp import Llama
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, normalizers

from tokenizer import TARGET, training_text

FOLDER = TARGET / "sentencepiece"

COMMON = dict(
    num_threads=1, max_sentence_length=100_000, seed_sentencepiece_size=20_000, shuffle_input_sentence=False,
    hard_vocab_limit=False, minloglevel=2,
)
MODELS = {
    "bpe": dict(
        model_type="bpe", vocab_size=900, byte_fallback=True, normalization_rule_name="identity",
        remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, character_coverage=0.99,
        split_digits=True, user_defined_symbols=["<tool_call>"],
    ),
    "bpe-strict": dict(
        model_type="bpe", vocab_size=700, normalization_rule_name="nmt_nfkc", character_coverage=0.98,
    ),
    "unigram": dict(
        model_type="unigram", vocab_size=700, normalization_rule_name="identity", character_coverage=0.98,
    ),
    "unigram-bytes": dict(
        model_type="unigram", vocab_size=900, byte_fallback=True, normalization_rule_name="identity",
        remove_extra_whitespaces=False, add_dummy_prefix=False, character_coverage=0.98,
    ),
}
COUNT = 400


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def train(options):
    out = io.BytesIO()
    lines = [line.rstrip("\n") for line in training_text()[:1200]]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, **COMMON, **options)
    return out.getvalue()


def texts(processor):
    """Indices of strings without added tokens: around those, SentencePiece puts its spaces otherwise."""
    added = [processor.id_to_piece(i) for i in range(processor.get_piece_size())
             if processor.is_control(i) or processor.is_unknown(i)] + ["<tool_call>"]
    strings = json.loads((TARGET / "strings.json").read_text())
    return [i for i, text in enumerate(strings) if not any(a in text for a in added)][::3][:COUNT], strings


def normalizes_alike(processor, data, text):
    """Whether `tokenizers` normalises a text like SentencePiece. Its Precompiled goes cluster by cluster
    and not by the longest rule, which makes another text of a few odd clusters; Tokenmill follows it."""
    spec = sentencepiece_model_pb2.ModelProto.FromString(data).normalizer_spec
    if not spec.precompiled_charsmap:
        return True
    steps = [normalizers.Precompiled(spec.precompiled_charsmap), normalizers.Replace(Regex(r"\A +|[ ▁]+\z"), ""),
             normalizers.Replace(Regex(" {2,}"), " "), normalizers.Prepend(" "), normalizers.Replace(" ", "▁")]
    return normalizers.Sequence(steps).normalize_str(text) == processor.normalize(text)


def expected(data):
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    indices, strings = texts(processor)
    indices = [i for i in indices if normalizes_alike(processor, data, strings[i])]
    ids = [processor.encode(strings[i]) for i in indices]
    return {"sentencepiece": sentencepiece.__version__, "texts": indices, "ids": ids,
            # The package shows an unknown piece as " ⁇ ".
            "decoded": [processor.decode(one).replace(" \u2047 ", "<unk>") for one in ids]}


def piece_types(processor):
    kinds = [(processor.is_unknown, 2), (processor.is_control, 3), (processor.is_unused, 5), (processor.is_byte, 6)]
    types = [next((code for test, code in kinds if test(i)), 1) for i in range(processor.get_piece_size())]
    for i in range(len(types)):
        if processor.id_to_piece(i) == "<tool_call>":
            types[i] = 4
    return types


def llama(path, strings, special):
    model = Llama(str(path), vocab_only=True, verbose=False)
    return [model.tokenize(text.encode(), add_bos=False, special=special) for text in strings]


def as_gguf(data):
    """The vocabulary with llama.cpp's ids, control tokens spelled in some of the texts."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    size = processor.get_piece_size()
    tokens = [processor.id_to_piece(i) for i in range(size)]
    scores = [processor.get_score(i) for i in range(size)]
    types = piece_types(processor)
    indices = list(range(0, 1200, 3))
    strings = json.loads((TARGET / "strings.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "vocabulary.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_tokenizer_model("llama")
        writer.add_token_list(tokens)
        writer.add_token_scores(scores)
        writer.add_token_types(types)
        writer.add_unk_token_id(0)
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        some = [strings[i] for i in indices]
        plain, special = llama(path, some, False), llama(path, some, True)
    return {"llama-cpp-python": "0.3.36", "tokens": tokens, "scores": scores, "types": types,
            "texts": indices, "plain": plain, "special": special}


# pre_tokenizer of the published tokenizer.json of models with each of llama.cpp's names.
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CL100K = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
KIMI = "|".join([
    r"[\p{Han}]+",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])
TEKKEN = O200K.replace("(?i:'s|'t|'re|'ve|'m|'ll|'d)?", "").replace(r"\p{N}{1,3}", r"\p{N}")
QWEN35 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
          r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK3 = (
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
)
BLOOM = " ?[^(\\s|[.,!?…。，、।۔،])]+"


def split(pattern):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def level(splits):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": splits}


def digits(individual):
    return {"type": "Digits", "individual_digits": individual}


SPLITTINGS = {
    "gpt-2": [level(True)],
    "starcoder": [digits(True), level(True)],
    "llama-bpe": [split(CL100K % r"\p{N}{1,3}"), level(False)],
    "qwen2": [split(CL100K % r"\p{N}"), level(False)],
    "qwen35": [split(QWEN35), level(False)],
    "gpt-4o": [split(O200K), level(False)],
    "tekken": [split(TEKKEN), level(False)],
    "kimi-k2": [split(KIMI), level(False)],
    "deepseek-coder": [split("[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), split("[一-龥ࠀ-一가-\ud7ff]+"),
                       digits(True), level(False)],
    "deepseek-v3": [split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+"), split(DEEPSEEK3), level(False)],
    "falcon": [{"type": "Punctuation", "behavior": "Contiguous"}, level(True), digits(False),
               split("[0-9][0-9][0-9]")],
    "bloom": [split(BLOOM), level(False)],
}
COMPOSING = {"qwen2", "qwen35"}
WHOLE = {"llama-bpe", "tekken"}


def splittings():
    base = json.loads((TARGET / "llama3/tokenizer.json").read_text())
    strings = json.loads((TARGET / "strings.json").read_text())
    indices = list(range(12, 2000, 11))
    ids = {}
    for name, steps in SPLITTINGS.items():
        base["added_tokens"] = []
        base["post_processor"] = None
        base["normalizer"] = {"type": "NFC"} if name in COMPOSING else None
        base["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": steps}
        base["model"]["ignore_merges"] = name in WHOLE
        model = tokenizers.Tokenizer.from_str(json.dumps(base))
        ids[name] = [model.encode(strings[i], add_special_tokens=False).ids for i in indices]
    return {"tokenizers": tokenizers.__version__, "texts": indices, "ids": ids}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, options in MODELS.items():
        data = train(options)
        (FOLDER / f"{name}.model").write_bytes(data)
        write(FOLDER / f"{name}.json", expected(data))
        if name == "bpe":
            write(FOLDER / "gguf.json", as_gguf(data))
    write(FOLDER / "splitting.json", splittings())
    for path in sorted(FOLDER.iterdir()):
        print(path.relative_to(TARGET), path.stat().st_size)


if __name__ == "__main__":
    main()
