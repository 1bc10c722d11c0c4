/// Phi 1, 1.5 and 2 (Gunasekar et al. 2023): attention and a plain feed-forward network side by
/// side after one layer norm, biases everywhere, a part of each head rotated.
struct Phi: Architecture {
    static let modelTypes = ["phi"]

    let configuration: DecoderConfiguration

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(
            fields,
            activation: DecoderConfiguration.activation(fields, "hidden_act", or: "gelu_new"),
            rotatedShare: 0.5
        )
        c.normEpsilon = Float(try fields.double("layer_norm_eps", or: 1e-5))
        if try fields.bool("qk_layernorm", or: false) {
            try fields.refuse("qk_layernorm", "is true")
        }
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        let epsilon = c.normEpsilon
        let finalNorm = try loader.layerNorm("model.final_layernorm", c.width, epsilon: epsilon)
        let embedding = try loader.matrix("model.embed_tokens.weight", c.vocabularySize, c.width)
        let layers = try loader.layers(c, "model.layers.") { index, prefix throws(ExecutionError) in
            DecoderLayer(
                attentionNorm: try loader.layerNorm(
                    prefix + "input_layernorm",
                    c.width,
                    epsilon: epsilon
                ),
                attention: try loader.attention(
                    prefix + "self_attn.",
                    c,
                    layer: index,
                    bias: true,
                    outputBias: true,
                    output: "dense"
                ),
                mlp: PlainMLP(
                    up: try loader.linear(prefix + "mlp.fc1", c.mlpWidth, c.width, bias: true),
                    down: try loader.linear(prefix + "mlp.fc2", c.width, c.mlpWidth, bias: true),
                    activation: c.activation
                ),
                isParallel: true
            )
        }
        return Decoder(
            embedding: embedding,
            layers: layers,
            finalNorm: finalNorm,
            head: try loader.head("lm_head", embedding, c, bias: true)
        )
    }
}
