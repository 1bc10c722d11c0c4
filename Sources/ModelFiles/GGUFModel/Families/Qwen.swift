internal import Core

extension GGUFFamily {
    private static let windows = GGUFWindows(
        period: 0,
        missing: ["qwen2": 4096, "qwen2_moe": 4096, "qwen3": 4096],
        hasSwitch: true,
        startsLate: true
    )

    static let qwen2 = GGUFFamily(
        architecture: "qwen2",
        modelTypes: ["qwen2"],
        epsilon: .rms(1e-6),
        windows: windows,
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + [.feedForwardNorm] + TensorRule.gatedMLP
    )

    static let qwen3 = GGUFFamily(
        architecture: "qwen3",
        modelTypes: ["qwen3"],
        epsilon: .rms(1e-6),
        windows: windows,
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + TensorRule.headNorms + [.feedForwardNorm]
            + TensorRule.gatedMLP,
        complete: { reading, config in
            config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
        }
    )

    private static let expertKeys = [
        GGUFKey("expert_count", "num_experts"),
        GGUFKey("expert_used_count", "num_experts_per_tok"),
        GGUFKey("expert_feed_forward_length", "moe_intermediate_size"),
    ]
    private static let expertLayer =
        [TensorRule.attentionNorm] + TensorRule.attention + TensorRule.headNorms
        + [.feedForwardNorm] + TensorRule.gatedMLP + [TensorRule("mlp.gate", "ffn_gate_inp")]
        + TensorRule.experts("mlp.experts.") + TensorRule.fusedExperts("mlp.experts.")

    static let qwen2moe = GGUFFamily(
        architecture: "qwen2moe",
        modelTypes: ["qwen2_moe"],
        keys: expertKeys + [
            GGUFKey("expert_shared_feed_forward_length", "shared_expert_intermediate_size"),
            GGUFKey("expert_weights_norm", "norm_topk_prob", .flag, or: false, unsaid: false),
        ],
        epsilon: .rms(1e-6),
        windows: windows,
        model: TensorRule.decoder,
        layer: expertLayer + [TensorRule("mlp.shared_expert_gate", "ffn_gate_inp_shexp")]
            + TensorRule.sharedExpert("mlp.shared_expert."),
        complete: { reading, config throws(ModelFileError) in
            try completeExperts(reading, &config)
            config["qkv_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
            if config["shared_expert_intermediate_size"] == nil {
                let shared = try reading.file.tensor("blk.0.ffn_up_shexp.weight")
                config["shared_expert_intermediate_size"] = .int(shared.shape.first ?? 0)
            }
        },
        addMetadata: { config, settings, _ in addExperts(config, &settings) }
    )

    static let qwen3moe = GGUFFamily(
        architecture: "qwen3moe",
        modelTypes: ["qwen3_moe"],
        // llama.cpp always normalises; the key is ours to say that a model does not.
        keys: expertKeys + [
            GGUFKey("expert_weights_norm", "norm_topk_prob", .flag, or: false, unsaid: true)
        ],
        epsilon: .rms(1e-6),
        windows: GGUFWindows(period: 0, missing: ["qwen3_moe": 4096], hasSwitch: true),
        model: TensorRule.decoder,
        layer: expertLayer,
        complete: { reading, config throws(ModelFileError) in
            try completeExperts(reading, &config)
            config["attention_bias"] = .bool(reading.has("blk.0.attn_q.bias"))
        },
        addMetadata: { config, settings, _ in addExperts(config, &settings) }
    )

    /// Which layers have experts, and how wide those are, follows from the tensors.
    private static func completeExperts(
        _ reading: GGUFReading,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        let layers = min(config["num_hidden_layers"]?.int ?? 0, 4096)
        let dense = (0..<layers).filter { !reading.has("blk.\($0).ffn_gate_inp.weight") }
        config["mlp_only_layers"] = .array(dense.map { .int($0) })
        guard config["moe_intermediate_size"] == nil,
            let sparse = (0..<layers).first(where: { reading.has("blk.\($0).ffn_up_exps.weight") })
        else { return }
        let shape = try reading.file.tensor("blk.\(sparse).ffn_up_exps.weight").shape
        config["moe_intermediate_size"] = .int(shape.dropLast().last ?? 0)
    }

    /// transformers 5 calls Qwen3's experts `num_local_experts`.
    private static func addExperts(_ config: JSON, _ settings: inout GGUFSettings) {
        let count = config["num_experts"] ?? config["num_local_experts"]
        settings.set(count: count?.int, "expert_count")
    }
}
