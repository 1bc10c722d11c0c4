"""Writes a checkpoint as a standard Qwen3ForCausalLM (bf16 safetensors) and checks it against transformers."""
import argparse
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file

from model import Config, Model
from tokenizer import Encoder, save as save_tokenizer


def load(run, file="checkpoint.pt"):
    """(model, encoder, saved state) of a run folder."""
    saved = torch.load(pathlib.Path(run) / file, weights_only=True)
    model = Model(Config(**saved["config"]))
    model.load_state_dict(saved["model"])
    return model.eval(), Encoder(pathlib.Path(run) / "tokenizer"), saved


def hf_config(model, encoder):
    c = vars(model.config)
    return {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", **c, "hidden_act": "silu", "attention_bias": False,
            "attention_dropout": 0.0, "tie_word_embeddings": True, "use_cache": True, "use_sliding_window": False, "sliding_window": None,
            "max_window_layers": c["num_hidden_layers"], "rope_scaling": None, "initializer_range": 0.02, "torch_dtype": "bfloat16",
            "bos_token_id": None, "eos_token_id": encoder.end_of_turn, "pad_token_id": encoder.end_of_text}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def export(model, encoder, weights, tokenizer):
    weights, tokenizer = pathlib.Path(weights), pathlib.Path(tokenizer)
    weights.mkdir(parents=True, exist_ok=True)
    save_tokenizer(encoder.tokenizer, tokenizer)
    write_json(weights / "config.json", hf_config(model, encoder))
    write_json(weights / "generation_config.json", {
        "do_sample": True, "temperature": 0.7, "top_p": 0.9, "bos_token_id": None,
        "eos_token_id": [encoder.end_of_turn, encoder.end_of_text], "pad_token_id": encoder.end_of_text})
    state = {k: v.to(torch.bfloat16).contiguous() for k, v in model.state_dict().items()}
    save_file(state, str(weights / "model.safetensors"), metadata={"format": "pt"})


@torch.inference_mode()
def check(weights, tokenizer, scratch):
    """Greatest difference in logits between transformers and this model, both in float32 from the exported file."""
    import transformers
    scratch = pathlib.Path(scratch)
    scratch.mkdir(parents=True, exist_ok=True)
    for folder in (weights, tokenizer):
        for path in pathlib.Path(folder).iterdir():
            shutil.copy(path, scratch)
    reference = transformers.AutoModelForCausalLM.from_pretrained(scratch, dtype=torch.float32)
    assert type(reference).__name__ == "Qwen3ForCausalLM"
    words = transformers.AutoTokenizer.from_pretrained(scratch)
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Repeat exactly: 12 blue geese"}]
    ids = words.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
    from tasks import Chat
    encoder = Encoder(tokenizer)
    assert ids == encoder.ids(encoder.render(Chat(messages), prompt=True)), "templates differ"
    from safetensors.torch import load_file
    config = json.loads((pathlib.Path(weights) / "config.json").read_text())
    model = Model(Config(**{k: config[k] for k in vars(Config())}))
    model.load_state_dict({k: v.float() for k, v in load_file(str(pathlib.Path(weights) / "model.safetensors")).items()})
    mine = model.logits(model.hidden(torch.tensor(ids), [(1, len(ids))]))
    return (reference(torch.tensor([ids])).logits[0] - mine).abs().max().item()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--run", required=True)
    p.add_argument("--weights", required=True)
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--scratch", help="folder for a merged copy; given, the export is compared with transformers")
    a = p.parse_args()
    model, encoder, _ = load(a.run)
    export(model, encoder, a.weights, a.tokenizer)
    if a.scratch:
        print("greatest difference of logits:", check(a.weights, a.tokenizer, a.scratch))


if __name__ == "__main__":
    main()
