package import Core

/// The numbers of config.json that shape a decoder, checked: every one positive, bounded, and
/// consistent with the others, so that no later arithmetic can overflow or divide by zero.
package struct DecoderConfiguration: Sendable {
    package let modelType: String
    package let width: Int
    package let layerCount: Int
    package let headCount: Int
    package let keyValueHeadCount: Int
    package let headWidth: Int
    package let mlpWidth: Int
    package let vocabularySize: Int
    /// Positions the model was made for (`max_position_embeddings`).
    package let contextLength: Int
    package let normEpsilon: Float
    package let tiesEmbeddings: Bool
    package let attentionBias: Bool
    package let mlpBias: Bool
    package let rope: RopeConfiguration

    /// - Parameter json: config.json as transformers 4 or 5 writes it.
    package init(_ json: JSON) throws(ExecutionError) {
        let fields = ConfigurationFields(json)
        modelType = try fields.string("model_type")
        try Self.refuseUnsupported(fields)
        width = try fields.int("hidden_size", in: 1...(1 << 20))
        layerCount = try fields.int("num_hidden_layers", in: 1...4096)
        headCount = try fields.int("num_attention_heads", in: 1...4096)
        keyValueHeadCount = try fields.int("num_key_value_heads", in: 1...4096, or: headCount)
        headWidth = try fields.int("head_dim", in: 2...4096, or: width / headCount)
        mlpWidth = try fields.int("intermediate_size", in: 1...(1 << 22))
        vocabularySize = try fields.int("vocab_size", in: 1...(1 << 24))
        contextLength = try fields.int("max_position_embeddings", in: 1...(1 << 24), or: 2048)
        normEpsilon = Float(try fields.double("rms_norm_eps", or: 1e-6))
        tiesEmbeddings = try fields.bool("tie_word_embeddings", or: false)
        attentionBias = try fields.bool("attention_bias", or: false)
        mlpBias = try fields.bool("mlp_bias", or: false)
        rope = try RopeConfiguration(fields, contextLength: contextLength)
        if headCount % keyValueHeadCount != 0 {
            throw .init(
                .badConfiguration,
                "config.json: num_attention_heads (\(headCount)) must be a multiple of "
                    + "num_key_value_heads (\(keyValueHeadCount))"
            )
        }
        if headWidth % 2 != 0 {
            throw .init(.badConfiguration, "config.json: head_dim (\(headWidth)) must be even")
        }
    }

    package var queryWidth: Int { headCount * headWidth }
    package var keyValueWidth: Int { keyValueHeadCount * headWidth }
    /// Bytes of cache that one token takes in all layers.
    package var cacheBytesPerToken: Int {
        layerCount * keyValueWidth * 2 * MemoryLayout<Float>.size
    }

    /// Keys that change the mathematics in ways these architectures do not compute.
    private static func refuseUnsupported(_ fields: ConfigurationFields) throws(ExecutionError) {
        func refuse(_ key: String, _ why: String) throws(ExecutionError) {
            throw .init(
                .unsupported,
                "config.json: \(key) \(why), which this build does not compute"
            )
        }
        let activation = try fields.string("hidden_act", or: "silu")
        if activation != "silu" { try refuse("hidden_act", "is '\(activation)'") }
        if fields.has("quantization_config") { try refuse("quantization_config", "is set") }
        let windowed = try fields.bool("use_sliding_window", or: fields.has("sliding_window"))
        if windowed && fields.has("sliding_window") { try refuse("sliding_window", "is set") }
        if let types = fields.json["layer_types"]?.array,
            let other = types.first(where: { $0.string != "full_attention" })
        {
            try refuse("layer_types", "has \(other.text())")
        }
        for key in ["attn_logit_softcapping", "final_logit_softcapping", "logit_scale"]
        where fields.has(key) {
            try refuse(key, "is set")
        }
    }
}

/// Typed reading of one JSON object of config.json; errors name the key.
struct ConfigurationFields {
    let json: JSON
    /// What comes before a key in messages: "config.json: " or "config.json: rope_parameters.".
    let prefix: String

    init(_ json: JSON, prefix: String = "config.json: ") {
        self.json = json
        self.prefix = prefix
    }

    /// Whether the key is there and not null.
    func has(_ key: String) -> Bool { !(json[key] ?? .null).isNull }

    func object(_ key: String) -> ConfigurationFields? {
        guard let value = json[key], value.object != nil else { return nil }
        return ConfigurationFields(value, prefix: "\(prefix)\(key).")
    }

    func string(_ key: String, or missing: String? = nil) throws(ExecutionError) -> String {
        try value(key, or: missing, "a string") { $0.string }
    }

    func bool(_ key: String, or missing: Bool? = nil) throws(ExecutionError) -> Bool {
        try value(key, or: missing, "true or false") { $0.bool }
    }

    func double(_ key: String, or missing: Double? = nil) throws(ExecutionError) -> Double {
        try value(key, or: missing, "a finite number") { $0.double }
    }

    func positive(_ key: String, or missing: Double? = nil) throws(ExecutionError) -> Double {
        try value(key, or: missing, "a number above 0") { $0.double.flatMap { $0 > 0 ? $0 : nil } }
    }

    func int(
        _ key: String,
        in range: ClosedRange<Int>,
        or missing: Int? = nil
    ) throws(ExecutionError) -> Int {
        let what = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        let number = try value(key, or: missing, what) { $0.int }
        if !range.contains(number) { throw wrong(key, what, .int(number)) }
        return number
    }

    private func value<Value>(
        _ key: String,
        or missing: Value?,
        _ what: String,
        _ read: (JSON) -> Value?
    ) throws(ExecutionError) -> Value {
        guard let found = json[key], !found.isNull else {
            if let missing { return missing }
            throw .init(.badConfiguration, "\(prefix)\(key) is missing; it must be \(what)")
        }
        guard let value = read(found) else { throw wrong(key, what, found) }
        return value
    }

    private func wrong(_ key: String, _ what: String, _ found: JSON) -> ExecutionError {
        let text = String(found.text().prefix(40))
        return ExecutionError(.badConfiguration, "\(prefix)\(key) is \(text); it must be \(what)")
    }
}
