"""Measures: share of right answers per task, and loss on the held-out ends of the books."""
import random

import torch
import torch.nn.functional as F

import tasks
from data import flatten

EXACT = [name for name in tasks.TASKS if name != "story"]


def right(model, ids, wanted):
    """True if greedy decoding would give exactly these answers.

    It would if and only if the likeliest token is the right one at every place of the answer, so that one
    pass over prompt and answer settles what a token-by-token generation would.
    """
    tokens = torch.tensor(ids)
    places = [i for i in range(len(ids) - 1) if wanted[i + 1]]
    best = model.logits(model.hidden(tokens, [(1, len(ids))])[places]).argmax(-1)
    return torch.equal(best, tokens[[i + 1 for i in places]])


@torch.inference_mode()
def share_right(model, encoder, corpus, name, prompts, seed, size=2048):
    rng, hits = random.Random(f"test {seed} {name}"), 0
    for _ in range(prompts):
        ids, wanted = encoder.chat(tasks.TASKS[name](rng, corpus, size))
        hits += right(model, ids[:2048], wanted[:2048])
    return hits / prompts


@torch.inference_mode()
def held_out(model, encoder, corpus, size=1024, most=10**9):
    """(nats per token, bits per byte) over the held-out texts."""
    loss = tokens = count = 0
    for book in corpus.held:
        text = "\n\n".join(book)
        ids = encoder.ids(text)
        for start in range(0, len(ids), size):
            row, shapes, targets, weights = flatten([(ids[start:start + size], [True] * len(ids[start:start + size]), 1.0)])
            logits = model.logits(model.hidden(row, shapes))
            loss += (F.cross_entropy(logits, targets, reduction="none") * weights).sum().item()
            tokens += int(weights.sum())
        count += len(text.encode()) * (1 - len(range(0, len(ids), size)) / max(1, len(ids)))
        if tokens > most:
            break
    return loss / tokens, loss / count / 0.693147
