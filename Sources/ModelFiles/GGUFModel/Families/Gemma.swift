internal import Core

// Gemma's norms multiply by 1 + weight; GGUF stores the sum.

extension GGUFFamily {
    private static let decoder = [
        TensorRule.embedding, .vector("model.norm", "output_norm", adding: 1), .output,
    ]
    private static let attentionNorm = TensorRule.vector("input_layernorm", "attn_norm", adding: 1)
    private static let sandwich = [
        attentionNorm, .vector("post_attention_layernorm", "post_attention_norm", adding: 1),
        .vector("pre_feedforward_layernorm", "ffn_norm", adding: 1),
        .vector("post_feedforward_layernorm", "post_ffw_norm", adding: 1),
    ]
    private static let activation = (key: "hidden_activation", name: "gelu_pytorch_tanh")

    static let gemma = GGUFFamily(
        architecture: "gemma",
        modelTypes: ["gemma"],
        epsilon: .rms(1e-6),
        tiesEmbeddings: true,
        headWidth: 256,
        activation: activation,
        model: decoder,
        layer: [attentionNorm] + TensorRule.attention
            + [.vector("post_attention_layernorm", "ffn_norm", adding: 1)] + TensorRule.gatedMLP
    )

    static let gemma2 = GGUFFamily(
        architecture: "gemma2",
        modelTypes: ["gemma2"],
        keys: [
            GGUFKey("attn_logit_softcapping", "attn_logit_softcapping", .number, or: 50),
            GGUFKey("final_logit_softcapping", "final_logit_softcapping", .number, or: 30),
        ],
        epsilon: .rms(1e-6),
        windows: GGUFWindows(period: 2, missing: ["gemma2": 4096], unsaid: 4096, writesNone: true),
        tiesEmbeddings: true,
        headWidth: 256,
        activation: activation,
        model: decoder,
        layer: sandwich + TensorRule.attention + TensorRule.gatedMLP,
        complete: { reading, config throws(ModelFileError) in
            config["query_pre_attn_scalar"] = try scale(.object(config), reading, large: 46)
        },
        addMetadata: { config, _, rest in
            for key in ["attn_logit_softcapping", "final_logit_softcapping"]
            where config[key]?.isNull == true { rest[key] = .null }
            addScale(config, large: 46, &rest)
        }
    )

    static let gemma3 = GGUFFamily(
        architecture: "gemma3",
        modelTypes: ["gemma3_text"],
        keys: [GGUFKey("final_logit_softcapping", "final_logit_softcapping", .number)],
        epsilon: .rms(1e-6),
        rope: GGUFRope(theta: 1_000_000, localTheta: 10_000),
        windows: GGUFWindows(period: 6, missing: ["gemma3_text": 4096]),
        tiesEmbeddings: true,
        headWidth: 256,
        activation: activation,
        model: decoder,
        layer: sandwich + TensorRule.attention + [
            .vector("self_attn.q_norm", "attn_q_norm", adding: 1),
            .vector("self_attn.k_norm", "attn_k_norm", adding: 1),
        ] + TensorRule.gatedMLP,
        complete: { reading, config throws(ModelFileError) in
            config["query_pre_attn_scalar"] = try scale(.object(config), reading, large: 62)
        },
        addMetadata: { config, _, rest in addScale(config, large: 62, &rest) }
    )

    /// What scores are divided by the root of: the width of a head, but in the largest model (told
    /// by its layers) its share of the model's width. GGUF has no key for it.
    private static func scale(
        _ config: JSON,
        _ reading: GGUFReading,
        large: Int
    ) throws(ModelFileError) -> JSON {
        let d = try GGUFDimensions(config, reading.family, path: reading.file.path)
        let share = (config["hidden_size"]?.int ?? 0) / d.heads
        return .int(d.layers == large ? share : d.headWidth)
    }

    private static func addScale(_ config: JSON, large: Int, _ rest: inout JSONObject) {
        guard let heads = config["num_attention_heads"]?.int, heads > 0,
            let width = config["hidden_size"]?.int
        else { return }
        let isLarge = config["num_hidden_layers"]?.int == large
        let usual = isLarge ? width / heads : config["head_dim"]?.int ?? 256
        let scale = config["query_pre_attn_scalar"] ?? 256
        if scale.double != Double(usual) { rest["query_pre_attn_scalar"] = scale }
    }
}
