"""Muon (momentum orthogonalised by Newton-Schulz steps) for the hidden matrices; AdamW does the rest."""
import torch


# each step is a polynomial tuned for the singular values that the one before it leaves (the "polar express")
STEPS = [(8.1565, -22.4833, 15.8788), (4.0429, -2.8089, 0.5000), (3.2858, -2.3681, 0.4645)]


def orthogonalise(g):
    """The nearest semi-orthogonal matrix, roughly."""
    x = (g / (1.02 * g.norm() + 1e-7)).bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.mT if tall else x
    for a, b, c in STEPS:
        s = x @ x.mT
        x = a * x + torch.addmm(s, s, s, beta=b, alpha=c) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Every worker of a team orthogonalises a part of the matrices."""

    def __init__(self, params, team, lr, momentum=0.95, weight_decay=0.05):
        super().__init__(list(params), dict(lr=lr, momentum=momentum, weight_decay=weight_decay))
        self.team = team

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        updates = [self.update(p, group["momentum"], i % self.team.size == self.team.rank) for i, p in enumerate(group["params"])]
        self.team.add_up(updates)
        for p, update in zip(group["params"], updates):
            p.mul_(1 - group["lr"] * group["weight_decay"])
            p.add_(update, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)

    def update(self, p, momentum, mine):
        buffer = self.state[p].setdefault("momentum", torch.zeros_like(p))
        buffer.lerp_(p.grad, 1 - momentum)
        return orthogonalise(p.grad.lerp(buffer, momentum)) if mine else torch.zeros_like(p)
