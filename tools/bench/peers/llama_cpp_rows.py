"""Rows of tools/bench/compare from llama.cpp: llama_cpp_rows.py MODEL.gguf PLAN-JSON THREADS.

Through the C interface, as its own llama-bench and llama-batched-bench do: steps of 512 tokens, flash
attention as it chooses, a half-precision cache.
"""
import json
import sys
import time

import llama_cpp as llama


class Sequences:
    """A context for `count` sequences of `length` tokens."""

    def __init__(self, model, count, length, threads):
        parameters = llama.llama_context_default_params()
        parameters.n_ctx = count * (length + 32)
        parameters.n_batch = parameters.n_ubatch = 512
        parameters.n_seq_max = count
        parameters.n_threads = parameters.n_threads_batch = threads
        self.context = llama.llama_init_from_model(model, parameters)
        assert self.context, "llama.cpp refuses the context"
        self.batch = llama.llama_batch_init(512, 0, 1)
        self.words = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(model))

    def close(self):
        llama.llama_batch_free(self.batch)
        llama.llama_free(self.context)

    def forget(self):
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)

    def step(self, sequences, start, count):
        """`count` tokens from position `start` of each sequence; logits of each one's last."""
        at = 0
        for sequence in sequences:
            for i in range(count):
                self.batch.token[at] = (start + i + sequence) * 7919 % self.words
                self.batch.pos[at] = start + i
                self.batch.n_seq_id[at] = 1
                self.batch.seq_id[at][0] = sequence
                self.batch.logits[at] = i == count - 1
                at += 1
        self.batch.n_tokens = at
        status = llama.llama_decode(self.context, self.batch)
        assert status == 0, f"llama_decode failed: {status}"
        llama.llama_synchronize(self.context)

    def prompt(self, sequences, count):
        for sequence in sequences:
            for start in range(0, count, 512):
                self.step([sequence], start, min(512, count - start))


def timed(body):
    start = time.monotonic()
    body()
    return time.monotonic() - start


def prefill_row(model, tokens, threads):
    sequences = Sequences(model, 1, tokens, threads)
    sequences.prompt([0], min(tokens, 512))
    seconds = []
    for _ in range(3):
        sequences.forget()
        seconds.append(timed(lambda: sequences.prompt([0], tokens)))
    sequences.close()
    return row("prefill", tokens, 1, 0, tokens / sorted(seconds)[1])


def decode_row(model, batch, depth, steps, threads):
    sequences = Sequences(model, batch, depth + steps + 1, threads)
    sequences.prompt(range(batch), depth)
    sequences.step(range(batch), depth, 1)
    seconds = timed(lambda: [sequences.step(range(batch), depth + 1 + i, 1) for i in range(steps)])
    sequences.close()
    return row("decode", steps, batch, depth, steps * batch / seconds)


def row(test, tokens, batch, depth, speed):
    return {"test": test, "tokens": tokens, "batch": batch, "depth": depth, "tokens_per_second": speed}


def main():
    path, plan, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
    quiet = llama.llama_log_callback(lambda *_: None)
    llama.llama_log_set(quiet, None)
    llama.llama_backend_init()
    start = time.monotonic()
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    assert model, f"llama.cpp cannot load {path}"
    first = Sequences(model, 1, 4, threads)
    first.step([0], 0, 3)
    loaded = time.monotonic() - start
    first.close()
    rows = [prefill_row(model, tokens, threads) for tokens in plan["prefill"]]
    rows += [decode_row(model, 1, depth, plan["steps"], threads) for depth in plan["depths"]]
    rows += [decode_row(model, batch, plan["batch_depth"], plan["steps"], threads)
             for batch in plan["batches"]]
    print(json.dumps({"rows": rows, "load_seconds": loaded}))


main()
