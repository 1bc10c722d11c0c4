"""Measures a trained run on fresh prompts and held-out text, and writes the model card."""
import argparse
import multiprocessing
import os
import pathlib

import torch

import score
from corpus import Corpus
from export import load
from model import generate

TITLES = {
    "a-christmas-carol": "A Christmas Carol (Charles Dickens)", "alice-in-wonderland": "Alice's Adventures in Wonderland (Lewis Carroll)",
    "andersens-fairy-tales": "Andersen's Fairy Tales (Hans Christian Andersen)", "anne-of-green-gables": "Anne of Green Gables (L. M. Montgomery)",
    "grimms-fairy-tales": "Grimms' Fairy Tales (Jacob and Wilhelm Grimm)", "just-so-stories": "Just So Stories (Rudyard Kipling)",
    "peter-pan": "Peter Pan (J. M. Barrie)", "pride-and-prejudice": "Pride and Prejudice (Jane Austen)",
    "sherlock-holmes": "The Adventures of Sherlock Holmes (Arthur Conan Doyle)", "the-happy-prince": "The Happy Prince and Other Tales (Oscar Wilde)",
    "the-jungle-book": "The Jungle Book (Rudyard Kipling)", "the-railway-children": "The Railway Children (E. Nesbit)",
    "the-secret-garden": "The Secret Garden (Frances Hodgson Burnett)", "the-wind-in-the-willows": "The Wind in the Willows (Kenneth Grahame)",
    "through-the-looking-glass": "Through the Looking-Glass (Lewis Carroll)", "tom-sawyer": "The Adventures of Tom Sawyer (Mark Twain)",
    "treasure-island": "Treasure Island (Robert Louis Stevenson)", "wizard-of-oz": "The Wonderful Wizard of Oz (L. Frank Baum)",
}
WHAT = {
    "copy": "repeat words, names, numbers, random strings or a sentence", "reverse": "reverse 2-6 words or 2-7 letters",
    "sort": "sort 2-6 numbers below 100, or words by their first letter", "count": "count up to 10 items, or a letter among 9",
    "arithmetic": "+ and - up to 3 digits, * up to 12 x 12", "lookup_keys": "look up 1-3 of up to 30 key-value lines",
    "lookup_short": "look up facts in a text of up to 200 tokens", "lookup_long": "look up 1-4 facts in a text of 150-1500 tokens",
    "json_answer": "answer in JSON that fits a given schema", "tool_call": "choose one of 1-3 tools and fill in its arguments",
    "tool_answer": "call a tool, then answer from its result", "tool_none": "tools are offered, none fits or is needed",
    "talk": "greetings, and what it is", "refuse": "say that it does not know a fact of the world",
}
CARD = """# Tokenmill's demonstration model

A language model of {million:.1f} million parameters, small enough to lie in the repository, so that a fresh clone of
Tokenmill can run, be tested and be shown without a download. It is a `Qwen3ForCausalLM` ({layers} layers, hidden size
{hidden}, {vocab} tokens, {positions} positions, tied embeddings, bfloat16), trained from scratch by `tools/train`.

## Data

Eighteen public-domain English books (the last 2 % of each is held out):

{titles}

and chat tasks that `tools/train/tasks.py` generates at random: copying, reversing, sorting, counting, arithmetic, looking
up facts in a text, answering in JSON to a schema, calling tools, and a little talk. No other text, no other model's output.

## Training

{tokens:.1f} million tokens in {steps} steps, {minutes:.0f} minutes on two CPU cores that were shared with other work; Muon for the
hidden matrices and Adam for the rest; warm-up, a level learning rate, and a linear decay over the last two fifths. The
longest document grew from 256 to 2048 tokens. In chats only the assistant's tokens were learnt. The first two layers
started from a hand-made copying circuit, and each word with a space before it near the word without one
(`tools/train/plant.py`); all else from random weights. After 80 minutes the tasks were given more room, and passages with
stuttered phrases, whose way out is learnt, were mixed into the books; the last 11 minutes repeated the decay from a
quarter of the rate, with more of the books and of the beginnings of tales. A rerun gives a like model, not the same file.

## Figures

Held-out ends of the books: **{nats:.3f} nats per token, {bits:.3f} bits per byte**.

Share of right answers over {prompts} fresh prompts per task, greedy decoding, exact match of every assistant turn:

| task | what | right |
| --- | --- | --- |
{table}

`Once upon a time`, continued greedily:

> {sample}

## Limits

It knows no facts of the world and cannot reason. It does the tasks above as often as the table says, in about the wording of
its training, in English, up to {positions} tokens; where the table shows a low share, it is not usable for that task. It has seen
few tokens for its size, and more training would help: the run can be resumed (`tools/train/README.md`). It is meant
for demonstrations and tests of the engine, not for answers that anyone relies on.

## Licence

Apache-2.0, as the project. The books are in the public domain.
"""


def card(model, corpus, saved, loss, shares, prompts, sample):
    c, state = model.config, saved["state"]
    return CARD.format(
        million=sum(p.numel() for p in model.parameters()) / 1e6, layers=c.num_hidden_layers, hidden=c.hidden_size, vocab=c.vocab_size,
        positions=c.max_position_embeddings, titles="\n".join(f"- {TITLES.get(t, t)}" for t in corpus.titles),
        tokens=state["tokens"] / 1e6, steps=state["step"], minutes=state["seconds"] / 60, nats=loss[0], bits=loss[1], prompts=prompts,
        table="\n".join(f"| {n} | {WHAT[n]} | {s:.1%} |" for n, s in shares.items()), sample=sample)


def prepare(run, folder):
    """Each worker process holds the model, rounded as the export is, and the books."""
    global model, encoder, saved, corpus
    torch.set_num_threads(1)
    corpus, (model, encoder, saved) = Corpus(folder), load(run)
    for parameter in model.parameters():
        parameter.data = parameter.data.to(torch.bfloat16).float()


def measure(job):
    name, prompts, seed = job
    if name == "held-out":
        return name, score.held_out(model, encoder, corpus)
    return name, score.share_right(model, encoder, corpus, name, prompts, seed)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", required=True)
    p.add_argument("--run", required=True)
    p.add_argument("--prompts", type=int, default=200)
    p.add_argument("--seed", default="final")
    p.add_argument("--workers", type=int, default=os.cpu_count())
    p.add_argument("--card", help="file to write, e.g. weights/MODEL_CARD.md")
    a = p.parse_args()
    jobs = [(name, a.prompts, a.seed) for name in ["lookup_long", "held-out"] + [n for n in score.EXACT if n != "lookup_long"]]
    results = {}
    with multiprocessing.get_context("spawn").Pool(a.workers, prepare, (a.run, a.corpus)) as pool:
        for name, result in pool.imap_unordered(measure, jobs):
            print(name, result, flush=True)
            results[name] = result
    prepare(a.run, a.corpus)
    opening, loss = "Once upon a time", results.pop("held-out")
    sample = opening + encoder.tokenizer.decode(generate(model, encoder.ids(opening), {encoder.end_of_text}, 64))
    print(sample)
    if a.card:
        shares = {n: results[n] for n in score.EXACT}
        pathlib.Path(a.card).write_text(card(model, corpus, saved, loss, shares, a.prompts, sample.replace("\n", "\n> ")))


if __name__ == "__main__":
    main()
