#!/usr/bin/env python3
"""Writes the goldens of Tests/ExecutionTests: tiny random checkpoints with the reference's logits.

    pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0
    python tools/goldens/logits.py tiny [NAME...]   # of architectures.py; all of them, or these
    python tools/goldens/logits.py ablations [NAME...]   # only show that every feature matters
    python tools/goldens/logits.py shipped          # the goldens of weights/, after it changes

Deterministic. Reference: Hugging Face transformers, float32, eager attention, on the CPU. See
README.md here.
"""
import argparse
import contextlib
import json
import pathlib
import re
import shutil
import tempfile
import zlib

import safetensors.torch
import torch
import transformers
from transformers.integrations import mxfp4

import architectures
from ablations import routers

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "Tests/ExecutionTests/goldens"
WEIGHTS = "model.safetensors"
TOKENS, PROMPT, CONTINUATION = 300, 16, 64
ROWS = 12
# Different greedy tokens, at least.
VARIETY = 12
# As shares of the logits' range; logits are off by up to 3e-6 in another order of additions.
SMALLEST_LEAD = 8e-4
ATTEMPTS = 40
# Between the last expert that is chosen and the first that is not.
SMALLEST_ROUTING_GAP = 1e-3


# MARK: weights

NORM = re.compile(r"(norm|ln_\w+)\.weight$")
NORM_BIAS = re.compile(r"(norm|ln_\w+)\.bias$")
FINAL_NORM = re.compile(r"^(model\.norm|transformer\.ln_f|gpt_neox\.final_layer_norm)\.weight$")
EMBEDDING = re.compile(r"(embed_tokens|embed_in|word_embeddings|wte|wpe)\.weight$")
# Saved as (inputs, outputs), where everything else is (outputs, inputs).
TRANSPOSED = {"gpt2": r"(c_attn|c_proj|c_fc)\.weight$", "gpt_oss": "(gate_up|down)_proj$"}


def randomise(model, generator):
    """Weights large enough that logits and attention vary; norms and biases away from 1 and 0."""
    # Where the head is the embedding, a norm near 1 before it would repeat the last token for ever.
    tied = model.config.tie_word_embeddings
    shift = 0.0 if "gemma" in model.config.model_type else 1.0
    transposed = TRANSPOSED.get(model.config.model_type, "$^")
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if tied and FINAL_NORM.search(name):
            value = shift - 1 + noise
        elif NORM.search(name):
            value = shift + 0.2 * noise
        elif NORM_BIAS.search(name):
            value = 0.15 * noise
        elif name.endswith("bias"):
            value = 0.3 * noise
        elif name.endswith("sinks"):
            value = 3 + noise
        elif EMBEDDING.search(name):
            value = (0.4 if tied else 0.15) * noise
        elif name.endswith("experts.gate_up_proj") and model.config.model_type == "gpt_oss":
            # So that some reach swiglu_limit.
            value = noise * 4.5 / parameter.shape[-2] ** 0.5
        else:
            inputs = parameter.shape[-2 if re.search(transposed, name) else -1]
            value = noise * 1.5 / inputs ** 0.5
        parameter.data.copy_(value)
    for name, buffer in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            buffer.copy_(0.3 * torch.randn(buffer.shape, generator=generator))


def random_model(config, seed):
    """bf16, except for what published checkpoints keep in f32."""
    model = transformers.AutoModelForCausalLM.from_config(config)
    randomise(model, torch.Generator().manual_seed(seed))
    kept = {name: buffer.clone() for name, buffer in model.named_buffers()
            if name.endswith("e_score_correction_bias")}
    model.to(torch.bfloat16)
    for name, buffer in kept.items():
        owner, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(owner), leaf, torch.nn.Buffer(buffer))
    return model


def save(model, folder, layout, seed):
    """config.json and model.safetensors in one of the layouts that checkpoints come in."""
    # "fused": all experts of a layer in one tensor, as transformers 5 holds them in memory.
    # "fp8-fused": that with 8-bit weights, scales stored as exponents; "fp8": as published.
    # "images-fused": text under "model.language_model.", also as there.
    if layout in ("images", "images-fused"):
        model = architectures.with_images(model)
    model.save_pretrained(folder, save_original_format="fused" not in (layout or ""))
    path = folder / WEIGHTS
    if layout in ("fp8", "fp8-fused"):
        safetensors.torch.save_file(
            with_fp8_matrices(safetensors.torch.load_file(path), layout == "fp8-fused"), path,
            metadata={"format": "pt"})
        config = json.loads((folder / "config.json").read_text())
        config["quantization_config"] = {
            "quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic",
            "weight_block_size": list(FP8_BLOCK),
            **({"scale_fmt": "ue8m0"} if layout == "fp8-fused" else {})}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    elif layout == "hub":
        safetensors.torch.save_file(gpt2_of_the_hub(safetensors.torch.load_file(path)), path,
                                    metadata={"format": "pt"})
    elif layout == "mxfp4":
        safetensors.torch.save_file(
            with_mxfp4_experts(safetensors.torch.load_file(path), seed), path,
            metadata={"format": "pt"})
        config = json.loads((folder / "config.json").read_text())
        config["quantization_config"] = {
            "quant_method": "mxfp4",
            "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router",
                                       "model.embed_tokens", "lm_head"]}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def gpt2_of_the_hub(tensors):
    """Without the prefix, and with the causal masks that old files hold; here cut to 4 by 4."""
    tensors = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
    masks = {name.replace("c_attn.weight", "bias"): torch.ones(4, 4).tril()[None, None]
             for name in tensors if name.endswith("c_attn.weight")}
    return {**tensors, **masks}


def with_mxfp4_experts(tensors, seed):
    """Random 4-bit experts: every bit pattern, scales of 2^-6 to 2^-3."""
    generator = torch.Generator().manual_seed(seed)
    result = dict(tensors)
    for name in tensors:
        if name.endswith(("gate_up_proj", "down_proj")):
            experts, inputs, outputs = result.pop(name).shape
            shape = (experts, outputs, inputs // 32)
            result[name + "_blocks"] = torch.randint(
                0, 256, (*shape, 16), generator=generator, dtype=torch.uint8)
            result[name + "_scales"] = torch.randint(
                121, 125, shape, generator=generator, dtype=torch.uint8)
    return result


FP8_BLOCK = (128, 128)
FP8_MATRIX = re.compile(r"_(proj|mqa)(\.weight)?$")


def with_fp8_matrices(tensors, as_exponents):
    """Projections in 8 bits, one scale for all of a matrix: they are smaller than a block."""
    result = dict(tensors)
    for name, tensor in tensors.items():
        if not FP8_MATRIX.search(name):
            continue
        scale = tensor.float().abs().amax((-2, -1), keepdim=True) / 448
        if as_exponents:
            scale = torch.exp2(torch.log2(scale).ceil())
        result[name] = (tensor.float() / scale).to(torch.float8_e4m3fn)
        result[name + "_scale_inv"] = scale.to(torch.float8_e8m0fnu) if as_exponents else scale
    return result


def widened_fp8(tensors):
    scales = {name: tensor.float() for name, tensor in tensors.items()
              if name.endswith("_scale_inv")}
    return {name: (tensor.float() * scales[name + "_scale_inv"]
                   if name + "_scale_inv" in scales else tensor)
            for name, tensor in tensors.items() if name not in scales}


# MARK: reference

def reference(folder):
    """The model as anybody would load it, its bf16 weights widened to float32."""
    with in_floats(folder) as plain:
        sees_images = "text_config" in json.loads((plain / "config.json").read_text())
        kind = (transformers.AutoModelForImageTextToText if sees_images
                else transformers.AutoModelForCausalLM)
        model, loading = kind.from_pretrained(
            plain, dtype=torch.float32, attn_implementation="eager",
            experts_implementation="eager", output_loading_info=True)
    wrong = {key: loading[key] for key in ["missing_keys", "mismatched_keys"] if loading[key]}
    assert not wrong, wrong
    return model.eval()


@contextlib.contextmanager
def in_floats(folder):
    """`folder`, or a copy whose quantised matrices are widened, MXFP4 by transformers."""
    config = json.loads((folder / "config.json").read_text())
    if "quantization_config" not in config:
        yield folder
        return
    with tempfile.TemporaryDirectory() as copy:
        copy = pathlib.Path(copy)
        method = config.pop("quantization_config")["quant_method"]
        write_json(copy / "config.json", config)
        tensors = safetensors.torch.load_file(folder / WEIGHTS)
        if method == "fp8":
            tensors = widened_fp8(tensors)
        for name in [name for name in tensors if name.endswith("_blocks")]:
            stem = name.removesuffix("_blocks")
            tensors[stem] = mxfp4.convert_moe_packed_tensors(
                tensors.pop(name), tensors.pop(stem + "_scales"), dtype=torch.float32)
        safetensors.torch.save_file(tensors, copy / WEIGHTS, metadata={"format": "pt"})
        yield copy


@torch.inference_mode()
def continuation(model, prompt):
    """Greedy tokens with the cache, and the smallest lead of a chosen token over the next best as
    a share of the range of the logits of its step."""
    tokens, lead, cache, step = [], float("inf"), None, torch.tensor([prompt])
    for _ in range(CONTINUATION):
        output = model(step, past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        logits = output.logits[0, -1]
        best = logits.topk(2)
        lead = min(lead, float((best.values[0] - best.values[1]) / (logits.max() - logits.min())))
        tokens.append(int(best.indices[0]))
        step = best.indices[:1].reshape(1, 1)
    return tokens, lead


@torch.inference_mode()
def logits_and_routing_gaps(model, tokens):
    """All rows, and for each by how much the closest choice of an expert was won in any layer."""
    gaps = [torch.full(tokens.shape, torch.inf)]

    def note(router, inputs, output):
        gaps.append(routing_gaps(router, output[0]))
    hooks = [router.register_forward_hook(note) for router in routers(model)]
    logits = model(tokens[None]).logits[0]
    for hook in hooks:
        hook.remove()
    return logits, torch.stack(gaps).min(0).values


def routing_gaps(router, logits):
    """Of each row: from the last chosen expert (or group of experts) to the first not chosen."""
    family = type(router).__name__
    if family.startswith(("GptOss", "GraniteMoe")):
        return gaps_after(logits, router.top_k)
    scores, best_of_group = logits.softmax(-1), 1
    if family.startswith("DeepseekV3"):
        scores, best_of_group = logits.sigmoid() + router.e_score_correction_bias, 2
    count = getattr(router, "num_group", None) or 1
    if count == 1 or getattr(router, "topk_method", "") == "greedy":
        return gaps_after(scores, router.top_k)
    groups = scores.unflatten(-1, (count, -1))
    group_scores = groups.topk(best_of_group, -1).values.sum(-1)
    chosen = group_scores.topk(router.topk_group, -1).indices
    kept = torch.full_like(groups, -torch.inf)
    kept.scatter_(1, chosen[..., None].expand(-1, -1, groups.shape[-1]),
                  groups.gather(1, chosen[..., None].expand(-1, -1, groups.shape[-1])))
    return torch.minimum(gaps_after(group_scores, router.topk_group),
                         gaps_after(kept.flatten(-2), router.top_k))


def gaps_after(scores, count):
    best = scores.topk(count + 1, -1).values
    return best[:, count - 1] - best[:, count]


def clearly_routed(model, generator):
    """Random tokens, those that are routed by a narrow margin drawn again."""
    def draw(count):
        return torch.randint(3, model.config.vocab_size, (count,), generator=generator)
    tokens = draw(TOKENS)
    for _ in range(1000):
        logits, gaps = logits_and_routing_gaps(model, tokens)
        narrow = (gaps < SMALLEST_ROUTING_GAP).nonzero()
        if not len(narrow):
            return tokens, logits, float(gaps.min())
        # Rows before the first do not change, so this ends.
        tokens[narrow[0]] = draw(1)
    raise Undecided("no tokens without near ties in routing found")


class Undecided(Exception):
    pass


def decided(model, seed, variety):
    """Tokens whose experts and whose greedy continuation from the first PROMPT ids are chosen
    without near ties, so that any order of float additions finds the same; with at least `variety`
    different greedy tokens."""
    for attempt in range(ATTEMPTS):
        generator = torch.Generator().manual_seed(seed * 1000 + attempt)
        tokens, logits, routing = clearly_routed(model, generator)
        greedy, lead = continuation(model, tokens[:PROMPT].tolist())
        if lead < SMALLEST_LEAD or len(set(greedy)) < variety:
            continue
        followed = torch.cat([tokens[:PROMPT], torch.tensor(greedy)])
        gaps = logits_and_routing_gaps(model, followed)[1]
        if gaps.min() >= SMALLEST_ROUTING_GAP:
            return tokens, logits, routing, greedy, lead
    raise Undecided("no prompt without near ties found")


def golden(folder, target, rows, seed, variety):
    """Writes reference.json and reference.safetensors into `target` for the model in `folder`."""
    model = reference(folder)
    tokens, logits, routing, greedy, lead = decided(model, seed, variety)
    rows = sorted({round(index * (TOKENS - 1) / (rows - 1)) for index in range(rows)})
    safetensors.torch.save_file(
        {"logits": logits[rows].contiguous()}, target / "reference.safetensors")
    write_json(target / "reference.json", {
        **versions(),
        "tokens": tokens.tolist(),
        "rows": rows,
        "logit_minimum": float(logits.min()),
        "logit_maximum": float(logits.max()),
        "prompt": tokens[:PROMPT].tolist(),
        "greedy": greedy,
        "greedy_smallest_lead": lead,
        **({} if routing == float("inf") else {"smallest_routing_gap": routing}),
    })
    print(f"{target.name}: logits {float(logits.min()):.2f} to {float(logits.max()):.2f}, "
          f"smallest greedy lead {lead:.4f}, {len(set(greedy))} different tokens, "
          f"smallest routing gap {routing:.4f}", flush=True)


def versions():
    return {"transformers": transformers.__version__, "torch": torch.__version__,
            "compute": "float32, eager attention, CPU"}


def write_json(path, value):
    path.write_text(json.dumps(value) + "\n")


# MARK: goldens

def make(name):
    """The folder of one row of architectures.py, and of its twin in the keys of transformers 4."""
    row = architectures.GOLDENS[name]
    folder = fresh(name)
    if row.weights and row.layout:
        model = transformers.AutoModelForCausalLM.from_pretrained(
            GOLDENS / row.weights, dtype=torch.bfloat16)
        save(model, folder, row.layout, seed_of(name))
        share(folder, row.weights)
    elif row.weights:
        save(random_model(row.config(), 0), folder, None, 0)
        (folder / WEIGHTS).unlink()
        link(folder, WEIGHTS, row.weights)
        golden(folder, folder, ROWS, seed_of(name), VARIETY)
    else:
        make_decided(row, folder, seed_of(name))
    if row.version_4:
        make_twin(name, row)


def make_decided(row, folder, seed):
    """Some random models say the same few tokens whatever the prompt; the next seed then."""
    for weights in range(seed, seed + 20):
        save(random_model(row.config(), weights), folder, row.layout, weights)
        with contextlib.suppress(Undecided):
            return golden(folder, folder, ROWS, 1 + seed, VARIETY)
    raise Undecided(folder.name)


def make_twin(name, row):
    folder = fresh(twin(name, row))
    config = json.loads((GOLDENS / name / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(row.version_4(config), indent=2) + "\n")
    link(folder, WEIGHTS, row.weights or name)
    share(folder, name)


def share(folder, owner):
    """The reference of `owner`, which transformers must find for this folder too."""
    link(folder, "reference.json", owner)
    link(folder, "reference.safetensors", owner)
    expected = safetensors.torch.load_file(folder / "reference.safetensors")["logits"]
    rows = json.loads((folder / "reference.json").read_text())["rows"]
    assert torch.equal(reference_logits(reference(folder), folder)[rows], expected), folder.name
    print(f"{folder.name}: the answers of {owner}", flush=True)


def twin(name, row):
    return row.twin or f"{name}-v4"


def seed_of(name):
    seed = architectures.GOLDENS[name].seed
    return zlib.crc32(name.encode()) % 1_000_000 if seed is None else seed


def fresh(name):
    folder = GOLDENS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def link(folder, file, owner):
    (folder / file).symlink_to(f"../{owner}/{file}")


@torch.inference_mode()
def reference_logits(model, folder):
    tokens = json.loads((folder / "reference.json").read_text())["tokens"]
    return model(torch.tensor([tokens])).logits[0]


# MARK: ablations

def show_ablations(name):
    """Prints by how much the logits move without each feature; fails where that is too little."""
    folder = GOLDENS / name
    expected = reference_logits(reference(folder), folder)
    spread = float(expected.max() - expected.min())
    weak = []
    for label, ablation in architectures.GOLDENS[name].ablations.items():
        got = reference_logits(ablated(folder, ablation), folder)
        change = float((got - expected).abs().max()) / spread
        print(f"| {name} | {label} | {change:.5f} |", flush=True)
        if not change >= ablation.smallest_change:
            weak.append(label)
    return [f"{name}: {label}" for label in weak]


def ablated(folder, ablation):
    with tempfile.TemporaryDirectory() as changed:
        changed = pathlib.Path(changed)
        config = json.loads((folder / "config.json").read_text())
        write_json(changed / "config.json", {**config, **ablation.config})
        (changed / WEIGHTS).symlink_to((folder / WEIGHTS).resolve())
        model = reference(changed)
    ablation.edit(model)
    return model


# MARK: commands

def tiny(names):
    for name in names:
        make(name)
    all_names = []
    for name, row in architectures.GOLDENS.items():
        all_names += [name, twin(name, row)] if row.version_4 else [name]
    write_json(GOLDENS / "index.json", {**versions(), "models": all_names})
    ablations(names)


def ablations(names):
    print("| golden | without | largest change of a logit, of the range |\n| --- | --- | --- |")
    weak = sum((show_ablations(name) for name in names), [])
    if weak:
        raise SystemExit("features that hardly matter:\n" + "\n".join(weak))


def shipped(names):
    target = GOLDENS / "shipped"
    target.mkdir(parents=True, exist_ok=True)
    golden(ROOT / "weights", target, rows=11, seed=100, variety=8)


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["tiny", "ablations", "shipped"])
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    command = {"tiny": tiny, "ablations": ablations, "shipped": shipped}[arguments.what]
    command(arguments.names or list(architectures.GOLDENS))


if __name__ == "__main__":
    main()
