"""The tiny models of logits.py: one row each, with what sets its family apart."""
import dataclasses
import typing

import torch
import transformers as hf

from ablations import (Ablation, attribute, both, edited, filled, kept_mean, other_pairs, removed,
                       replaced, softmax_over_all_experts, unshifted_norms, without)


@dataclasses.dataclass(frozen=True)
class Golden:
    config: typing.Callable
    # What each special feature is called, and the model without it.
    ablations: dict = dataclasses.field(default_factory=dict)
    # The golden whose weights this one uses.
    weights: str | None = None
    # config.json in the keys of transformers 4: another folder, NAME-v4, with the same answers.
    version_4: typing.Callable | None = None
    # That folder's name if it is another.
    twin: str | None = None
    # How the tensors are saved if not as transformers 5 saves them: see logits.py.
    layout: str | None = None
    # Of the weights and prompts; the name's checksum if there is none.
    seed: int | None = None


# MARK: shapes

TOKENS = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
BASE = dict(vocab_size=160, num_hidden_layers=2, max_position_embeddings=1024, **TOKENS)
# Heads of 16 that together are wider than the model.
NARROW = dict(BASE, hidden_size=32, intermediate_size=64, num_attention_heads=4,
              num_key_value_heads=2)
# For families whose heads are always hidden_size / heads wide.
WIDE = dict(BASE, hidden_size=64, intermediate_size=96, num_attention_heads=4,
            num_key_value_heads=2)
HEAD = dict(head_dim=16)
# Of the llama rows, which other tests use too.
FIRST = dict(vocab_size=320, hidden_size=64, intermediate_size=192, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=1024,
             rms_norm_eps=1e-5, **TOKENS)


def only(shape, *left_out):
    return {key: value for key, value in shape.items() if key not in left_out}


def rope(rope_type="default", rope_theta=10000.0, **scaling):
    return dict(rope_parameters=dict(rope_type=rope_type, rope_theta=rope_theta, **scaling))


LLAMA3 = rope("llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=64)
YARN = rope("yarn", factor=8.0, original_max_position_embeddings=128)
LINEAR = rope("linear", factor=4.0)
# Factors grow along the head, as in published files.
LONGROPE = dict(partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.2, 1.4, 1.7, 2.0],
                long_factor=[1.0, 1.5, 3.0, 6.0, 12.0, 20.0])
GPT_OSS_YARN = rope("yarn", 150000.0, factor=16.0, beta_fast=32.0, beta_slow=1.0, truncate=False,
                    original_max_position_embeddings=64)
DEEPSEEK_YARN = rope("yarn", factor=16.0, beta_fast=32, beta_slow=1, mscale=0.707,
                     mscale_all_dim=1.0, original_max_position_embeddings=64)

NO_ROPE_SCALING = without(**rope())
FULL, SLIDING = "full_attention", "sliding_attention"


def layers(full_at, count):
    return [FULL if index in full_at else SLIDING for index in range(count)]


def windows(count, **others):
    """Ablations of alternating windows: none, everywhere, and other layers than the model's."""
    return {"no window": without(layer_types=[FULL] * count),
            "window everywhere": without(layer_types=[SLIDING] * count), **others}


# MARK: config.json of transformers 4

def version_4(leave_out=(), renamed=(), type_key="rope_type", **added):
    """A rewriter of config.json to the keys of transformers 4."""
    def rewrite(config):
        rope = dict(config.pop("rope_parameters"))
        config["rope_theta"] = rope.pop("rope_theta")
        if (part := rope.pop("partial_rotary_factor", None)) is not None:
            config["partial_rotary_factor"] = part
        kind = rope.pop("rope_type")
        config["rope_scaling"] = None if kind == "default" else {type_key: kind, **rope}
        return finish_version_4(config, leave_out, renamed, added)
    return rewrite


def finish_version_4(config, leave_out=(), renamed=(), added=()):
    config["torch_dtype"] = config.pop("dtype")
    config["transformers_version"] = "4.48.0"
    for key in leave_out:
        del config[key]
    for new, old in dict(renamed).items():
        config[new] = config.pop(old)
    config.update(added)
    return dict(sorted(config.items()))


def phi3_version_4(config):
    config = version_4(type_key="type")(config)
    # Only beside rope_scaling, where transformers 5 writes it twice.
    config["rope_scaling"].pop("original_max_position_embeddings", None)
    return config


def gemma3_version_4(config):
    ropes = config.pop("rope_parameters")
    return finish_version_4(
        config, leave_out=["layer_types"],
        renamed=dict(sliding_window_pattern="_sliding_window_pattern"),
        added=dict(rope_theta=ropes[FULL]["rope_theta"],
                   rope_local_base_freq=ropes[SLIDING]["rope_theta"],
                   rope_scaling=dict(rope_type="linear", factor=ropes[FULL]["factor"])))


def gpt_neox_version_4(config):
    ropes = config.pop("rope_parameters")
    return finish_version_4(config, added=dict(rotary_emb_base=ropes["rope_theta"],
                                               rotary_pct=ropes["partial_rotary_factor"]))


# MARK: families

def llama(**changes):
    return hf.LlamaConfig(**{**FIRST, "tie_word_embeddings": False, **changes})


def qwen2(**changes):
    return hf.Qwen2Config(**{**NARROW, "tie_word_embeddings": True, **changes})


def qwen3(**changes):
    return hf.Qwen3Config(**{**NARROW, **HEAD, "tie_word_embeddings": True, **changes})


def mixtral():
    return hf.MixtralConfig(**NARROW, **HEAD, num_local_experts=4, num_experts_per_tok=2)


def qwen3_moe():
    return hf.Qwen3MoeConfig(
        **{**NARROW, "num_hidden_layers": 4}, **HEAD, num_experts=4, num_experts_per_tok=2,
        moe_intermediate_size=40, norm_topk_prob=True, decoder_sparse_step=2, mlp_only_layers=[3])


def gemma2():
    return hf.Gemma2Config(
        **NARROW, **HEAD, query_pre_attn_scalar=24, sliding_window=32, attn_logit_softcapping=2.0,
        final_logit_softcapping=3.0)


def gemma3():
    return hf.Gemma3TextConfig(
        **{**NARROW, "num_hidden_layers": 6, "intermediate_size": 48}, **HEAD,
        query_pre_attn_scalar=24, sliding_window=32, sliding_window_pattern=6,
        rope_parameters={FULL: dict(rope_type="linear", rope_theta=1000000.0, factor=8.0),
                         SLIDING: dict(rope_type="default", rope_theta=10000.0)})


def phi3(original, **changes):
    """LongRoPE whose long factors are for more than `original` tokens."""
    return hf.Phi3Config(
        **WIDE, **longrope(original), tie_word_embeddings=True,
        original_max_position_embeddings=original, **changes)


def longrope(original, **changes):
    return rope("longrope", original_max_position_embeddings=original, **{**LONGROPE, **changes})


def phi3_ablations(original):
    """The other set of factors, whole heads rotated, no attention factor."""
    longer = {key: value + value[-1:] * 2 for key, value in LONGROPE.items()
              if isinstance(value, list)}
    return {
        "other factors": without(**longrope(original, long_factor=LONGROPE["short_factor"],
                                            short_factor=LONGROPE["long_factor"])),
        "whole heads rotated": without(**longrope(original, partial_rotary_factor=1.0, **longer)),
        "no attention factor": without(**longrope(original, attention_factor=1.0)),
    }


def smollm3(**changes):
    return hf.SmolLM3Config(**{**NARROW, "num_hidden_layers": 4, **rope(rope_theta=5000000.0),
                               **changes})


MULTIPLIERS = dict(attention_multiplier=0.1, embedding_multiplier=6.0, residual_multiplier=0.4,
                   logits_scaling=4.0)
WITHOUT_MULTIPLIERS = {f"no {key}": without(**{key: 1.0}) for key in MULTIPLIERS}


def starcoder2(**changes):
    return hf.Starcoder2Config(**{**NARROW, "sliding_window": 48, **changes})


def gpt2(**changes):
    return hf.GPT2Config(**{**dict(vocab_size=160, n_embd=32, n_layer=3, n_head=4, n_positions=384,
                                   **TOKENS), **changes})


def gpt_neox(**changes):
    return hf.GPTNeoXConfig(**{**only(WIDE, "num_key_value_heads"), **changes})


# One form of GELU for the other moves logits by little, but by more than float32 gets wrong (3e-6).
GELU_BY_TANH = Ablation(config=dict(activation="gelu_new"), smallest_change=5e-5)
PRECISE_GELU = Ablation(config=dict(hidden_act="gelu"), smallest_change=5e-5)


def falcon(**changes):
    return hf.FalconConfig(**{**only(BASE, "pad_token_id"), "hidden_size": 64,
                              "num_attention_heads": 4, "ffn_hidden_size": 96, **changes})


def cohere(**changes):
    return hf.CohereConfig(**{**NARROW, "logit_scale": 0.25, **changes})


def cohere2(**changes):
    return hf.Cohere2Config(**{**NARROW, "num_hidden_layers": 4, "logit_scale": 0.25,
                               "sliding_window": 32, **changes})


def glm(kind, **changes):
    return kind(**{**NARROW, **HEAD, "rms_norm_eps": 1.5625e-07, **changes})


MLA = dict(qk_nope_head_dim=8, qk_rope_head_dim=8, v_head_dim=12, kv_lora_rank=16)


def deepseek_v2(**changes):
    return hf.DeepseekV2Config(**{
        **NARROW, "num_key_value_heads": 4, **MLA, "q_lora_rank": 24, "n_routed_experts": 8,
        "n_shared_experts": 2, "moe_intermediate_size": 12, "first_k_dense_replace": 1,
        # More experts than groups, or the best experts would be in the best groups anyway.
        "topk_method": "group_limited_greedy", "n_group": 4, "topk_group": 2,
        "num_experts_per_tok": 3, "routed_scaling_factor": 4.0, **DEEPSEEK_YARN, **changes})


def deepseek_v3(**changes):
    return hf.DeepseekV3Config(**{
        **NARROW, "num_key_value_heads": 4, **MLA, "q_lora_rank": 24, "n_routed_experts": 8,
        "n_shared_experts": 1, "num_experts_per_tok": 3, "moe_intermediate_size": 16,
        "first_k_dense_replace": 1, "n_group": 4, "topk_group": 2, "routed_scaling_factor": 2.5,
        **DEEPSEEK_YARN, **changes})


MLA_ABLATIONS = {
    "no kv_a_layernorm": removed("kv_a_layernorm"),
    "RoPE pairs half a head apart": both(
        other_pairs(16, rotated=8, start=8, names=r"q_(b_)?proj\."),
        other_pairs(24, rotated=8, start=16, names="kv_a_proj_with_mqa")),
    "no shared experts": filled(r"shared_experts\.down_proj", 0.0),
}
DEEPSEEK_YARN_ABLATIONS = {
    "no yarn": NO_ROPE_SCALING,
    "no mscale in the scale": attribute("Attention", "scaling", 16 ** -0.5),
}


def gpt_oss(**changes):
    return hf.GptOssConfig(**{
        **NARROW, **HEAD, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": 32,
        **GPT_OSS_YARN, **changes})


def up_without_one(model):
    for name, tensor in model.named_parameters():
        if name.endswith("gate_up_proj_bias"):
            tensor[..., 1::2] -= 1


def gates_before_ups(model):
    """gpt_oss with gates in the first half of the columns, as everywhere else."""
    for name, tensor in model.named_parameters():
        if "gate_up_proj" in name:
            first, second = tensor.chunk(2, -1)
            tensor.copy_(torch.stack([first, second], -1).flatten(-2))


def swapped_nibbles(model):
    for name, tensor in model.named_parameters():
        if name.endswith(("gate_up_proj", "down_proj")):
            experts, inputs, outputs = tensor.shape
            tensor.copy_(tensor.view(experts, inputs // 2, 2, outputs).flip(2).view(tensor.shape))


def with_images(model):
    """The text model `model` inside one that also sees images, its other parts random."""
    shape = dict(hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=1,
                 head_dim=16, image_size=16, patch_size=8)
    text = model.config
    text._name_or_path = ""
    if text.model_type == "gemma3_text":
        config = hf.Gemma3Config(text_config=text, mm_tokens_per_image=4, image_token_index=9,
                                 vision_config=dict(only(shape, "head_dim"), vision_use_head=False))
        kind = hf.Gemma3ForConditionalGeneration
    else:
        config = hf.Mistral3Config(text_config=text, image_token_index=9,
                                   vision_config=dict(shape, model_type="pixtral"),
                                   tie_word_embeddings=text.tie_word_embeddings)
        kind = hf.Mistral3ForConditionalGeneration
    whole = kind(config).to(torch.bfloat16)
    whole.model.language_model.load_state_dict(model.model.state_dict())
    whole.lm_head.load_state_dict(model.lm_head.state_dict())
    return whole


EXPERT_ABLATIONS = {
    "no +1 on the up part": edited(up_without_one),
    "gates before ups": edited(gates_before_ups),
    "no limit": attribute("Experts", "limit", 1e9),
    "alpha 1": attribute("Experts", "alpha", 1.0),
    "softmax over all experts": softmax_over_all_experts(),
}


# MARK: the table

GOLDENS = {
    "llama": Golden(llama, seed=0),
    "llama-llama3": Golden(
        lambda: llama(**LLAMA3), {"no scaling": NO_ROPE_SCALING}, version_4=version_4(),
        twin="llama-v4", seed=2),
    "llama-linear": Golden(lambda: llama(**LINEAR), {"no scaling": NO_ROPE_SCALING}, seed=3),
    "llama-yarn": Golden(lambda: llama(**YARN), {"no scaling": NO_ROPE_SCALING}, seed=4),
    "llama-biases": Golden(
        lambda: hf.LlamaConfig(**NARROW, **HEAD, attention_bias=True, mlp_bias=True),
        {"no q k v biases": filled(r"[qkv]_proj\.bias", 0.0),
         "no o bias": filled(r"o_proj\.bias", 0.0),
         "no MLP biases": filled(r"mlp\..*\.bias", 0.0)}),
    "qwen2": Golden(
        qwen2, {"no biases": filled(r"\.bias", 0.0)},
        version_4=version_4(["layer_types"], sliding_window=32, max_window_layers=1)),
    "qwen2-window": Golden(
        lambda: qwen2(use_sliding_window=True, sliding_window=32, max_window_layers=1),
        windows(2), weights="qwen2", version_4=version_4(["layer_types"])),
    "qwen3": Golden(qwen3, {"no q_norm": removed("q_norm"), "no k_norm": removed("k_norm")}),
    "qwen3-yarn": Golden(
        lambda: qwen3(**YARN), {"no scaling": NO_ROPE_SCALING}, weights="qwen3"),
    "mistral": Golden(
        lambda: hf.MistralConfig(**NARROW, **HEAD, sliding_window=32),
        {"no window": without(sliding_window=None),
         "window of one more": without(sliding_window=33)},
        version_4=version_4()),
    "mistral-full": Golden(
        lambda: hf.MistralConfig(**NARROW, **HEAD, sliding_window=None),
        {"window": without(sliding_window=32)}, weights="mistral"),
    "mistral3": Golden(
        lambda: hf.MistralConfig(**NARROW, **HEAD, sliding_window=32), weights="mistral",
        layout="images-fused"),
    "ministral": Golden(
        lambda: hf.MinistralConfig(**NARROW, **HEAD, sliding_window=32,
                                   layer_types=[SLIDING, FULL]),
        windows(2), weights="mistral"),
    "mixtral": Golden(
        mixtral, {"softmax over all experts": softmax_over_all_experts(),
                  "one expert": without(num_experts_per_tok=1)},
        version_4=version_4()),
    "mixtral-fused": Golden(mixtral, weights="mixtral", layout="fused"),
    "qwen2_moe": Golden(
        lambda: hf.Qwen2MoeConfig(
            **NARROW, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=40,
            shared_expert_intermediate_size=24),
        {"weights that sum to one": without(norm_topk_prob=True),
         "no shared expert": filled(r"shared_expert\.down_proj", 0.0),
         "shared expert not gated": filled("shared_expert_gate", 0.0),
         "no biases": filled(r"\.bias", 0.0)},
        version_4=version_4(["layer_types"], sliding_window=32)),
    "qwen3_moe": Golden(
        qwen3_moe,
        {"norm_topk_prob false": without(norm_topk_prob=False), "no q_norm": removed("q_norm")},
        version_4=version_4(renamed=dict(num_experts="num_local_experts"), max_window_layers=2)),
    "qwen3_moe-fused": Golden(qwen3_moe, weights="qwen3_moe", layout="fused"),
    "gemma": Golden(
        lambda: hf.GemmaConfig(**NARROW, **HEAD),
        {"norms without +1": unshifted_norms(),
         "embedding not scaled": attribute("ScaledWordEmbedding", "embed_scale", torch.tensor(1.0)),
         "silu": without(hidden_act="silu")},
        version_4=version_4(hidden_act="gelu")),
    "gemma2": Golden(
        gemma2,
        windows(2, **{
            "windows in odd layers": without(layer_types=[FULL, SLIDING]),
            "no attn_logit_softcapping": without(attn_logit_softcapping=None),
            "no final_logit_softcapping": without(final_logit_softcapping=None),
            "scale of head_dim": without(query_pre_attn_scalar=16),
            "no norm after attention": removed("post_attention_layernorm"),
            "no norm after the MLP": removed("post_feedforward_layernorm"),
            "norms without +1": unshifted_norms()}),
        version_4=version_4(["layer_types"], hidden_act="gelu_pytorch_tanh",
                            cache_implementation="hybrid")),
    "gemma3": Golden(
        gemma3,
        windows(6, **{
            "no q_norm": removed("q_norm"),
            "scale of head_dim": without(query_pre_attn_scalar=16),
            "one RoPE base": without(rope_parameters={
                FULL: dict(rope_type="linear", rope_theta=10000.0, factor=8.0),
                SLIDING: dict(rope_type="default", rope_theta=10000.0)}),
            "no scaling": without(rope_parameters={
                FULL: dict(rope_type="default", rope_theta=1000000.0),
                SLIDING: dict(rope_type="default", rope_theta=10000.0)}),
            "scaling everywhere": without(rope_parameters={
                FULL: dict(rope_type="linear", rope_theta=1000000.0, factor=8.0),
                SLIDING: dict(rope_type="linear", rope_theta=10000.0, factor=8.0)}),
            "norms without +1": unshifted_norms()}),
        version_4=gemma3_version_4),
    "gemma3-images": Golden(gemma3, weights="gemma3", layout="images"),
    "phi3": Golden(
        lambda: hf.Phi3Config(**NARROW, sliding_window=32),
        {"no window": without(sliding_window=None)}, version_4=version_4()),
    "phi3-longrope": Golden(
        lambda: phi3(12), phi3_ablations(12), version_4=phi3_version_4),
    "phi3-shortrope": Golden(lambda: phi3(512), phi3_ablations(512), weights="phi3-longrope"),
    "phi3-dynamic": Golden(lambda: phi3(100), phi3_ablations(100), weights="phi3-longrope"),
    "phi": Golden(
        lambda: hf.PhiConfig(**only(WIDE, "num_key_value_heads"),
                             **rope(partial_rotary_factor=0.4)),
        {"whole heads rotated": without(**rope(partial_rotary_factor=1.0)),
         "no head bias": filled(r"lm_head\.bias", 0.0),
         "no other biases": filled(r"layers.*\.bias", 0.0),
         "silu": without(hidden_act="silu")},
        version_4=version_4()),
    "smollm3": Golden(
        smollm3, {"RoPE everywhere": without(no_rope_layers=[1, 1, 1, 1]),
                  "other layers": without(no_rope_layers=[0, 0, 0, 1])},
        version_4=version_4(["no_rope_layers"])),
    "olmo": Golden(
        lambda: hf.OlmoConfig(**NARROW, clip_qkv=1.0), {"no clip_qkv": without(clip_qkv=None)}),
    "olmo2": Golden(
        lambda: hf.Olmo2Config(**NARROW),
        {"no q_norm": removed("q_norm"),
         "q_norm head by head": replaced("q_norm", lambda norm, x: norm.weight * torch.nn.functional
                                         .rms_norm(x.unflatten(-1, (4, -1)), (8,)).flatten(-2)),
         "no norm after attention": removed("post_attention_layernorm"),
         "no norm after the MLP": removed("post_feedforward_layernorm")}),
    "granite": Golden(
        lambda: hf.GraniteConfig(**NARROW, **MULTIPLIERS, tie_word_embeddings=True),
        WITHOUT_MULTIPLIERS, version_4=version_4()),
    "granitemoe": Golden(
        lambda: hf.GraniteMoeConfig(**NARROW, **MULTIPLIERS, num_local_experts=4,
                                    num_experts_per_tok=2),
        {**WITHOUT_MULTIPLIERS, "softmax over all experts": softmax_over_all_experts()}),
    "granitemoeshared": Golden(
        lambda: hf.GraniteMoeSharedConfig(**NARROW, **MULTIPLIERS, num_local_experts=4,
                                          num_experts_per_tok=2, shared_intermediate_size=48),
        {"no shared expert": filled(r"shared_mlp\.output_linear", 0.0)}),
    "starcoder2": Golden(
        starcoder2,
        {"precise GELU": PRECISE_GELU, "no window": without(sliding_window=None),
         "no q k v biases": filled(r"[qkv]_proj\.bias", 0.0),
         "no MLP biases": filled(r"mlp\..*\.bias", 0.0), "silu": without(hidden_act="silu"),
         "no norm biases": filled(r"layernorm\.bias", 0.0)},
        version_4=version_4()),
    "starcoder2-plain": Golden(
        lambda: starcoder2(sliding_window=None, use_bias=False, tie_word_embeddings=False),
        {"window": without(sliding_window=48)}),
    "gpt2": Golden(
        gpt2, {"no positions": filled("wpe", 0.0), "no biases": filled(r"attn\..*\.bias", 0.0),
               "relu": without(activation_function="relu")}),
    "gpt2-hub": Golden(gpt2, weights="gpt2", layout="hub"),
    "gpt2-inverse-layer": Golden(
        lambda: gpt2(scale_attn_by_inverse_layer_idx=True),
        {"scale as usual": without(scale_attn_by_inverse_layer_idx=False)}, weights="gpt2"),
    "gpt_neox": Golden(
        gpt_neox,
        {"GELU by tanh": Ablation(config=dict(hidden_act="gelu_new"), smallest_change=5e-5),
         "whole heads rotated": without(**rope(partial_rotary_factor=1.0)),
         "sequential": without(use_parallel_residual=False),
         "no biases": filled(r"attention\..*\.bias", 0.0)},
        version_4=gpt_neox_version_4),
    "gpt_neox-sequential": Golden(
        lambda: gpt_neox(use_parallel_residual=False),
        {"parallel": without(use_parallel_residual=True)}, weights="gpt_neox"),
    "falcon": Golden(
        falcon, {"silu": without(activation="silu"), "GELU by tanh": GELU_BY_TANH},
        version_4=version_4(["num_kv_heads", "num_ln_in_parallel_attn", "activation"],
                            apply_residual_connection_post_layernorm=False)),
    "falcon-new": Golden(
        lambda: falcon(new_decoder_architecture=True, num_kv_heads=2),
        {"no ln_mlp": removed("ln_mlp")}),
    "falcon-one-norm": Golden(
        lambda: falcon(new_decoder_architecture=True, num_kv_heads=2, num_ln_in_parallel_attn=1),
        {"silu": without(activation="silu")}),
    "falcon-sequential": Golden(
        lambda: falcon(multi_query=False, parallel_attn=False, bias=True),
        {"no biases": filled(r"(dense|query_key_value)\w*\.bias", 0.0)}),
    "cohere": Golden(
        cohere, {"RoPE pairs half a head apart": other_pairs(8),
                 "no logit_scale": without(logit_scale=1.0),
                 "norms keep the mean": replaced("LayerNorm", kept_mean)}),
    "cohere-qk-norm": Golden(
        lambda: cohere(use_qk_norm=True),
        {"no q_norm": removed("q_norm"), "no k_norm": removed("k_norm"),
         "norms keep the mean": replaced("q_norm", kept_mean)}),
    "cohere2": Golden(
        cohere2,
        windows(4, **{"RoPE pairs half a head apart": other_pairs(8),
                      "RoPE everywhere": attribute("Attention", "sliding_window", 32)}),
        version_4=version_4(["layer_types", "head_dim"], sliding_window_pattern=4)),
    "glm": Golden(
        lambda: glm(hf.GlmConfig),
        {"RoPE pairs half a head apart": other_pairs(16, rotated=8),
         "whole heads rotated": without(**rope(partial_rotary_factor=1.0)),
         "no biases": filled(r"\.bias", 0.0)},
        version_4=version_4()),
    "glm4": Golden(
        lambda: glm(hf.Glm4Config),
        {"RoPE pairs half a head apart": other_pairs(16, rotated=8),
         "no norm after attention": removed("post_self_attn_layernorm"),
         "no norm after the MLP": removed("post_mlp_layernorm")}),
    "deepseek_v2": Golden(
        deepseek_v2,
        {**MLA_ABLATIONS, **DEEPSEEK_YARN_ABLATIONS,
         "no q_a_layernorm": removed("q_a_layernorm"),
         "no attention factor": attribute("RotaryEmbedding", "attention_scaling", 1.0),
         "groups do not matter": without(topk_method="greedy"),
         "no routed_scaling_factor": without(routed_scaling_factor=1.0)},
        version_4=version_4(["head_dim", "qk_head_dim"], type_key="type", aux_loss_alpha=0.001,
                            ep_size=1, moe_layer_freq=1, scoring_func="softmax", seq_aux=True)),
    "deepseek_v2-lite": Golden(
        lambda: deepseek_v2(
            q_lora_rank=None, topk_method="greedy", n_group=None, topk_group=None,
            routed_scaling_factor=1.0,
            **rope("yarn", factor=16.0, beta_fast=32, beta_slow=1, mscale=0.707,
                   mscale_all_dim=0.707, original_max_position_embeddings=64)),
        {**MLA_ABLATIONS, **DEEPSEEK_YARN_ABLATIONS}),
    "deepseek_v3": Golden(
        deepseek_v3,
        {**MLA_ABLATIONS, **DEEPSEEK_YARN_ABLATIONS,
         "no correction bias": filled("e_score_correction_bias", 0.0),
         "groups do not matter": without(n_group=1, topk_group=1),
         "weights not normalised": without(norm_topk_prob=False),
         "no routed_scaling_factor": without(routed_scaling_factor=1.0)},
        version_4=version_4(["head_dim", "qk_head_dim", "rope_interleave"], type_key="type",
                            ep_size=1, moe_layer_freq=1, scoring_func="sigmoid",
                            topk_method="noaux_tc")),
    "deepseek_v3-half": Golden(
        lambda: deepseek_v3(rope_interleave=False),
        {"interleaved": without(rope_interleave=True)}, weights="deepseek_v3"),
    "deepseek_v3-fp8": Golden(deepseek_v3, layout="fp8"),
    "deepseek_v3-fp8-fused": Golden(deepseek_v3, layout="fp8-fused"),
    "deepseek_v3-lite": Golden(
        lambda: deepseek_v3(q_lora_rank=None, n_group=1, topk_group=1, **rope()),
        {"no correction bias": filled("e_score_correction_bias", 0.0)}),
    "gpt_oss": Golden(
        gpt_oss,
        windows(2, **{
            "no sinks": filled("sinks", -1e4),
            "no attention biases": filled(r"self_attn\..*\.bias", 0.0),
            "no expert biases": filled("proj_bias", 0.0),
            "no router bias": filled(r"router\.bias", 0.0),
            "no yarn": without(**rope(rope_theta=150000.0)),
            "truncated yarn": without(rope_parameters={**GPT_OSS_YARN["rope_parameters"],
                                                       "truncate": True}),
            "no attention factor": attribute("RotaryEmbedding", "attention_scaling", 1.0),
            **EXPERT_ABLATIONS}),
        version_4=version_4(["swiglu_alpha"], experts_per_token=2, initial_context_length=64)),
    "gpt_oss-mxfp4": Golden(
        gpt_oss, {"nibbles swapped": edited(swapped_nibbles), **EXPERT_ABLATIONS}, layout="mxfp4",
        version_4=version_4(["swiglu_alpha"], experts_per_token=2, initial_context_length=64)),
}
