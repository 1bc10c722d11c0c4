/// Mistral (Jiang et al. 2023): Llama with a sliding window in every layer, or in those that
/// `layer_types` names (Ministral).
struct Mistral: Architecture {
    static let modelTypes = ["mistral", "ministral"]

    let configuration: DecoderConfiguration

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        try c.readWindows(fields, or: 4096) { _ in true }
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.attention(prefix + "self_attn.", c, layer: index)
            return try loader.preNormLayer(
                prefix,
                c,
                attention,
                loader.gatedMLP(prefix + "mlp.", c)
            )
        }
    }
}
