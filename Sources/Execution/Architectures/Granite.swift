/// Granite 3 (IBM 2024): Llama with four multipliers.
struct Granite: Architecture {
    static let modelTypes = ["granite"]

    let configuration: DecoderConfiguration
    private let multipliers: GraniteMultipliers
    private let attentionBias, mlpBias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        multipliers = try GraniteMultipliers(fields, &c)
        attentionBias = try fields.bool("attention_bias", or: false)
        mlpBias = try fields.bool("mlp_bias", or: false)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try multipliers.decoder(loader, c) { index, prefix throws(ExecutionError) in
            let attention = try loader.attention(
                prefix + "self_attn.",
                c,
                layer: index,
                bias: attentionBias,
                outputBias: attentionBias
            )
            let mlp = try loader.gatedMLP(prefix + "mlp.", c, bias: mlpBias)
            return try loader.preNormLayer(prefix, c, attention, mlp)
        }
    }
}

/// Granite's factors on embeddings, scores, branches and logits.
struct GraniteMultipliers: Sendable {
    private let embedding, residual, logits: Float

    init(
        _ fields: ConfigurationFields,
        _ c: inout DecoderConfiguration
    ) throws(ExecutionError) {
        c.attentionScale = Float(try fields.double("attention_multiplier", or: 1))
        embedding = Float(try fields.double("embedding_multiplier", or: 1))
        residual = Float(try fields.double("residual_multiplier", or: 1))
        logits = 1 / Float(try fields.positive("logits_scaling", or: 1))
    }

    func decoder(
        _ loader: WeightLoader,
        _ c: DecoderConfiguration,
        _ layer: (_ index: Int, _ prefix: String) throws(ExecutionError) -> DecoderLayer
    ) throws(ExecutionError) -> Decoder {
        var decoder = try loader.decoder(c) { index, prefix throws(ExecutionError) in
            var layer = try layer(index, prefix)
            layer.residualScale = residual
            return layer
        }
        decoder.embeddingScale = embedding
        decoder.logitScale = logits
        return decoder
    }
}
