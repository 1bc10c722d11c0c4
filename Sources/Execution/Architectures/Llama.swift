/// Llama 2 and 3 (Touvron et al. 2023): pre-norm decoder, grouped-query attention, SwiGLU.
struct Llama: Architecture {
    static let modelTypes = ["llama"]

    let configuration: DecoderConfiguration
    private let attentionBias, mlpBias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        configuration = try DecoderConfiguration(fields)
        attentionBias = try fields.bool("attention_bias", or: false)
        mlpBias = try fields.bool("mlp_bias", or: false)
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
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
