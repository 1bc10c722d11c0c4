#!/usr/bin/env python3
"""Goldens for Tests/SamplingTests: what Hugging Face's logits processors and warpers leave.

    pip install transformers torch
    python tools/goldens/sampling.py

Writes Tests/SamplingTests/goldens/sampling.json: cases of logits, parameters, the tokens that
survive and their probabilities, in the order in which `generate` applies the warpers.
"""
import json
from pathlib import Path

import torch
import transformers
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

OUT = Path(__file__).resolve().parents[2] / "Tests/SamplingTests/goldens/sampling.json"

SETTINGS = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.5},
    {"top_k": 1},
    {"top_k": 5},
    {"top_k": 1000},
    {"top_p": 0.1},
    {"top_p": 0.5},
    {"top_p": 0.95},
    {"min_p": 0.05},
    {"min_p": 0.5},
    {"temperature": 0.8, "top_k": 20, "top_p": 0.9},
    {"temperature": 1.3, "top_k": 40, "min_p": 0.1},
    {"temperature": 0.6, "top_k": 10, "top_p": 0.8, "min_p": 0.05},
    {"repetition_penalty": 1.3, "prompt": [0, 3, 5, 5, 7]},
    {"repetition_penalty": 0.8, "prompt": [1, 2, 9], "temperature": 0.9, "top_p": 0.9},
]


def survivors(logits, setting):
    prompt = torch.tensor([setting.get("prompt", [])], dtype=torch.long)
    scores = torch.tensor([logits], dtype=torch.float32)
    steps = []
    if "repetition_penalty" in setting:
        steps.append(RepetitionPenaltyLogitsProcessor(setting["repetition_penalty"]))
    if "temperature" in setting:
        steps.append(TemperatureLogitsWarper(setting["temperature"]))
    if "top_k" in setting:
        steps.append(TopKLogitsWarper(setting["top_k"]))
    if "top_p" in setting:
        steps.append(TopPLogitsWarper(setting["top_p"]))
    if "min_p" in setting:
        steps.append(MinPLogitsWarper(setting["min_p"]))
    for step in steps:
        scores = step(prompt, scores)
    probabilities = torch.softmax(scores.double(), dim=-1)[0]
    tokens = [i for i, s in enumerate(scores[0].tolist()) if s > float("-inf")]
    return tokens, [probabilities[i].item() for i in tokens]


def main():
    generator = torch.Generator().manual_seed(20)
    cases = []
    for size, spread in [(12, 2.0), (64, 3.0), (300, 1.0)]:
        raw = torch.randn(size, generator=generator) * spread
        # Few digits, the same in JSON and in float32.
        logits = [round(x, 5) for x in raw.tolist()]
        assert len(set(logits)) == size, "a tie: the references do not say who stays"
        for setting in SETTINGS:
            tokens, probabilities = survivors(logits, setting)
            cases.append({**setting, "logits": logits, "tokens": tokens,
                          "probabilities": [float(f"{p:.8g}") for p in probabilities]})
    logprobs = torch.log_softmax(torch.tensor(cases[16]["logits"]).double(), dim=-1)
    order = sorted(range(len(logprobs)), key=lambda i: (-logprobs[i], i))
    golden = {
        "reference": f"transformers {transformers.__version__}, torch {torch.__version__}",
        "command": "python tools/goldens/sampling.py",
        "cases": cases,
        "logprobs": {"logits": cases[16]["logits"],
                     "all": [float(f"{x:.8g}") for x in logprobs.tolist()],
                     "order": order},
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden, separators=(",", ":")).replace('{"', '\n{"') + "\n")


if __name__ == "__main__":
    main()
