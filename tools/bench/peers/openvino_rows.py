"""Rows of tools/bench/compare from OpenVINO GenAI: openvino_rows.py MODEL.gguf PLAN-JSON THREADS.

Its continuous batching on the CPU with its own defaults (8-bit cache, 8-bit activations). A row is the
difference of two calls: all tokens, and the first alone. Prompts differ from call to call, so that no
cached prefix helps.
"""
import json
import sys
import time

import numpy as np
import openvino as ov
import openvino_genai as genai

RANDOM = np.random.default_rng(1)
WORDS = 100_000


def generate(pipe, batch, prompt, count):
    """Seconds to read `prompt` random tokens per sequence and generate `count`."""
    ids = RANDOM.integers(300, WORDS, (batch, prompt), dtype=np.int64)
    inputs = genai.TokenizedInputs(ov.Tensor(ids), ov.Tensor(np.ones_like(ids)))
    settings = genai.GenerationConfig(max_new_tokens=count, ignore_eos=True, do_sample=False)
    start = time.monotonic()
    pipe.generate(inputs, settings)
    return time.monotonic() - start


def row(test, tokens, batch, depth, speed):
    return {"test": test, "tokens": tokens, "batch": batch, "depth": depth, "tokens_per_second": speed}


def prefill_row(pipe, tokens):
    generate(pipe, 1, tokens, 1)
    return row("prefill", tokens, 1, 0, tokens / sorted(generate(pipe, 1, tokens, 1) for _ in range(3))[1])


def decode_row(pipe, batch, depth, steps):
    prompt = max(depth, 1)
    generate(pipe, batch, prompt, 2)
    first = min(generate(pipe, batch, prompt, 1) for _ in range(2))
    seconds = generate(pipe, batch, prompt, 1 + steps) - first
    return row("decode", steps, batch, depth, steps * batch / seconds)


def main():
    path, plan, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    start = time.monotonic()
    scheduler = genai.SchedulerConfig()
    scheduler.enable_prefix_caching = False
    pipe = genai.LLMPipeline(path, "CPU", scheduler_config=scheduler, INFERENCE_NUM_THREADS=threads)
    generate(pipe, 1, 3, 1)
    loaded = time.monotonic() - start
    rows = [prefill_row(pipe, tokens) for tokens in plan["prefill"]]
    rows += [decode_row(pipe, 1, depth, plan["steps"]) for depth in plan["depths"]]
    rows += [decode_row(pipe, batch, plan["batch_depth"], plan["steps"]) for batch in plan["batches"]]
    print(json.dumps({"rows": rows, "load_seconds": loaded}))


main()
