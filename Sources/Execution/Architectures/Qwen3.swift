/// Qwen3 (Qwen Team 2025): Llama's layer with an RMS norm on every query and key head before the
/// rotation, and head widths that need not divide the model's width.
struct Qwen3: Architecture {
    static let modelTypes = ["qwen3"]

    let configuration: DecoderConfiguration
    private let attentionBias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        try c.readQwenWindows(fields)
        attentionBias = try fields.bool("attention_bias", or: false)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.qwen3Attention(prefix, c, layer: index, bias: attentionBias)
            return try loader.preNormLayer(
                prefix,
                c,
                attention,
                loader.gatedMLP(prefix + "mlp.", c)
            )
        }
    }
}

extension WeightLoader {
    /// Llama's attention with RMS norms on heads.
    func qwen3Attention(
        _ prefix: String,
        _ c: DecoderConfiguration,
        layer: Int,
        bias: Bool
    ) throws(ExecutionError) -> Attention {
        let names = prefix + "self_attn."
        var attention = try attention(names, c, layer: layer, bias: bias, outputBias: bias)
        attention.qNorm = try rmsNorm(names + "q_norm", c.headWidth, epsilon: c.normEpsilon)
        attention.kNorm = try rmsNorm(names + "k_norm", c.headWidth, epsilon: c.normEpsilon)
        return attention
    }
}
