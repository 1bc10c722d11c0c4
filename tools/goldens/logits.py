#!/usr/bin/env python3
"""Writes the goldens of Tests/ExecutionTests: tiny random checkpoints with the reference's logits.

    pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0
    python tools/goldens/logits.py tiny        # checkpoints and their goldens, deterministic
    python tools/goldens/logits.py shipped     # the goldens of weights/, after it changes

Reference: Hugging Face transformers, float32, eager attention, on the CPU. See README.md here.
"""
import argparse
import json
import pathlib
import shutil

import safetensors.torch
import torch
import transformers

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "Tests/ExecutionTests/goldens"
TOKENS, PROMPT, CONTINUATION = 300, 16, 64
VOCABULARY = 320
# Logits are off by about 1e-5 in another order of additions.
SMALLEST_LEAD = 0.01

SHAPE = dict(
    vocab_size=VOCABULARY, hidden_size=64, intermediate_size=192, num_hidden_layers=2,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=1024,
    rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
LLAMA3 = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0,
              high_freq_factor=4.0, original_max_position_embeddings=64)
YARN = dict(rope_type="yarn", rope_theta=10000.0, factor=8.0,
            original_max_position_embeddings=128)
LINEAR = dict(rope_type="linear", rope_theta=10000.0, factor=4.0)


def llama(**changes):
    return transformers.LlamaConfig(**{**SHAPE, "tie_word_embeddings": False, **changes})


def qwen2(**changes):
    return transformers.Qwen2Config(**{**SHAPE, "tie_word_embeddings": True, **changes})


def qwen3(**changes):
    return transformers.Qwen3Config(
        **{**SHAPE, "hidden_size": 96, "head_dim": 32, "tie_word_embeddings": True, **changes})


# Name: configuration, rope_scaling as transformers 4 wrote it. Where the second is set, config.json
# is rewritten in the keys of transformers 4; the weights and the reference stay the same.
MODELS = {
    "llama": (lambda: llama(), None),
    "llama-v4": (lambda: llama(rope_parameters=LLAMA3), {
        key: value for key, value in LLAMA3.items() if key != "rope_theta"}),
    "llama-llama3": (lambda: llama(rope_parameters=LLAMA3), None),
    "llama-linear": (lambda: llama(rope_parameters=LINEAR), None),
    "llama-yarn": (lambda: llama(rope_parameters=YARN), None),
    "qwen2": (lambda: qwen2(), None),
    "qwen3": (lambda: qwen3(), None),
}


def randomise(model, generator):
    """Weights large enough that logits and attention vary; norms and biases away from 1 and 0."""
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if name.endswith("norm.weight"):
            value = 1 + 0.2 * noise
        elif name.endswith("bias"):
            value = 0.5 * noise
        elif "embed_tokens" in name:
            value = 0.15 * noise
        else:
            value = noise * 1.5 / parameter.shape[-1] ** 0.5
        parameter.data.copy_(value)


def reference(folder):
    """The model as anybody would load it, its bf16 weights widened to float32."""
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()


@torch.inference_mode()
def continuation(model, prompt):
    """Greedy tokens with the cache, and the smallest lead of a chosen token over the next best."""
    tokens, lead, cache, step = [], float("inf"), None, torch.tensor([prompt])
    for _ in range(CONTINUATION):
        output = model(step, past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        best = output.logits[0, -1].topk(2)
        lead = min(lead, float(best.values[0] - best.values[1]))
        tokens.append(int(best.indices[0]))
        step = best.indices[:1].reshape(1, 1)
    return tokens, lead


def decided(model, seed, variety):
    """Tokens whose first PROMPT ids lead to a continuation without near ties: any order of float
    additions must find the same greedy tokens; with at least `variety` different ones."""
    for attempt in range(1000):
        generator = torch.Generator().manual_seed(seed * 1000 + attempt)
        tokens = torch.randint(3, model.config.vocab_size, (TOKENS,), generator=generator)
        greedy, lead = continuation(model, tokens[:PROMPT].tolist())
        if lead >= SMALLEST_LEAD and len(set(greedy)) >= variety:
            return tokens, greedy, lead
    raise SystemExit("no prompt without near ties found")


@torch.inference_mode()
def golden(folder, target, stride, seed, variety):
    """Writes reference.json and reference.safetensors into `target` for the model in `folder`."""
    model = reference(folder)
    tokens, greedy, lead = decided(model, seed, variety)
    rows = sorted({*range(0, TOKENS, stride), TOKENS - 1})
    logits = model(tokens[None]).logits[0]
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
    })
    print(f"{target.name}: logits {float(logits.min()):.2f} to {float(logits.max()):.2f}, "
          f"smallest greedy lead {lead:.4f}, {len(set(greedy))} different tokens")


def versions():
    return {"transformers": transformers.__version__, "torch": torch.__version__,
            "compute": "float32, eager attention, CPU"}


def write_json(path, value):
    path.write_text(json.dumps(value) + "\n")


def rewrite_as_version_4(path, rope_scaling):
    config = json.loads(path.read_text())
    config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
    config["rope_scaling"] = rope_scaling
    config["torch_dtype"] = config.pop("dtype")
    path.write_text(json.dumps(config, indent=2) + "\n")


def tiny():
    for seed, (name, (make, rope_scaling)) in enumerate(MODELS.items()):
        folder = GOLDENS / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        config = make()
        model = transformers.AutoModelForCausalLM.from_config(config)
        # The version-4 twin has the weights of its version-5 model.
        randomise(model, torch.Generator().manual_seed(2 if rope_scaling else seed))
        model.to(torch.bfloat16).save_pretrained(folder)
        golden(folder, folder, stride=7, seed=1 + seed, variety=24)
        if rope_scaling:
            rewrite_as_version_4(folder / "config.json", rope_scaling)
    write_json(GOLDENS / "index.json", {**versions(), "models": list(MODELS)})


def shipped():
    target = GOLDENS / "shipped"
    target.mkdir(parents=True, exist_ok=True)
    golden(ROOT / "weights", target, stride=30, seed=100, variety=8)


def main():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["tiny", "shipped"])
    {"tiny": tiny, "shipped": shipped}[parser.parse_args().what]()


if __name__ == "__main__":
    main()
