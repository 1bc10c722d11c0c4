"""A compact Qwen3 whose parameters carry the names transformers gives them.

A batch is one flat row of tokens made of blocks of whole documents of (nearly) equal length; `shapes` lists
(documents, length) of each block. Attention runs per document, so nothing leaks from one into the next.
"""
import dataclasses

import torch
import torch.nn.functional as F
from torch import nn


@dataclasses.dataclass
class Config:
    vocab_size: int = 4096
    hidden_size: int = 256
    intermediate_size: int = 768
    num_hidden_layers: int = 6
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 64
    max_position_embeddings: int = 2048
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6


class Norm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


def rotate(x, cos, sin):
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin


def attend(q, k, v, shapes):
    """Causal attention of each document by itself. q, k, v: (tokens, heads, head_dim)."""
    sizes, out = [n * length for n, length in shapes], []
    for shape, *block in zip(shapes, q.split(sizes), k.split(sizes), v.split(sizes)):
        block = [x.view(*shape, *x.shape[1:]).transpose(1, 2) for x in block]
        one = F.scaled_dot_product_attention(*block, is_causal=True)
        out.append(one.transpose(1, 2).flatten(0, 1))
    return torch.cat(out)


def attend_cached(q, k, v, cache):
    """Attention of new tokens to everything in the cache; used for generation only."""
    if "k" in cache:
        k, v = torch.cat((cache["k"], k)), torch.cat((cache["v"], v))
    cache["k"], cache["v"] = k, v
    old, new = len(k) - len(q), len(q)
    mask = torch.ones(new, len(k), dtype=torch.bool).tril(old)
    q, k, v = (t.transpose(0, 1)[None] for t in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)[0].transpose(0, 1)


class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = c.num_attention_heads, c.num_key_value_heads, c.head_dim
        self.q_proj = linear(c.hidden_size, self.heads * c.head_dim)
        self.k_proj = linear(c.hidden_size, self.kv_heads * c.head_dim)
        self.v_proj = linear(c.hidden_size, self.kv_heads * c.head_dim)
        self.o_proj = linear(self.heads * c.head_dim, c.hidden_size)
        self.q_norm = Norm(c.head_dim, c.rms_norm_eps)
        self.k_norm = Norm(c.head_dim, c.rms_norm_eps)

    def forward(self, x, cos, sin, shapes, cache):
        t = len(x)
        q = rotate(self.q_norm(self.q_proj(x).view(t, self.heads, self.head_dim)), cos, sin)
        k = rotate(self.k_norm(self.k_proj(x).view(t, self.kv_heads, self.head_dim)), cos, sin)
        v = self.v_proj(x).view(t, self.kv_heads, self.head_dim)
        k, v = (y.repeat_interleave(self.heads // self.kv_heads, dim=1) for y in (k, v))
        y = attend(q, k, v, shapes) if cache is None else attend_cached(q, k, v, cache)
        return self.o_proj(y.reshape(t, -1))


class MLP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gate_proj = linear(c.hidden_size, c.intermediate_size)
        self.up_proj = linear(c.hidden_size, c.intermediate_size)
        self.down_proj = linear(c.intermediate_size, c.hidden_size)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self_attn = Attention(c)
        self.mlp = MLP(c)
        self.input_layernorm = Norm(c.hidden_size, c.rms_norm_eps)
        self.post_attention_layernorm = Norm(c.hidden_size, c.rms_norm_eps)

    def forward(self, x, cos, sin, shapes, cache, wanted=None):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, shapes, cache)
        if wanted is not None:
            x = x[wanted]
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.embed_tokens = nn.Embedding(c.vocab_size, c.hidden_size)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.num_hidden_layers))
        self.norm = Norm(c.hidden_size, c.rms_norm_eps)


class Model(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = Body(config)
        self._init()
        frequency = 1.0 / config.rope_theta ** (torch.arange(0, config.head_dim, 2).float() / config.head_dim)
        angle = torch.outer(torch.arange(config.max_position_embeddings).float(), frequency)
        angle = torch.cat((angle, angle), dim=-1)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def _init(self):
        for name, p in self.named_parameters():
            if p.dim() == 2:
                nn.init.normal_(p, std=0.05 if "embed" in name else p.shape[1] ** -0.5)
            if "o_proj" in name or "down_proj" in name:
                nn.init.zeros_(p)  # every layer starts as the identity

    def hidden(self, ids, shapes, cache=None, start=0, wanted=None):
        """Last hidden state of every token of a flat row of documents, or of the wanted ones."""
        positions = torch.cat([torch.arange(start, start + length).repeat(n) for n, length in shapes])
        cos, sin = self.cos[positions, None], self.sin[positions, None]
        x = self.model.embed_tokens(ids)
        last = len(self.model.layers) - 1
        for i, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, shapes, None if cache is None else cache.setdefault(i, {}), wanted if i == last else None)
        return self.model.norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.model.embed_tokens.weight)


@torch.inference_mode()
def generate(model, ids, stop, limit):
    """Greedy continuation of a prompt; returns the new ids, without the stop token."""
    cache, out, new, start = {}, [], list(ids), 0
    while len(out) < limit:
        hidden = model.hidden(torch.tensor(new), [(1, len(new))], cache, start)
        start += len(new)
        token = model.logits(hidden[-1]).argmax().item()
        if token in stop:
            break
        out.append(token)
        new = [token]
    return out
