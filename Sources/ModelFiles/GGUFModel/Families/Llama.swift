internal import Core

// Llama and what is built on it.

extension GGUFFamily {
    static let llama = GGUFFamily(
        architecture: "llama",
        modelTypes: ["llama", "mistral", "ministral", "mixtral"],
        keys: [
            GGUFKey("expert_count", "num_local_experts"),
            GGUFKey("expert_used_count", "num_experts_per_tok"),
        ],
        epsilon: .rms(1e-6),
        windows: GGUFWindows(period: 0, missing: ["mistral": 4096, "ministral": 4096]),
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.rotatedAttention + [.feedForwardNorm]
            + TensorRule.gatedMLP + [TensorRule("block_sparse_moe.gate", "ffn_gate_inp")]
            + TensorRule.experts("block_sparse_moe.experts.", gate: "w1", up: "w3", down: "w2")
            + [TensorRule("mlp.gate", "ffn_gate_inp") { $0.isRead = false }]
            + TensorRule.fusedExperts("mlp.experts."),
        complete: { reading, config in
            if config["num_local_experts"]?.int ?? 0 > 0 {
                config["model_type"] = "mixtral"
                return
            }
            config["num_local_experts"] = nil
            config["num_experts_per_tok"] = nil
            if config["sliding_window"]?.int != nil {
                config["model_type"] = "mistral"
            } else {
                config["sliding_window"] = nil
                config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
                config["mlp_bias"] = .bool(reading.has("blk.0.ffn_up.bias"))
            }
        }
    )

    static let smollm3 = GGUFFamily(
        architecture: "smollm3",
        modelTypes: ["smollm3"],
        epsilon: .rms(1e-6),
        rope: GGUFRope(theta: 2_000_000),
        windows: GGUFWindows(period: 0, hasSwitch: true),
        tiesEmbeddings: true,
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.rotatedAttention + [.feedForwardNorm]
            + TensorRule.gatedMLP,
        complete: { reading, config in
            config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
            config["mlp_bias"] = .bool(reading.has("blk.0.ffn_up.bias"))
        },
        addMetadata: { config, _, rest in
            // GGUF takes for granted that every fourth layer does not rotate.
            let interval = config["no_rope_layer_interval"]?.int ?? 4
            let layers = config["no_rope_layers"]?.array ?? []
            let isUsual = layers.enumerated().allSatisfy { index, rotates in
                (rotates.int != 0) == ((index + 1) % 4 != 0)
            }
            if !layers.isEmpty {
                if !isUsual { rest["no_rope_layers"] = .array(layers) }
            } else if interval != 4 {
                rest["no_rope_layer_interval"] = .int(interval)
            }
        }
    )

    private static let graniteKeys = [
        GGUFKey("attention.scale", "attention_multiplier", .number, or: 1),
        GGUFKey("embedding_scale", "embedding_multiplier", .number, or: 1),
        GGUFKey("residual_scale", "residual_multiplier", .number, or: 1),
        GGUFKey("logit_scale", "logits_scaling", .number, or: 1),
    ]

    static let granite = GGUFFamily(
        architecture: "granite",
        modelTypes: ["granite"],
        keys: graniteKeys,
        epsilon: .rms(1e-6),
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.rotatedAttention + [.feedForwardNorm]
            + TensorRule.gatedMLP,
        complete: { reading, config throws(ModelFileError) in
            try completeGranite(reading, &config)
            config["mlp_bias"] = .bool(reading.has("blk.0.ffn_up.bias"))
        }
    )

    static let granitemoe = GGUFFamily(
        architecture: "granitemoe",
        modelTypes: ["granitemoe", "granitemoeshared"],
        keys: graniteKeys + [
            GGUFKey("expert_count", "num_local_experts"),
            GGUFKey("expert_used_count", "num_experts_per_tok"),
            GGUFKey("expert_shared_feed_forward_length", "shared_intermediate_size"),
        ],
        epsilon: .rms(1e-6),
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.rotatedAttention + [
            .feedForwardNorm, TensorRule("block_sparse_moe.router.layer", "ffn_gate_inp"),
            TensorRule(["block_sparse_moe.input_linear"], ["ffn_gate_exps", "ffn_up_exps"]) {
                $0.layout = .expertGateAboveUp
                $0.stacking = .experts
            },
            TensorRule("block_sparse_moe.output_linear", "ffn_down_exps") {
                $0.stacking = .experts
            },
            TensorRule(["shared_mlp.input_linear"], ["ffn_gate_shexp", "ffn_up_shexp"]) {
                $0.layout = .gateAboveUp
            },
            TensorRule("shared_mlp.output_linear", "ffn_down_shexp"),
        ],
        complete: { reading, config throws(ModelFileError) in
            try completeGranite(reading, &config)
            if config["shared_intermediate_size"]?.int ?? 0 > 0 {
                config["model_type"] = "granitemoeshared"
            }
        }
    )

    private static func completeGranite(
        _ reading: GGUFReading,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
        // No scale, or 0, is the usual one of attention.
        if config["attention_multiplier"]?.double ?? 0 == 0 {
            let d = try GGUFDimensions(.object(config), reading.family, path: reading.file.path)
            config["attention_multiplier"] = .double(1 / Double(d.headWidth).squareRoot())
        }
    }

    /// Its norms have no weights, and their epsilon is always the same.
    static let olmo = GGUFFamily(
        architecture: "olmo",
        modelTypes: ["olmo"],
        keys: [GGUFKey("attention.clamp_kqv", "clip_qkv", .number)],
        epsilon: .layerNorm("layer_norm_eps"),
        model: [.embedding, .output],
        layer: TensorRule.rotatedAttention + TensorRule.gatedMLP,
        complete: { reading, config throws(ModelFileError) in
            guard config["layer_norm_eps"]?.double ?? 1e-5 == 1e-5 else {
                throw reading.malformed("olmo.attention.layer_norm_epsilon", "is not 1e-5")
            }
            config["layer_norm_eps"] = nil
        }
    )

    static let olmo2 = GGUFFamily(
        architecture: "olmo2",
        modelTypes: ["olmo2"],
        epsilon: .rms(1e-5),
        model: TensorRule.decoder,
        layer: TensorRule.attention + TensorRule.headNorms + [
            .vector("post_attention_layernorm", "post_attention_norm"),
            .vector("post_feedforward_layernorm", "post_ffw_norm"),
        ] + TensorRule.gatedMLP
    )

    static let chatglm = GGUFFamily(
        architecture: "chatglm",
        modelTypes: ["glm"],
        epsilon: .rms(1.5625e-7),
        rope: GGUFRope(share: 0.5),
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + [.feedForwardNorm] + TensorRule.fusedMLP,
        complete: { reading, config in completeGLM(reading, &config) }
    )

    static let glm4 = GGUFFamily(
        architecture: "glm4",
        modelTypes: ["glm4"],
        epsilon: .rms(1.5625e-7),
        rope: GGUFRope(share: 0.5),
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + [
            .vector("post_self_attn_layernorm", "post_attention_norm"), .feedForwardNorm,
            .vector("post_mlp_layernorm", "post_ffw_norm"),
        ] + TensorRule.fusedMLP,
        complete: { reading, config in completeGLM(reading, &config) }
    )

    private static func completeGLM(_ reading: GGUFReading, _ config: inout JSONObject) {
        let bias = reading.has("blk.0.attn_q.bias") || reading.has("blk.0.attn_qkv.bias")
        config["attention_bias"] = .bool(bias)
    }

    static let commandR = GGUFFamily(
        architecture: "command-r",
        modelTypes: ["cohere"],
        keys: [GGUFKey("logit_scale", "logit_scale", .number, or: 0.0625)],
        epsilon: .layerNorm("layer_norm_eps"),
        rope: GGUFRope(theta: 500_000, writesNone: true),
        tiesEmbeddings: true,
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + TensorRule.headNorms + TensorRule.gatedMLP,
        complete: { reading, config in
            config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
            config["use_qk_norm"] = .bool(reading.has("blk.0.attn_q_norm.weight"))
        }
    )

    static let cohere2 = GGUFFamily(
        architecture: "cohere2",
        modelTypes: ["cohere2"],
        keys: [GGUFKey("logit_scale", "logit_scale", .number, or: 0.0625)],
        epsilon: .layerNorm("layer_norm_eps"),
        rope: GGUFRope(writesNone: true),
        windows: GGUFWindows(period: 4, missing: ["cohere2": 4096]),
        tiesEmbeddings: true,
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + TensorRule.gatedMLP,
        complete: { reading, config in
            config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
        }
    )
}
