"""Batches of whole documents. What is in batch number n follows from the seed, so a resumed run goes on where it stopped."""
import random
import re

import torch

import tasks

# share of tokens, not of documents
MIX = {"book": 0.30, "story": 0.05, "drill_copy": 0.03, "drill_recall": 0.03, "copy": 0.10, "lookup_keys": 0.07, "lookup_short": 0.13,
       "lookup_long": 0.04, "json_answer": 0.13, "tool_call": 0.14, "tool_answer": 0.04, "tool_none": 0.01, "reverse": 0.01, "sort": 0.01,
       "count": 0.01, "arithmetic": 0.02, "talk": 0.01, "refuse": 0.005, "several": 0.02}

# (until this share of the training, longest document, tokens per batch)
STAGES = [(0.15, 256, 3072), (0.45, 512, 4096), (0.85, 1024, 4096), (1.01, 2048, 6144)]
WEIGHT = {"book": 1.0, "story": 1.0, "drill_copy": 1.5, "drill_recall": 1.5}  # of a token to learn
TASK_WEIGHT = 2.0
OPENINGS = 0.35  # of the stretches of books start where a tale does: people ask for beginnings


def between(rng, low, high):
    """A whole number, small ones more often: each doubling is as likely as the next."""
    return int(low * ((high + 1) / low) ** rng.random())


def stutter(rng, ids):
    """The text with a phrase said several times over. The repeats are not to be learnt, but the way out of them is:
    greedy decoding falls into loops, and no book shows how to leave one."""
    out, wanted, place = [], [], 0
    while place + 40 < len(ids):
        length, times = between(rng, 1, 12), rng.randint(1, 4)
        end = place + rng.randint(16, 60)
        phrase = ids[end - length:end]
        out += ids[place:end] + phrase * times
        wanted += [True] * len(ids[place:end]) + [False] * (len(phrase) * times)
        place = end
    out, wanted = out + ids[place:], wanted + [True] * len(ids[place:])
    return out[:len(ids)], wanted[:len(ids)]


def stage(progress):
    return next(s for s in STAGES if progress < s[0])


class Maker:
    def __init__(self, corpus, encoder, seed, mix=None):
        self.corpus, self.encoder, self.seed = corpus, encoder, seed
        self.mix = {**MIX, **(mix or {})}
        self.books = [encoder.ids("\n\n".join(book)) for book in corpus.train]
        self.starts = [self.paragraph_starts(book) for book in self.books]
        self.openings = [(which, start) for which, starts in enumerate(self.starts) for start in starts if self.opens(which, start)]
        self.rates = {}

    def paragraph_starts(self, ids):
        newline, = self.encoder.ids("\n")
        return [0] + [i for i in range(2, len(ids) - 64) if ids[i - 2] == ids[i - 1] == newline != ids[i]]

    def opens(self, which, start):
        """Whether a tale seems to begin there."""
        text = self.encoder.tokenizer.decode(self.books[which][start:start + 12])
        return re.match(r"\W?(Once|Long ago|Far |There (was|were|lived)|In (the|a|old|those)|One (day|morning|evening|night))\b", text)

    def book(self, rng, size):
        """A stretch of a book from the start of a paragraph, closed by the end-of-text token."""
        size = min(size, 2048 if rng.random() < 0.3 else 512)
        which = rng.choices(range(len(self.books)), weights=self.corpus.sizes)[0]
        start = rng.choice(self.starts[which])
        if self.openings and rng.random() < OPENINGS:
            which, start = rng.choice(self.openings)
        ids = self.books[which][start:start + size - 1] + [self.encoder.end_of_text]
        if rng.random() < 0.3 and len(ids) > 64:
            return stutter(rng, ids)
        return ids, [True] * len(ids)

    def drill_copy(self, rng, size):
        """Random tokens, then the same again: nothing else teaches looking back so densely."""
        ids = rng.choices(range(4000), k=between(rng, 3, min(96, size // 12)))
        again = ids * rng.randint(1, 4)
        return ids + again, [False] * (len(ids) + 1) + [True] * (len(again) - 1)

    def drill_recall(self, rng, size):
        """Pairs of random tokens; then the first of each pair again, in another order, asks for the rest."""
        width, keys = rng.randint(1, 3), rng.sample(range(4000), between(rng, 2, min(48, size // 20)))
        pairs = {k: rng.choices(range(4000), k=width) for k in keys}
        asked = rng.sample(keys, len(keys))
        ids = [t for k in keys + asked for t in [k] + pairs[k]]
        return ids, [False] * (len(ids) // 2) + ([False] + [True] * width) * len(asked)

    def document(self, rng, kind, size):
        if kind in ("book", "drill_copy", "drill_recall"):
            return getattr(self, kind)(rng, size)
        make = tasks.several if kind == "several" else tasks.TASKS[kind]
        while True:
            ids, wanted = self.encoder.chat(make(rng, self.corpus, size))
            if len(ids) <= size:
                return ids, wanted

    def rate(self, size):
        """How often each kind has to be drawn, so that its share of the tokens is the one in the mix."""
        if size not in self.rates:
            rng = random.Random(f"{self.seed} lengths {size}")
            mean = {kind: sum(len(self.document(rng, kind, size)[0]) for _ in range(60)) / 60 for kind in self.mix}
            self.rates[size] = [share / mean[kind] for kind, share in self.mix.items()]
        return self.rates[size]

    def batch(self, number, progress):
        """A list of documents: (ids, wanted, weight of a wanted token)."""
        _, size, room = stage(progress)
        rng = random.Random(f"{self.seed} {number}")
        documents = []
        while room > 0:
            kind = rng.choices(list(self.mix), weights=self.rate(size))[0]
            ids, wanted = self.document(rng, kind, size)
            room -= len(ids)
            documents.append((ids, wanted, WEIGHT.get(kind, TASK_WEIGHT)))
        return documents


def total_weight(documents):
    return sum(weight * sum(wanted[1:]) for _, wanted, weight in documents)


def flatten(documents):
    """ids, shapes, targets and weights of one flat row that holds all documents, longest first.

    Documents of about the same length are padded to one and form a block (documents, length), so that a
    few calls do the attention of them all. The last token of a document, unwanted tokens and padding have weight 0.
    """
    ids, shapes, targets, weights = [], [], [], []
    for doc, wanted, weight in sorted(documents, key=lambda d: -len(d[0])):
        if not shapes or len(doc) < 0.9 * shapes[-1][1]:
            shapes.append((0, len(doc)))
        shapes[-1] = (shapes[-1][0] + 1, shapes[-1][1])
        padding = [0] * (shapes[-1][1] - len(doc))
        ids += doc + padding
        targets += doc[1:] + [0] + padding
        weights += [weight * w for w in wanted[1:]] + [0.0] + padding
    return torch.tensor(ids), shapes, torch.tensor(targets), torch.tensor(weights)
