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
        try loader.llamaDecoder(configuration, attentionBias: attentionBias, mlpBias: mlpBias)
    }
}
