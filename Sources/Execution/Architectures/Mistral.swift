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
        try loader.llamaDecoder(configuration)
    }
}
