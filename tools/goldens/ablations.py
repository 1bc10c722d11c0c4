"""Ways to take one feature out of a model, so that logits.py can show that its golden needs it."""
import dataclasses
import functools
import re
import typing

import torch


@dataclasses.dataclass(frozen=True)
class Ablation:
    """What differs from the golden: keys of config.json, or an edit of the loaded model."""
    config: dict = dataclasses.field(default_factory=dict)
    edit: typing.Callable = lambda model: None
    # The share of the logits' range by which some logit must move.
    smallest_change: float = 0.01


def without(**config):
    """The model with these keys of config.json changed."""
    return Ablation(config=config)


def edited(edit):
    """The model after `edit(model)`, with no gradients."""
    return Ablation(edit=torch.no_grad()(edit))


def filled(pattern, value):
    """Every parameter and buffer whose name matches gets `value`."""
    def edit(model):
        found = [tensor for name, tensor in tensors(model) if re.search(pattern, name)]
        assert found, pattern
        for tensor in found:
            tensor.fill_(value)
    return edited(edit)


def removed(name):
    """Modules of this name hand on what they are given."""
    def edit(model):
        owners = [owner for owner in model.modules() if name in dict(owner.named_children())]
        assert owners, name
        for owner in owners:
            setattr(owner, name, torch.nn.Identity())
    return edited(edit)


def attribute(kind, name, value):
    """Every module whose class name ends in `kind` gets the attribute."""
    def edit(model):
        found = [module for module in model.modules() if type(module).__name__.endswith(kind)]
        assert found, kind
        for module in found:
            assert hasattr(module, name), name
            setattr(module, name, value)
    return edited(edit)


def unshifted_norms():
    """Norms multiply by their weight and not by one more."""
    def edit(model):
        for name, tensor in tensors(model):
            if name.endswith("norm.weight"):
                tensor.sub_(1)
    return edited(edit)


def other_pairs(head_width, rotated=None, start=0, names=r"(q_proj|k_proj)\."):
    """RoPE with the other choice of pairs: the same as these rows of each head in another order."""
    rotated = rotated or head_width
    order = torch.arange(rotated).view(2, -1).T.flatten()

    def edit(model):
        found = [tensor for name, tensor in tensors(model) if re.search(names, name)]
        assert found, names
        for tensor in found:
            heads = tensor.view(-1, head_width, *tensor.shape[1:])
            heads[:, start:start + rotated] = heads[:, start:start + rotated][:, order]
    return edited(edit)


def replaced(name, function):
    """Modules of this name, or whose class name ends in it, compute function(module, x)."""
    def edit(model):
        found = [module for path, module in model.named_modules()
                 if path.endswith("." + name) or type(module).__name__.endswith(name)]
        assert found, name
        for module in found:
            module.forward = functools.partial(function, module)
    return edited(edit)


def kept_mean(module, x):
    """LayerNorm that does not subtract the mean."""
    return module.weight * x * (x.square().mean(-1, keepdim=True) + module.variance_epsilon).rsqrt()


def both(first, second):
    def edit(model):
        first.edit(model)
        second.edit(model)
    return edited(edit)


def softmax_over_all_experts():
    """Routing weights are shares of all experts' and not of the chosen ones'."""
    def hook(module, inputs, output):
        logits, _, chosen = output
        return logits, logits.softmax(-1).gather(1, chosen), chosen
    return edited(lambda model: [router.register_forward_hook(hook) for router in routers(model)])


def routers(model):
    return [module for module in model.modules()
            if type(module).__name__.lower().endswith("topkrouter")]


def tensors(model):
    yield from model.named_parameters()
    yield from model.named_buffers()
