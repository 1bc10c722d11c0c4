internal import Kernels

/// StarCoder2 (Lozhkov et al. 2024): layer norms, biases and a plain GELU network around
/// grouped-query attention with a window.
struct StarCoder2: Architecture {
    static let modelTypes = ["starcoder2"]

    let configuration: DecoderConfiguration
    private let bias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(
            fields,
            activation: DecoderConfiguration.activation(
                fields,
                "hidden_act",
                or: "gelu_pytorch_tanh"
            )
        )
        c.normEpsilon = Float(try fields.double("norm_epsilon", or: 1e-5))
        c.tiesEmbeddings = try fields.bool("tie_word_embeddings", or: true)
        bias = try fields.bool("use_bias", or: true)
        try c.readWindows(fields) { _ in true }
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        func norm(_ name: String) throws(ExecutionError) -> Norm {
            try loader.layerNorm(name, c.width, epsilon: c.normEpsilon)
        }
        return try loader.decoder(c, finalNorm: norm("model.norm")) {
            index,
            prefix throws(ExecutionError) in
            DecoderLayer(
                attentionNorm: try norm(prefix + "input_layernorm"),
                attention: try loader.attention(
                    prefix + "self_attn.",
                    c,
                    layer: index,
                    bias: bias,
                    outputBias: bias
                ),
                mlpNorm: try norm(prefix + "post_attention_layernorm"),
                mlp: PlainMLP(
                    up: try loader.linear(prefix + "mlp.c_fc", c.mlpWidth, c.width, bias: bias),
                    down: try loader.linear(prefix + "mlp.c_proj", c.width, c.mlpWidth, bias: bias),
                    activation: c.activation
                )
            )
        }
    }
}
