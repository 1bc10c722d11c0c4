"""Starts the model with a circuit that copies, which a short training run would spend most of its time to find.

Layer 0 gets heads that look at the token before; layer 1 gets heads that look for places whose
token before is the present token, and pass on the token that stands there. Training then refines them.
"""
import torch


def orthonormal(rows, columns):
    return torch.linalg.qr(torch.randn(columns, rows)).Q.T


def look_back(layer, config, steady):
    """Attend to the previous position: query and key are steady vectors, turned one step against each other.

    Only the fast rotations tell one step from two.
    """
    half, fast = config.head_dim // 2, 12
    step = config.rope_theta ** (-torch.arange(fast).float() / half)
    q, k = torch.zeros(config.head_dim), torch.zeros(config.head_dim)
    k[:fast] = 1
    q[:fast], q[half:half + fast] = step.cos(), -step.sin()
    attention = layer.self_attn
    for proj, vector, heads in ((attention.q_proj, q, config.num_attention_heads), (attention.k_proj, k, config.num_key_value_heads)):
        proj.weight.mul_(0.02)
        proj.weight[:, steady] += vector.repeat(heads)
    attention.q_norm.weight.fill_(6)


def pass_on(layer, config, read, write, gain):
    """Values read with `read` (kv heads x head_dim rows); the first query head of each kv head writes them with `write`."""
    attention, d = layer.self_attn, config.head_dim
    attention.v_proj.weight.copy_(read)
    attention.o_proj.weight.zero_()
    group = config.num_attention_heads // config.num_key_value_heads
    for i in range(config.num_key_value_heads):
        head = i * group
        attention.o_proj.weight[:, head * d:(head + 1) * d] = gain * write[i * d:(i + 1) * d].T


def pair(words, pairs, own=0.3):
    """A piece with a space in front starts as the piece without, plus one direction for all spaces and a little of its own.

    A word is then found, and copied, whichever way it is written.
    """
    plain, spaced = torch.tensor(pairs).T
    space = torch.randn(words.shape[1]) * words.std() / 2
    words[spaced] = (1 - own**2) ** 0.5 * words[plain] + own * words[spaced] + space


@torch.no_grad()
def plant(model, pairs, sharp=4.0, gain0=0.5, gain1=4.0, level=3.0, slow=14, wide=10.0):
    c, steady = model.config, 0
    d, half, kv = c.head_dim, c.head_dim // 2, c.num_key_value_heads
    # wide embeddings keep up with what the layers write; a small last norm keeps the logits as they were
    model.model.embed_tokens.weight.mul_(wide)
    model.model.norm.weight.fill_(1 / wide)
    model.model.embed_tokens.weight[:, steady] = level
    pair(model.model.embed_tokens.weight, pairs)
    first, second = model.model.layers[0], model.model.layers[1]
    read, write = orthonormal(kv * d, c.hidden_size), orthonormal(kv * d, c.hidden_size)
    read[:, steady] = 0
    look_back(first, c, steady)
    pass_on(first, c, read, write, gain0)
    # match through the slow rotations only, so that the distance hardly matters
    keep = (torch.arange(d) % half >= slow).float().repeat(kv)[:, None]
    second.self_attn.k_proj.weight.copy_(write * keep)
    group = c.num_attention_heads // kv
    query = (read * keep).view(kv, d, -1)
    second.self_attn.q_proj.weight.copy_(query.repeat_interleave(group, dim=0).reshape(-1, c.hidden_size))
    second.self_attn.q_norm.weight.fill_(sharp)
    show = orthonormal(kv * d, c.hidden_size)
    show[:, steady] = 0
    pass_on(second, c, show, show, gain1)
