"""Measures: share of right answers per task, and loss on the held-out ends of the books."""
import random

import torch
import torch.nn.functional as F

import tasks
from data import flatten

EXACT = [name for name in tasks.TASKS if name != "story"]


def chunks(documents, room=8192):
    """The documents, longest first, in lists of at most about `room` tokens."""
    chunk, used = [], 0
    for document in sorted(documents, key=lambda d: -len(d[0])):
        if chunk and used + len(document[0]) > room:
            yield chunk
            chunk, used = [], 0
        chunk.append(document)
        used += len(document[0])
    yield chunk


def right(model, chunk):
    """For each document, whether greedy decoding would give exactly its answers.

    It would if and only if the likeliest token is the right one at every place of the answers, so that one
    pass over prompt and answers settles what a token-by-token generation would.
    """
    ids, shapes, targets, weights = flatten(chunk)
    places = weights.nonzero()[:, 0]
    hit = model.logits(model.hidden(ids, shapes, wanted=places)).argmax(-1) == targets[places]
    return [part.all().item() for part in hit.split([sum(wanted[1:]) for _, wanted, _ in chunk])]


@torch.inference_mode()
def share_right(model, encoder, corpus, name, prompts, seed, size=2048):
    rng, documents = random.Random(f"test {seed} {name}"), []
    while len(documents) < prompts:
        ids, wanted = encoder.chat(tasks.TASKS[name](rng, corpus, size))
        if len(ids) <= 2048:
            documents.append((ids, wanted, 1.0))
    return sum(hit for chunk in chunks(documents) for hit in right(model, chunk)) / prompts


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
