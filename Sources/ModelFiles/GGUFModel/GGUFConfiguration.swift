internal import Core

// What every architecture's metadata says, as config.json says it, and back.

extension GGUFKey {
    fileprivate func read(_ reading: GGUFReading) throws(ModelFileError) -> JSON? {
        switch kind {
        case .count: try reading.int(gguf).map { .int($0) } ?? unsaid
        case .number: try reading.double(gguf).map { .double($0) } ?? unsaid
        case .flag: try reading.bool(gguf).map { .bool($0) } ?? unsaid
        }
    }

    fileprivate func write(_ config: JSON, _ family: GGUFFamily, to settings: inout GGUFSettings) {
        let value = family.value(huggingFace, in: config) ?? missing
        switch kind {
        case .count: settings.set(count: value?.int, gguf)
        case .number: settings.set(number: value?.double, gguf)
        case .flag: if let flag = value?.bool { settings.set(gguf, flag) }
        }
    }
}

extension GGUFFamily {
    private static let base = [
        GGUFKey("context_length", "max_position_embeddings", or: 2048),
        GGUFKey("embedding_length", "hidden_size"),
        GGUFKey("feed_forward_length", "intermediate_size"),
        GGUFKey("attention.head_count", "num_attention_heads"),
        GGUFKey("attention.head_count_kv", "num_key_value_heads"),
    ]
    /// Our own key: what config.json says and GGUF has no place for, as JSON.
    static let unspokenKey = "tokenmill.config"

    /// What config.json would say of a GGUF file.
    func config(_ reading: GGUFReading) throws(ModelFileError) -> JSON {
        var config = JSONObject(members: [.init(key: "model_type", value: .string(modelTypes[0]))])
        for key in Self.base + [epsilon] + keys {
            config[names[key.huggingFace] ?? key.huggingFace] = try key.read(reading)
        }
        let extra = try reading.int("nextn_predict_layers") ?? 0
        guard let blocks = try reading.int("block_count"), extra >= 0, extra < blocks else {
            throw reading.malformed("\(architecture).block_count", "is missing or too small")
        }
        config[names["num_hidden_layers"] ?? "num_hidden_layers"] = .int(blocks - extra)
        let embedding = try reading.file.tensor("token_embd.weight")
        config["vocab_size"] = .int(embedding.shape.first ?? 0)
        config["tie_word_embeddings"] = .bool(!reading.has("output.weight"))
        try readHeadWidth(reading, &config)
        try windows?.read(reading, layers: blocks - extra, &config)
        try complete(reading, &config)
        if let rope { try rope.read(reading, self, &config) }
        try readUnspoken(reading, &config)
        return .object(config)
    }

    private func readHeadWidth(
        _ reading: GGUFReading,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        let key = try reading.int("attention.key_length")
        let value = try reading.int("attention.value_length")
        if rope?.widthKey != nil { return }  // latent attention has widths of its own
        if key == nil, value == nil { return }
        let heads = self.value("num_attention_heads", in: .object(config))?.int ?? 1
        let width = self.value("hidden_size", in: .object(config))?.int ?? 0
        let usual = width / max(1, heads)
        guard key ?? usual == value ?? usual else {
            throw ModelFileError(
                .unsupported,
                path: reading.file.path,
                "has keys of \(key ?? usual) and values of \(value ?? usual), which this build "
                    + "does not compute"
            )
        }
        config["head_dim"] = .int(key ?? usual)
    }

    private func readUnspoken(
        _ reading: GGUFReading,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        guard let text = try reading.file.metadata.string(Self.unspokenKey) else { return }
        guard let object = (try? JSON(parsing: text))?.object else {
            throw reading.malformed(Self.unspokenKey, "is not a JSON object")
        }
        for member in object.members { config[member.key] = member.value }
    }

    /// The metadata of the architecture for a model with this config.json, and after it our own key
    /// where one is needed.
    func metadata(_ config: JSON) -> [(key: String, value: GGUFValue)] {
        var settings = GGUFSettings(architecture)
        var rest = unspoken(in: config)
        settings.set(count: config["vocab_size"]?.int, "vocab_size")
        settings.set(count: value("num_hidden_layers", in: config)?.int, "block_count")
        for key in Self.base + [epsilon] + keys { key.write(config, self, to: &settings) }
        let usual = (value("hidden_size", in: config)?.int).map { 4 * $0 }
        let feedForward = value("intermediate_size", in: config)?.int ?? usual
        settings.set(count: feedForward, "feed_forward_length")
        let heads = value("num_attention_heads", in: config)?.int
        let keyValueHeads = value("num_key_value_heads", in: config)?.int ?? heads
        settings.set(count: keyValueHeads, "attention.head_count_kv")
        let width = value("head_dim", in: config)?.int ?? headWidth
        settings.set(count: width, "attention.key_length")
        settings.set(count: width, "attention.value_length")
        windows?.write(config, to: &settings)
        if let rope { rope.write(config, self, to: &settings, &rest) }
        addMetadata(config, &settings, &rest)
        var pairs = settings.pairs
        if !rest.isEmpty {
            pairs.append((Self.unspokenKey, GGUFValue(JSON.object(rest).text())))
        }
        return pairs
    }

    private func unspoken(in config: JSON) -> JSONObject {
        var rest = JSONObject()
        var silent = unspoken
        silent[activation.key] = .string(activation.name)
        for (key, usual) in silent.sorted(by: { $0.key < $1.key }) {
            guard let value = config[key], !value.isNull, value != usual else { continue }
            if let number = value.double, number == usual.double { continue }
            rest[key] = value
        }
        return rest
    }
}

// MARK: windows

extension GGUFWindows {
    func read(
        _ reading: GGUFReading,
        layers: Int,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        let window = try reading.int("attention.sliding_window") ?? unsaid ?? 0
        let pattern = reading.bools("attention.sliding_window_pattern")
        let every =
            pattern == nil ? try reading.int("attention.sliding_window_pattern") ?? period : period
        if hasSwitch { config["use_sliding_window"] = .bool(window > 0) }
        config["sliding_window"] = window > 0 ? .int(window) : .null
        guard window > 0 else { return }
        if let pattern, pattern.count < layers {
            throw reading.malformed("attention.sliding_window_pattern", "is too short")
        }
        let rule = GGUFWindows(period: every)
        let types = (0..<layers).map { layer in
            pattern?[layer] ?? rule.isWindowed(layer) ? "sliding_attention" : "full_attention"
        }
        config["layer_types"] = .array(types.map { .string($0) })
    }

    func write(_ config: JSON, to settings: inout GGUFSettings) {
        guard let (window, layers) = inUse(config) else {
            if writesNone { settings.set(count: 0, "attention.sliding_window") }
            return
        }
        settings.set(count: window, "attention.sliding_window")
        if layers != layers.indices.map(isWindowed) {
            settings.set("attention.sliding_window_pattern", array: layers)
        }
    }

    /// The window, and which layers have it, as Hugging Face reads config.json; nil where no layer
    /// has one.
    private func inUse(_ config: JSON) -> (Int, [Bool])? {
        if hasSwitch, config["use_sliding_window"]?.bool != true { return nil }
        let type = config["model_type"]?.string ?? ""
        let value = config["sliding_window"]
        let window = value.map { $0.int ?? 0 } ?? missing[type] ?? 0
        guard window > 0, let count = config["num_hidden_layers"]?.int, count > 0 else {
            return nil
        }
        if let types = config["layer_types"]?.array, types.count >= count {
            return (window, types.prefix(count).map { $0.string == "sliding_attention" })
        }
        let first = startsLate ? config["max_window_layers"]?.int ?? 28 : 0
        let rule = GGUFWindows(
            period: period == 0 ? 0 : config["sliding_window_pattern"]?.int ?? period
        )
        return (window, (0..<min(count, 4096)).map { $0 >= first && rule.isWindowed($0) })
    }
}
