#!/usr/bin/env python3
"""What llama.cpp's converter makes of the tiny checkpoints of logits.py: for each its metadata and its
tensors' names, types, shapes and checksums, in Tests/ExecutionTests/goldens/gguf.json.

    pip download --no-deps --no-binary :all: llama-cpp-python==0.3.36    # and unpack it
    python tools/goldens/gguf_converter.py UNPACKED/vendor/llama.cpp

needs torch, transformers and the converter's own gguf package, which it finds beside it. The converter
wants keys that transformers 5 no longer writes, and a tokenizer; both are given here.
"""
import json
import logging
import pathlib
import sys
import tempfile
import zlib

GOLDENS = pathlib.Path(__file__).parents[2] / "Tests/ExecutionTests/goldens"
LLAMA_CPP = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(LLAMA_CPP), str(LLAMA_CPP / "gguf-py")]

import gguf  # noqa: E402
import torch  # noqa: E402
from conversion import ModelBase, ModelType, get_model_architecture, get_model_class  # noqa: E402

logging.disable(logging.CRITICAL)

# Keys of older versions of config.json.
MISSING = {
    "gpt2": lambda c: {"n_ctx": c["n_positions"]},
    "gpt_neox": lambda c: {"rotary_pct": 0.25},
    "cohere2": lambda c: {"rotary_pct": 1.0},
    # transformers 5 writes the number of heads, whatever multi_query says.
    "falcon": lambda c: {} if c["new_decoder_architecture"] else {"num_kv_heads": 1},
}
# Checkpoints that the converter cannot read: layouts that transformers 5 alone writes, layers without
# experts among such with, and features that llama.cpp does not have.
REFUSED = {"ministral", "mixtral-fused", "qwen3_moe", "qwen3_moe-v4", "qwen3_moe-fused", "gpt2-hub",
           "falcon-sequential"}


def convert(name, out):
    folder = GOLDENS / name
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for file in folder.iterdir():
            (scratch / file.name).symlink_to(file.resolve())
        config = json.loads((folder / "config.json").read_text())
        vocabulary = {str(token): token for token in range(config["vocab_size"])}
        (scratch / "tokenizer.json").write_text(
            json.dumps({"model": {"vocab": vocabulary}, "added_tokens": []}))
        with torch.inference_mode():
            hparams = ModelBase.load_hparams(scratch, False)
            kind = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
            kind.set_vocab = lambda self: self.gguf_writer.add_tokenizer_model("none")
            model = kind(scratch, gguf.LlamaFileType.ALL_F32, out, eager=True)
            model.hparams.update(MISSING.get(config["model_type"], lambda c: {})(model.hparams))
            model.write()


def value(field):
    if field.types[-1] == gguf.GGUFValueType.STRING:
        return bytes(field.parts[field.data[0]]).decode()
    values = [item for index in field.data for item in field.parts[index].tolist()]
    return values if field.types[0] == gguf.GGUFValueType.ARRAY else values[0]


def describe(path):
    reader = gguf.GGUFReader(path)
    architecture = value(reader.fields["general.architecture"])
    return {
        "metadata": {
            name: [field.types[-1].name.lower(), value(field)]
            for name, field in reader.fields.items()
            if name == "general.architecture" or name.startswith(architecture + ".")},
        "tensors": {
            tensor.name: [tensor.tensor_type.name.lower(), [int(n) for n in reversed(tensor.shape)],
                          zlib.crc32(tensor.data.tobytes())]
            for tensor in reader.tensors},
    }


def tokenizer(out):
    """The shipped model's, whose way to split words has the name that is given here."""
    root = GOLDENS.parents[2]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for file in [*(root / "weights").iterdir(), *(root / "tokenizer").iterdir()]:
            (scratch / file.name).symlink_to(file)
        with torch.inference_mode():
            hparams = ModelBase.load_hparams(scratch, False)
            kind = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
            kind = type("Kind", (kind,), {
                "model_arch": kind.model_arch, "set_vocab": kind._set_vocab_gpt2,
                "get_vocab_base_pre": lambda self, tokenizer: "smollm"})
            kind(scratch, gguf.LlamaFileType.ALL_F32, out, eager=True).write()
    fields = gguf.GGUFReader(out).fields
    return {name: [field.types[-1].name.lower(), summary(field)]
            for name, field in fields.items() if name.startswith("tokenizer.")}


def summary(field):
    """Long values as their number and check sum."""
    if field.types[0] != gguf.GGUFValueType.ARRAY:
        return value(field)
    if field.types[-1] == gguf.GGUFValueType.STRING:
        texts = [bytes(field.parts[index]) for index in field.data]
        return [len(texts), zlib.crc32(b"\n".join(texts))]
    values = value(field)
    return [len(values), zlib.crc32(bytes(values))]


def main():
    result = {"converter": "llama.cpp, in llama_cpp_python-0.3.36", "models": {}}
    with tempfile.TemporaryDirectory() as scratch:
        result["tokenizer"] = tokenizer(pathlib.Path(scratch) / "tokenizer.gguf")
        for name in json.loads((GOLDENS / "index.json").read_text())["models"]:
            if name in REFUSED or name.endswith("-v4"):
                continue
            out = pathlib.Path(scratch) / f"{name}.gguf"
            convert(name, out)
            result["models"][name] = describe(out)
            print(name)
    (GOLDENS / "gguf.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
