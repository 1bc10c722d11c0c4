internal import Core

// DeepSeek and gpt-oss.

extension GGUFFamily {
    static let deepseek2 = GGUFFamily(
        architecture: "deepseek2",
        modelTypes: ["deepseek_v2", "deepseek_v3"],
        keys: [
            GGUFKey("expert_count", "n_routed_experts"),
            GGUFKey("expert_used_count", "num_experts_per_tok"),
            GGUFKey("expert_feed_forward_length", "moe_intermediate_size"),
            GGUFKey("expert_shared_count", "n_shared_experts", or: 0),
            GGUFKey("expert_weights_scale", "routed_scaling_factor", .number, unsaid: 1),
            GGUFKey("expert_weights_norm", "norm_topk_prob", .flag, unsaid: false),
            GGUFKey("expert_group_count", "n_group"),
            GGUFKey("expert_group_used_count", "topk_group"),
            GGUFKey("leading_dense_block_count", "first_k_dense_replace", or: 0, unsaid: 0),
            GGUFKey("attention.q_lora_rank", "q_lora_rank"),
            GGUFKey("attention.kv_lora_rank", "kv_lora_rank"),
            GGUFKey("rope.dimension_count", "qk_rope_head_dim"),
        ],
        epsilon: .rms(1e-6),
        rope: GGUFRope(widthKey: "qk_rope_head_dim"),
        unspoken: ["rope_interleave": true],
        model: TensorRule.decoder,
        layer: [
            .attentionNorm, TensorRule("self_attn.q_proj", "attn_q"),
            TensorRule("self_attn.q_a_proj", "attn_q_a"),
            .vector("self_attn.q_a_layernorm", "attn_q_a_norm"),
            TensorRule("self_attn.q_b_proj", "attn_q_b"),
            TensorRule("self_attn.kv_a_proj_with_mqa", "attn_kv_a_mqa"),
            .vector("self_attn.kv_a_layernorm", "attn_kv_a_norm"),
            TensorRule(["self_attn.kv_b_proj"], ["attn_k_b", "attn_v_b"]) {
                $0.endings = [.weight]
                $0.layout = .latentKeysAndValues
                $0.stacking = .heads
                $0.turnsFirst = true
            },
            TensorRule("self_attn.kv_b_proj", "attn_kv_b") { $0.isWritten = false },
            .attentionOutput, .feedForwardNorm,
        ] + TensorRule.gatedMLP + [
            TensorRule("mlp.gate", "ffn_gate_inp"),
            TensorRule("mlp.gate.e_score_correction_bias", "exp_probs_b") {
                $0.kind = .vector
                $0.endings = [.init(huggingFace: "", gguf: ".bias")]
            },
        ] + TensorRule.experts("mlp.experts.") + TensorRule.fusedExperts("mlp.experts.")
            + TensorRule.sharedExpert("mlp.shared_experts."),
        complete: { reading, config throws(ModelFileError) in
            try completeDeepSeek(reading, &config)
        },
        addMetadata: { config, settings, _ in addDeepSeek(config, &settings) }
    )

    private static func completeDeepSeek(
        _ reading: GGUFReading,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        // Files since 2025 have the widths of the narrow vector under the usual keys.
        let wideKey = try reading.int("attention.key_length")
        let wideValue = try reading.int("attention.value_length")
        let key = try reading.int("attention.key_length_mla") ?? wideKey
        let value = try reading.int("attention.value_length_mla") ?? wideValue
        guard let key, let value, let rotated = config["qk_rope_head_dim"]?.int, rotated > 0,
            rotated < key
        else {
            throw reading.malformed("deepseek2.attention.key_length", "is missing or too small")
        }
        config["qk_nope_head_dim"] = .int(key - rotated)
        config["v_head_dim"] = .int(value)
        config["num_key_value_heads"] = config["num_attention_heads"]
        if config["routed_scaling_factor"]?.double == 0 { config["routed_scaling_factor"] = 1 }
        let biases = ["q_a", "kv_a_mqa", "output"].map { "blk.0.attn_\($0).bias" }
        config["attention_bias"] = .bool(biases.contains(where: reading.has))
        let groups = config["n_group"]?.int ?? 1
        if groups <= 1 {
            config["n_group"] = nil
            config["topk_group"] = nil
        }
        // 1 softmax, 2 sigmoid; the first files of either generation do not say.
        let sparse = config["first_k_dense_replace"]?.int ?? 0
        let usual = reading.has("blk.\(sparse).exp_probs_b.bias") ? 2 : 1
        switch try reading.int("expert_gating_func") ?? usual {
        case 0 where usual == 1, 1:
            config["model_type"] = "deepseek_v2"
            config["topk_method"] = groups > 1 ? "group_limited_greedy" : "greedy"
        case 0, 2: config["model_type"] = "deepseek_v3"
        case let other:
            throw reading.malformed("deepseek2.expert_gating_func", "is \(other), which is unknown")
        }
    }

    private static func addDeepSeek(_ config: JSON, _ settings: inout GGUFSettings) {
        func int(_ key: String) -> Int { config[key]?.int ?? 0 }
        let isThird = config["model_type"] == "deepseek_v3"
        settings.set(count: 1, "attention.head_count_kv")
        let rank = int("kv_lora_rank"), rotated = int("qk_rope_head_dim")
        settings.set(count: rank + rotated, "attention.key_length")
        settings.set(count: rank, "attention.value_length")
        settings.set(count: int("qk_nope_head_dim") + rotated, "attention.key_length_mla")
        settings.set(count: int("v_head_dim"), "attention.value_length_mla")
        settings.set(count: isThird ? 2 : 1, "expert_gating_func")
        let count = config["n_routed_experts"] ?? config["num_local_experts"]
        settings.set(count: count?.int, "expert_count")
        let scale = config["routed_scaling_factor"]?.double ?? (isThird ? 2.5 : 1)
        settings.set(number: scale, "expert_weights_scale")
        // The second generation's reference reads this switch and never divides.
        let normalises = isThird && config["norm_topk_prob"]?.bool != false
        settings.set("expert_weights_norm", normalises)
    }

    static let gptOSS = GGUFFamily(
        architecture: "gpt-oss",
        modelTypes: ["gpt_oss"],
        keys: [
            GGUFKey("expert_count", "num_local_experts"),
            GGUFKey("expert_used_count", "num_experts_per_tok"),
            GGUFKey("expert_feed_forward_length", "intermediate_size"),
        ],
        epsilon: .rms(1e-5),
        rope: GGUFRope(theta: 150_000, truncates: false),
        windows: GGUFWindows(period: 2, missing: ["gpt_oss": 128]),
        headWidth: 64,
        unspoken: ["swiglu_limit": 7, "swiglu_alpha": 1.702],
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + [
            TensorRule("self_attn.sinks", "attn_sinks") {
                $0.kind = .vector
                $0.endings = [.none]
            },
            .vector("post_attention_layernorm", "post_attention_norm"),
            TensorRule("mlp.router", "ffn_gate_inp"),
            TensorRule(["mlp.experts.gate_up_proj"], ["ffn_gate_exps", "ffn_up_exps"]) {
                $0.endings = expertEndings
                $0.layout = .gateUpAlternating
                $0.stacking = .experts
                $0.isTransposed = true
            },
            TensorRule("mlp.experts.down_proj", "ffn_down_exps") {
                $0.endings = expertEndings
                $0.stacking = .experts
                $0.isTransposed = true
            },
        ],
        complete: { reading, config in
            config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
        }
    )

    private static let expertEndings = [
        TensorRule.Ending.none,
        TensorRule.Ending(huggingFace: "_bias", gguf: ".bias", isBias: true),
    ]
}
