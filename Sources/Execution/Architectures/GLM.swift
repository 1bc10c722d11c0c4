internal import Kernels

/// GLM-4 of 2024 (GLM Team): Llama with biases on q, k and v, fused gate and up, and neighbouring
/// elements of half of each head rotated.
struct GLM: Architecture {
    static let modelTypes = ["glm"]

    let configuration: DecoderConfiguration
    private let attentionBias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        configuration = try DecoderConfiguration(glm: fields)
        attentionBias = try fields.bool("attention_bias", or: true)
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.glmAttention(prefix, c, layer: index, bias: attentionBias)
            let mlp = try loader.fusedMLP(
                prefix + "mlp.gate_up_proj",
                down: prefix + "mlp.down_proj",
                c
            )
            return try loader.preNormLayer(prefix, c, attention, mlp)
        }
    }
}

/// GLM-4 of 2025 (0414): GLM with norms after the branches too.
struct GLM4: Architecture {
    static let modelTypes = ["glm4"]

    let configuration: DecoderConfiguration
    private let attentionBias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        configuration = try DecoderConfiguration(glm: fields)
        attentionBias = try fields.bool("attention_bias", or: true)
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        func norm(_ name: String) throws(ExecutionError) -> Norm {
            try loader.rmsNorm(name, c.width, epsilon: c.normEpsilon)
        }
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            DecoderLayer(
                attentionNorm: try norm(prefix + "input_layernorm"),
                attention: try loader.glmAttention(prefix, c, layer: index, bias: attentionBias),
                afterAttention: try norm(prefix + "post_self_attn_layernorm"),
                mlpNorm: try norm(prefix + "post_attention_layernorm"),
                mlp: try loader.fusedMLP(
                    prefix + "mlp.gate_up_proj",
                    down: prefix + "mlp.down_proj",
                    c
                ),
                afterMLP: try norm(prefix + "post_mlp_layernorm")
            )
        }
    }
}

extension DecoderConfiguration {
    fileprivate init(glm fields: ConfigurationFields) throws(ExecutionError) {
        try self.init(fields, rotatedShare: 0.5)
        normEpsilon = Float(try fields.double("rms_norm_eps", or: 1.5625e-7))
    }
}

extension WeightLoader {
    fileprivate func glmAttention(
        _ prefix: String,
        _ c: DecoderConfiguration,
        layer: Int,
        bias: Bool
    ) throws(ExecutionError) -> Attention {
        var attention = try attention(prefix + "self_attn.", c, layer: layer, bias: bias)
        attention.style = .pairs
        return attention
    }
}
