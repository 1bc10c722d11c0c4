#!/usr/bin/env python3
"""Goldens for Tests/SamplingTests: what Hugging Face's logits processors and warpers leave.

    pip install transformers torch
    python tools/goldens/sampling.py

Writes Tests/SamplingTests/goldens/sampling.json: cases of logits, parameters, the tokens that
survive and their probabilities, in the order in which `generate` applies the warpers; and for
150,000 tokens the place of the cut.
"""
import json
from pathlib import Path

import numpy
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


# A vocabulary of the size of large ones: the logits of both shapes are different multiples of a
# power of 2, so that this file need not hold them. Divided by more they are nearly flat: weights of
# neighbours then differ by less than float32 tells apart, so there min_p must keep all or none.
WIDE_SIZE = 150_000
WIDE_SHAPES = {"flat": 2**21, "steep": 2**13}
WIDE_SETTINGS = [
    {"top_p": 0.9},
    {"top_p": 0.95},
    {"top_p": 0.1},
    {"temperature": 0.5, "top_p": 0.9},
    {"min_p": 0.05},
    {"min_p": 0.5},
    {"top_k": 40},
    {"top_k": 1000},
    {"top_k": 20_000, "top_p": 0.9},
    {"top_k": 40, "top_p": 0.9},
    {"temperature": 1.5, "top_p": 0.8, "min_p": 0.1},
]


def wide_ranks():
    """The place of each id in the order of the logits: a permutation of the ids."""
    ranks = [i * 7919 % (WIDE_SIZE + 1) for i in range(WIDE_SIZE)]
    assert len(set(ranks)) == WIDE_SIZE
    return ranks


def wide_case(shape, setting):
    """How many survive, and the lowest rank of those, which all above it share. In double
    precision: sums of so many float32 would move the cut."""
    ranks = wide_ranks()
    logits = [rank / WIDE_SHAPES[shape] for rank in ranks]
    # The settings as the engine has them.
    rounded = {k: v if k == "top_k" else float(numpy.float32(v)) for k, v in setting.items()}
    tokens, _ = survivors(logits, rounded, torch.float64)
    kept = {ranks[i] for i in tokens}
    lowest = min(kept)
    assert kept == {rank for rank in ranks if rank >= lowest}
    return {"shape": shape, **setting, "count": len(kept), "lowest": lowest}


def wide_logprobs(shape):
    ranks = wide_ranks()
    logits = torch.tensor([rank / WIDE_SHAPES[shape] for rank in ranks], dtype=torch.float64)
    logprobs = torch.log_softmax(logits, dim=-1)
    tokens = [0, 1, 255, 256, 77_777, WIDE_SIZE - 1, int(torch.argmax(logits))]
    return {"shape": shape, "tokens": tokens,
            "logprobs": [float(f"{logprobs[t].item():.8g}") for t in tokens],
            "top": torch.topk(logprobs, 5).indices.tolist()}


def survivors(logits, setting, dtype=torch.float32):
    prompt = torch.tensor([setting.get("prompt", [])], dtype=torch.long)
    scores = torch.tensor([logits], dtype=dtype)
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
        "wide": [wide_case(shape, s) for shape in WIDE_SHAPES for s in WIDE_SETTINGS],
        "wide_logprobs": [wide_logprobs(shape) for shape in WIDE_SHAPES],
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden, separators=(",", ":")).replace('{"', '\n{"') + "\n")


if __name__ == "__main__":
    main()
