internal import Kernels

/// Command-R (Cohere 2024): branches side by side after one bias-free layer norm, neighbouring
/// elements rotated, scaled logits.
struct Cohere: Architecture {
    static let modelTypes = ["cohere"]

    let configuration: DecoderConfiguration
    private let attentionBias, normsHeads: Bool
    private let logitScale: Float

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        configuration = try DecoderConfiguration(cohere: fields, theta: 500_000)
        attentionBias = try fields.bool("attention_bias", or: false)
        normsHeads = try fields.bool("use_qk_norm", or: false)
        logitScale = Float(try fields.double("logit_scale", or: 0.0625))
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        try loader.cohereDecoder(configuration, bias: attentionBias, logitScale) {
            attention,
            prefix throws(ExecutionError) in
            guard normsHeads else { return }
            let c = configuration
            attention.qNorm = try loader.layerNorm(
                prefix + "q_norm",
                c.queryWidth,
                epsilon: c.normEpsilon,
                bias: false
            )
            attention.kNorm = try loader.layerNorm(
                prefix + "k_norm",
                c.keyWidth,
                epsilon: c.normEpsilon,
                bias: false
            )
        }
    }
}

/// Command-R7B and Command A (Cohere 2025): windows with rotation in most layers, full attention
/// without in the others.
struct Cohere2: Architecture {
    static let modelTypes = ["cohere2"]

    let configuration: DecoderConfiguration
    private let attentionBias: Bool
    private let logitScale: Float

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(cohere: fields, theta: 10_000)
        let pattern = try fields.int("sliding_window_pattern", in: 1...4096, or: 4)
        try c.readWindows(fields, or: 4096) { ($0 + 1) % pattern != 0 }
        for index in c.layers.indices where c.layers[index].window == nil {
            c.layers[index].rope = nil
        }
        fields.understand(
            "head_dim",
            "order_of_interleaved_layers",
            "position_embedding_type",
            "rotary_pct",
            "use_embedding_sharing",
            "use_gated_activation",
            "use_parallel_block",
            "use_parallel_embedding",
            "use_qk_norm"
        )
        attentionBias = try fields.bool("attention_bias", or: false)
        logitScale = Float(try fields.double("logit_scale", or: 0.0625))
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        try loader.cohereDecoder(configuration, bias: attentionBias, logitScale) { _, _ in }
    }
}

extension DecoderConfiguration {
    init(cohere fields: ConfigurationFields, theta: Double) throws(ExecutionError) {
        try self.init(fields, theta: theta)
        normEpsilon = Float(try fields.double("layer_norm_eps", or: 1e-5))
        tiesEmbeddings = try fields.bool("tie_word_embeddings", or: true)
    }
}

extension WeightLoader {
    /// - Parameter change: adds what a generation has beyond the shared parts.
    fileprivate func cohereDecoder(
        _ c: DecoderConfiguration,
        bias: Bool,
        _ logitScale: Float,
        _ change: (_ attention: inout Attention, _ prefix: String) throws(ExecutionError) -> Void
    ) throws(ExecutionError) -> Decoder {
        func norm(_ name: String) throws(ExecutionError) -> Norm {
            try layerNorm(name, c.width, epsilon: c.normEpsilon, bias: false)
        }
        var decoder = try decoder(c, finalNorm: norm("model.norm")) {
            index,
            prefix throws(ExecutionError) in
            var attention = try attention(
                prefix + "self_attn.",
                c,
                layer: index,
                bias: bias,
                outputBias: bias
            )
            attention.style = .pairs
            try change(&attention, prefix + "self_attn.")
            return DecoderLayer(
                attentionNorm: try norm(prefix + "input_layernorm"),
                attention: attention,
                mlp: try gatedMLP(prefix + "mlp.", c),
                isParallel: true
            )
        }
        decoder.logitScale = logitScale
        return decoder
    }
}
