"""Trains Tokenmill's small demonstration model. Run with --help; see README.md."""
import argparse
import json
import os
import pathlib
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import model
import score
import tokenizer as tok
from corpus import Corpus
from data import Maker, flatten, stage, total_weight
from model import Config, Model, generate
from muon import Muon
from plant import plant
from team import Team
import tasks


def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", required=True, help="folder of .txt files")
    p.add_argument("--run", required=True, help="folder for checkpoints, tokenizer and log")
    p.add_argument("--minutes", type=float, default=115, help="training time in all, resumed parts included")
    p.add_argument("--decay", type=float, default=0.4, help="share of the time over which the rate falls to zero")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--start", help="folder of exported weights to start from (with RUN/tokenizer their tokenizer), when no checkpoint is left")
    p.add_argument("--layers", type=int, default=6)
    p.add_argument("--workers", type=int, default=os.cpu_count(), help="processes of one thread each")
    p.add_argument("--save-every", type=float, default=5, help="minutes between checkpoints")
    p.add_argument("--score-every", type=float, default=12, help="minutes between quick scores")
    p.add_argument("--score-prompts", type=int, default=50, help="prompts per task of a quick score")
    p.add_argument("--compile", action="store_true", help="fuse the small operations with torch.compile; needs a C++ compiler")
    p.add_argument("--mix", default="{}", help='JSON of shares that replace those in data.py, e.g. {"copy": 0.1}')
    p.add_argument("--muon-lr", type=float, default=0.006)
    p.add_argument("--word-lr", type=float, default=0.012)
    p.add_argument("--norm-lr", type=float, default=0.001)
    return p.parse_args()


def rate(progress, decay, warm=0.04):
    """Warm-up, a level stretch, then a straight line to zero over the last `decay`; a share of the peak rate."""
    return min(1.0, (progress + 1e-4) / warm, max(0.0, (1 - progress) / decay))


def fuse():
    """A quarter faster on a CPU; whole-model compilation would stumble over the changing shapes."""
    for place, name in ((model.MLP, "forward"), (model.Norm, "forward"), (model, "rotate")):
        setattr(place, name, torch.compile(getattr(place, name), dynamic=True))


def make_tokenizer(args):
    folder = pathlib.Path(args.run) / "tokenizer"
    if not (folder / "tokenizer.json").exists():
        corpus, names = Corpus(args.corpus), list(tasks.TASKS)
        tok.save(tok.build(tok.training_texts(corpus, lambda rng: tasks.TASKS[rng.choice(names)](rng, corpus, 200), args.seed)), folder)


class Trainer:
    def __init__(self, args, rank=0):
        self.args = args
        self.folder = pathlib.Path(args.run)
        torch.manual_seed(args.seed)
        torch.set_num_threads(1)
        self.team = Team(rank, args.workers, args.run)
        self.corpus = Corpus(args.corpus)
        self.encoder = tok.Encoder(self.folder / "tokenizer")
        self.model = Model(Config(num_hidden_layers=args.layers))
        if args.start:
            self.model.load_state_dict({k: v.float() for k, v in load_file(pathlib.Path(args.start) / "model.safetensors").items()})
        else:
            plant(self.model, self.encoder.pairs())
        if args.compile:
            fuse()
        matrices = [p for n, p in self.model.named_parameters() if p.dim() == 2 and "embed" not in n]
        norms = [p for p in self.model.parameters() if p.dim() < 2]
        words = [self.model.model.embed_tokens.weight]
        self.optimizers = [Muon(matrices, self.team, lr=args.muon_lr),
                           torch.optim.AdamW(words, lr=args.word_lr, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
                           torch.optim.AdamW(norms, lr=args.norm_lr, betas=(0.9, 0.98), weight_decay=0.0)]
        self.state = {"step": 0, "tokens": 0, "seconds": 0.0, "log": []}
        self.resume()
        self.maker = Maker(self.corpus, self.encoder, args.seed, json.loads(args.mix))

    def save(self):
        """Write beside the old checkpoint, then rename, so that a kill never leaves half a file."""
        new = self.folder / "checkpoint.new"
        torch.save({"model": self.model.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers], "state": self.state,
                    "rng": torch.get_rng_state(), "config": vars(self.model.config), "args": vars(self.args)}, new)
        os.replace(new, self.folder / "checkpoint.pt")

    def resume(self):
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        saved = torch.load(path, weights_only=True)
        self.model.load_state_dict(saved["model"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        self.state = saved["state"]
        torch.set_rng_state(saved["rng"])
        self.say(f"resumed at step {self.state['step']}")

    def say(self, text):
        if self.team.rank:
            return
        line = f"{time.strftime('%H:%M:%S')} {text}"
        print(line, flush=True)
        with open(self.folder / "log.txt", "a") as log:
            log.write(line + "\n")

    def progress(self):
        return self.state["seconds"] / 60 / self.args.minutes

    def step(self, progress):
        documents = self.maker.batch(self.state["step"], progress)
        ids, shapes, targets, weights = flatten(self.team.share(documents))
        wanted = weights.nonzero()[:, 0]  # logits are made only where there is something to learn
        with torch.autocast("cpu", torch.bfloat16):  # more than twice as fast where the processor multiplies bfloat16
            logits = self.model.logits(self.model.hidden(ids, shapes, wanted=wanted))
        losses = F.cross_entropy(logits.float(), targets[wanted], reduction="none")
        weights = weights[wanted]
        loss = (losses * weights).sum() / total_weight(documents)
        loss.backward()
        self.team.add_up([p.grad for p in self.model.parameters()])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer, peak in zip(self.optimizers, (self.args.muon_lr, self.args.word_lr, self.args.norm_lr)):
            optimizer.param_groups[0]["lr"] = peak * rate(progress, self.args.decay)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        parts = [losses[weights == w].detach() for w in (1.0, 1.5, 2.0)]  # books, drills, tasks
        self.state["step"] += 1
        count = sum(len(d[0]) for d in documents)
        self.state["tokens"] += count
        return count, [(part.sum().item(), len(part)) for part in parts]

    def quick_score(self):
        torch.set_num_threads(self.args.workers)  # the others wait meanwhile
        size = stage(min(1, self.progress()))[1]
        shares = {n: score.share_right(self.model, self.encoder, self.corpus, n, self.args.score_prompts, self.state["step"], size) for n in score.EXACT}
        nats, _ = score.held_out(self.model, self.encoder, self.corpus, most=8000)
        self.say(f"held-out {nats:.3f}; " + " ".join(f"{n} {s:.2f}" for n, s in shares.items()))
        out = generate(self.model, self.encoder.ids("Once upon a time"), {self.encoder.end_of_text}, 64)
        self.say("Once upon a time" + self.encoder.tokenizer.decode(out).replace("\n", "|"))
        torch.set_num_threads(1)

    def report(self, recent, speed):
        means = [sum(r[1][i][0] for r in recent) / max(1, sum(r[1][i][1] for r in recent)) for i in range(3)]
        left = self.args.minutes - self.state["seconds"] / 60
        self.say(f"step {self.state['step']} tokens {self.state['tokens'] / 1e6:.2f}M loss books {means[0]:.3f} drills {means[1]:.3f} "
                 f"tasks {means[2]:.3f} {speed:.0f} tok/s rate {rate(self.progress(), self.args.decay):.2f} eta {left:.1f} min")
        self.state["log"].append([self.state["step"], self.state["tokens"], *means])

    def run(self):
        saved = scored = mark = time.monotonic()
        recent = []
        stop = self.folder / "stop"  # `touch RUN/stop` ends the run with a checkpoint
        while (progress := self.team.follow(2 if stop.exists() else self.progress())) < 1:
            begin = time.monotonic()
            recent.append(self.step(progress))
            now = time.monotonic()
            self.state["seconds"] += now - begin
            if self.team.rank:
                continue  # the first worker alone reports, saves and scores
            if len(recent) == 10:
                self.report(recent, sum(r[0] for r in recent) / (now - mark))
                recent, mark = [], now
            if now - saved > self.args.save_every * 60:
                self.save()
                saved = now
            if now - scored > self.args.score_every * 60:
                self.quick_score()
                scored = mark = time.monotonic()
        if self.team.rank == 0:
            self.save()
            self.say("stopped" if stop.exists() else "finished")
            stop.unlink(missing_ok=True)


def work(rank, args):
    Trainer(args, rank).run()


def main():
    args = arguments()
    pathlib.Path(args.run).mkdir(parents=True, exist_ok=True)
    make_tokenizer(args)
    (pathlib.Path(args.run) / "meeting").unlink(missing_ok=True)
    if args.workers == 1:
        work(0, args)
    else:
        torch.multiprocessing.spawn(work, (args,), nprocs=args.workers)


if __name__ == "__main__":
    main()
