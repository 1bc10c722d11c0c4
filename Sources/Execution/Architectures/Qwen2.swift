/// Qwen2 and 2.5 (Qwen Team 2024): Llama with biases on q, k and v, and windows in the upper layers
/// if the file asks for them.
struct Qwen2: Architecture {
    static let modelTypes = ["qwen2"]

    let configuration: DecoderConfiguration

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        try c.readQwenWindows(fields)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.attention(prefix + "self_attn.", c, layer: index, bias: true)
            return try loader.preNormLayer(
                prefix,
                c,
                attention,
                loader.gatedMLP(prefix + "mlp.", c)
            )
        }
    }
}

extension DecoderConfiguration {
    /// `use_sliding_window` switches the window on, from layer `max_window_layers` up.
    mutating func readQwenWindows(_ fields: ConfigurationFields) throws(ExecutionError) {
        let isUsed = try fields.bool("use_sliding_window", or: false)
        let first = try fields.int("max_window_layers", in: 0...(1 << 20), or: 28)
        guard isUsed else { return fields.understand("sliding_window", "layer_types") }
        try readWindows(fields, or: 4096) { $0 >= first }
    }
}
