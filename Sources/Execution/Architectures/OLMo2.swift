/// OLMo 2 (OLMo Team 2024): no norm before the branches, one after each; queries and keys are
/// normed over all heads at once.
struct OLMo2: Architecture {
    static let modelTypes = ["olmo2"]

    let configuration: DecoderConfiguration

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        c.normEpsilon = Float(try fields.double("rms_norm_eps", or: 1e-5))
        if try fields.bool("attention_bias", or: false) {
            try fields.refuse("attention_bias", "is true")
        }
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        let epsilon = c.normEpsilon
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let names = prefix + "self_attn."
            var attention = try loader.attention(names, c, layer: index)
            attention.qNorm = try loader.rmsNorm(names + "q_norm", c.queryWidth, epsilon: epsilon)
            attention.kNorm = try loader.rmsNorm(names + "k_norm", c.keyWidth, epsilon: epsilon)
            return DecoderLayer(
                attention: attention,
                afterAttention: try loader.rmsNorm(
                    prefix + "post_attention_layernorm",
                    c.width,
                    epsilon: epsilon
                ),
                mlp: try loader.gatedMLP(prefix + "mlp.", c),
                afterMLP: try loader.rmsNorm(
                    prefix + "post_feedforward_layernorm",
                    c.width,
                    epsilon: epsilon
                )
            )
        }
    }
}
