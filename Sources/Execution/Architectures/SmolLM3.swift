/// SmolLM3 (Hugging Face 2025): Llama without rotation in every fourth layer.
struct SmolLM3: Architecture {
    static let modelTypes = ["smollm3"]

    let configuration: DecoderConfiguration
    private let attentionBias, mlpBias: Bool

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields, theta: 2_000_000)
        c.tiesEmbeddings = try fields.bool("tie_word_embeddings", or: true)
        if try fields.bool("use_sliding_window", or: false) {
            try c.readWindows(fields) { _ in true }
        }
        fields.understand("sliding_window", "layer_types", "max_window_layers")
        let interval = try fields.int("no_rope_layer_interval", in: 1...4096, or: 4)
        let rotates = fields.has("no_rope_layers") ? try fields.doubles("no_rope_layers") : nil
        for index in c.layers.indices {
            // The key's 1 means that the layer does rotate.
            let isRotated =
                rotates.map { index < $0.count && $0[index] != 0 } ?? ((index + 1) % interval != 0)
            if !isRotated { c.layers[index].rope = nil }
        }
        attentionBias = try fields.bool("attention_bias", or: false)
        mlpBias = try fields.bool("mlp_bias", or: false)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        try loader.llamaDecoder(configuration, attentionBias: attentionBias, mlpBias: mlpBias)
    }
}
