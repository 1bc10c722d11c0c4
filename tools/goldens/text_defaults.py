#!/usr/bin/env python3
"""Writes Tests/ModelFilesTests/goldens/text_defaults.json: what transformers takes for granted where the
`text_config` of a model with images says nothing.

    pip install transformers==5.23.0
    python tools/goldens/text_defaults.py
"""
import json
import pathlib

import transformers as hf

FILE = (pathlib.Path(__file__).resolve().parents[2]
        / "Tests/ModelFilesTests/goldens/text_defaults.json")
KINDS = [hf.Gemma3TextConfig, hf.LlamaConfig, hf.MistralConfig]
# Those that decide what shape the model has.
KEYS = ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "max_position_embeddings"]


def main():
    defaults = {}
    for kind in KINDS:
        config = kind()
        defaults[config.model_type] = {key: getattr(config, key) for key in KEYS}
    FILE.write_text(json.dumps({"transformers": hf.__version__, "defaults": defaults}, indent=1)
                    + "\n")


if __name__ == "__main__":
    main()
