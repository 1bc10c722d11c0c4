internal import Kernels

/// Gemma (Gemma Team 2024): Llama whose norms scale by 1 + weight, with scaled embeddings and
/// GELU.
struct Gemma: Architecture {
    static let modelTypes = ["gemma"]

    let configuration: DecoderConfiguration

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        configuration = try DecoderConfiguration(gemma: fields)
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.gemmaDecoder(c) { index, prefix throws(ExecutionError) in
            DecoderLayer(
                attentionNorm: try loader.gemmaNorm(prefix + "input_layernorm", c),
                attention: try loader.attention(prefix + "self_attn.", c, layer: index),
                mlpNorm: try loader.gemmaNorm(prefix + "post_attention_layernorm", c),
                mlp: try loader.gatedMLP(prefix + "mlp.", c)
            )
        }
    }
}

extension DecoderConfiguration {
    /// What all Gemmas share. Their "gelu" has always meant its tanh form.
    init(gemma fields: ConfigurationFields, theta: Double = 10_000) throws(ExecutionError) {
        let names = fields.has("hidden_activation") ? "hidden_activation" : "hidden_act"
        fields.understand("hidden_act", "hidden_activation")
        let activation = try Self.activation(fields, names, or: "gelu_pytorch_tanh")
        try self.init(
            fields,
            activation: activation == .gelu ? .geluTanh : activation,
            theta: theta
        )
        tiesEmbeddings = try fields.bool("tie_word_embeddings", or: true)
        headWidth = try fields.int("head_dim", in: 1...4096, or: 256)
        if try fields.bool("attention_bias", or: false) {
            try fields.refuse("attention_bias", "is true")
        }
    }
}

extension WeightLoader {
    func gemmaNorm(_ name: String, _ c: DecoderConfiguration) throws(ExecutionError) -> Norm {
        try rmsNorm(name, c.width, epsilon: c.normEpsilon, adding: 1)
    }

    func gemmaDecoder(
        _ c: DecoderConfiguration,
        _ layer: (_ index: Int, _ prefix: String) throws(ExecutionError) -> DecoderLayer
    ) throws(ExecutionError) -> Decoder {
        var decoder = try decoder(c, finalNorm: gemmaNorm("model.norm", c), layer)
        decoder.embeddingScale = Float(c.width).squareRoot()
        return decoder
    }

    /// x += norm(attention(norm(x))); x += norm(mlp(norm(x))), as Gemma 2 and 3 name them.
    func gemmaSandwich(
        _ prefix: String,
        _ c: DecoderConfiguration,
        _ attention: Attention
    ) throws(ExecutionError) -> DecoderLayer {
        DecoderLayer(
            attentionNorm: try gemmaNorm(prefix + "input_layernorm", c),
            attention: attention,
            afterAttention: try gemmaNorm(prefix + "post_attention_layernorm", c),
            mlpNorm: try gemmaNorm(prefix + "pre_feedforward_layernorm", c),
            mlp: try gatedMLP(prefix + "mlp.", c),
            afterMLP: try gemmaNorm(prefix + "post_feedforward_layernorm", c)
        )
    }
}
