internal import Core
internal import Foundation

// How positions turn, in GGUF's words and in Hugging Face's.

extension GGUFRope {
    private static let original = "original_max_position_embeddings"

    // MARK: reading

    func read(
        _ reading: GGUFReading,
        _ family: GGUFFamily,
        _ config: inout JSONObject
    ) throws(ModelFileError) {
        let base = try reading.double("rope.freq_base") ?? 10_000
        let local = try reading.double("rope.freq_base_swa")
        var table = try scaling(reading)
        table["rope_theta"] = .double(base)
        if widthKey == nil {
            let d = try GGUFDimensions(.object(config), family, path: reading.file.path)
            let width = try reading.int("rope.dimension_count") ?? d.headWidth
            if width != d.headWidth {
                table["partial_rotary_factor"] = .double(Self.share(width, of: d.headWidth))
            }
        }
        if let localTheta {
            let windowed: JSON = [
                "rope_type": "default", "rope_theta": .double(local ?? localTheta),
            ]
            config["rope_parameters"] = [
                "full_attention": .object(table), "sliding_attention": windowed,
            ]
        } else if let local, local != base {
            throw ModelFileError(
                .unsupported,
                path: reading.file.path,
                "turns windowed layers otherwise than full ones, which this build does not compute"
            )
        } else {
            config["rope_parameters"] = .object(table)
        }
    }

    /// A share of the head that gives just `width` when it is multiplied and rounded down.
    private static func share(_ width: Int, of head: Int) -> Double {
        let share = Double(width) / Double(head)
        return (share * Double(head)).rounded(.down) < Double(width) ? share.nextUp : share
    }

    private func scaling(_ reading: GGUFReading) throws(ModelFileError) -> JSONObject {
        let divisors = try reading.vector("rope_freqs.weight")
        let long = try reading.vector("rope_factors_long.weight")
        let short = try reading.vector("rope_factors_short.weight")
        let original = try reading.int("rope.scaling.original_context_length")
        let attention = try reading.double("rope.scaling.attn_factor")
        let oldFactor = try reading.double("rope.scale_linear")
        let factor = try reading.double("rope.scaling.factor") ?? oldFactor
        let type = try reading.string("rope.scaling.type") ?? "linear"
        var table = JSONObject()
        if let long, let short {
            table["rope_type"] = "longrope"
            table["long_factor"] = Self.list(long)
            table["short_factor"] = Self.list(short)
            table[Self.original] = original.map { .int($0) }
            table["attention_factor"] = attention.map { .double($0) }
        } else if let divisors, !divisors.allSatisfy({ $0 == 1 }) {
            table = Self.llama3(divisors, try reading.double("rope.freq_base") ?? 10_000)
        } else if type == "yarn", let factor {
            table["rope_type"] = "yarn"
            table["factor"] = .double(factor)
            table[Self.original] = original.map { .int($0) }
            try readYarn(reading, &table)
        } else if type == "linear", let factor, factor > 0, factor != 1 {
            table["rope_type"] = "linear"
            table["factor"] = .double(factor)
        } else if ["linear", "none", "yarn", "longrope"].contains(type) {
            table["rope_type"] = "default"
        } else {
            throw reading.malformed("rope.scaling.type", "is \(quoted(type)), which is unknown")
        }
        return table
    }

    private func readYarn(
        _ reading: GGUFReading,
        _ table: inout JSONObject
    ) throws(ModelFileError) {
        for (key, name) in Self.yarnKeys {
            table[name] = try reading.double("rope.scaling." + key).map { .double($0) }
        }
        if !truncates { table["truncate"] = false }
        // DeepSeek's: a tenth of mscale_all_dim, and mscale is the same.
        if widthKey != nil, let tenth = try reading.double("rope.scaling.yarn_log_multiplier") {
            let scale = Double("\(Float(10 * tenth))") ?? 10 * tenth
            table["mscale"] = .double(scale)
            table["mscale_all_dim"] = .double(scale)
        }
    }

    private static let yarnKeys = [
        ("yarn_attn_factor", "attention_factor"), ("yarn_beta_fast", "beta_fast"),
        ("yarn_beta_slow", "beta_slow"),
    ]

    private static func list(_ values: [Float]) -> JSON {
        .array(values.map { .double(Double("\($0)") ?? Double($0)) })
    }

    /// Llama 3's parameters where they can be told from the divisors, else the divisors themselves,
    /// as a type of our own.
    private static func llama3(_ divisors: [Float], _ theta: Double) -> JSONObject {
        for original in [8192.0] {
            let guess: JSONObject = [
                "rope_type": "llama3", "factor": .double(Double(divisors.max() ?? 1)),
                "low_freq_factor": 1.0, "high_freq_factor": 4.0, Self.original: .double(original),
            ]
            let made = Self.divisors(.object(guess), theta: theta, count: divisors.count) ?? []
            let isSame = zip(made, divisors).allSatisfy { abs($0 - $1) <= 1e-5 * $1 }
            if isSame, made.count == divisors.count { return guess }
        }
        return ["rope_type": "divisors", "divisors": list(divisors)]
    }

    // MARK: writing

    func write(
        _ config: JSON,
        _ family: GGUFFamily,
        to settings: inout GGUFSettings,
        _ unspoken: inout JSONObject
    ) {
        let table = table(config)
        let base = table["rope_theta"]?.double ?? theta
        settings.set(number: base, "rope.freq_base")
        if localTheta != nil { settings.set(number: local(config), "rope.freq_base_swa") }
        let width = self.width(config, family, table)
        settings.set(count: width, "rope.dimension_count")
        if writesNone { settings.set("rope.scaling.type", "none") }
        let isSpoken = write(table, config, to: &settings)
        if !isSpoken {
            let windowed: JSON = ["rope_type": "default", "rope_theta": .double(local(config))]
            unspoken["rope_parameters"] =
                localTheta == nil
                ? table : ["full_attention": table, "sliding_attention": windowed]
        }
    }

    /// Elements of a head that turn.
    private func width(_ config: JSON, _ family: GGUFFamily, _ table: JSON) -> Int? {
        if let widthKey { return config[widthKey]?.int }
        guard let heads = family.value("num_attention_heads", in: config)?.int, heads > 0,
            let model = family.value("hidden_size", in: config)?.int
        else { return nil }
        let head = family.value("head_dim", in: config)?.int ?? family.headWidth ?? model / heads
        let share = table["partial_rotary_factor"]?.double ?? 1
        return Int(exactly: (Double(head) * share).rounded(.down))
    }

    /// Windowed layers' base.
    private func local(_ config: JSON) -> Double {
        config["rope_parameters"]?["sliding_attention"]?["rope_theta"]?.double
            ?? config["rope_local_base_freq"]?.double ?? localTheta ?? theta
    }

    /// All layers', or full layers', table in the words of transformers 5, whichever version wrote
    /// config.json.
    func table(_ config: JSON) -> JSON {
        let new = config["rope_parameters"]
        let nested = new?["full_attention"] ?? new ?? config["rope_scaling"]
        var table = nested?.object ?? [:]
        if table["rope_theta"] == nil {
            table["rope_theta"] = .double(config[thetaKey]?.double ?? theta)
        }
        if table["partial_rotary_factor"] == nil {
            let share = config[shareKey]?.double ?? share
            if share != 1 { table["partial_rotary_factor"] = .double(share) }
        }
        let type = table["rope_type"] ?? table["type"] ?? "default"
        table["type"] = nil
        table["rope_type"] = type == "su" || table["long_factor"] != nil ? "longrope" : type
        if let outer = config[Self.original], !outer.isNull, table["rope_type"] == "longrope" {
            table[Self.original] = outer
        }
        return .object(table)
    }

    /// - Returns: whether GGUF can say all of it.
    private func write(_ table: JSON, _ config: JSON, to settings: inout GGUFSettings) -> Bool {
        let context = config["max_position_embeddings"]?.double ?? 2048
        let original = table[Self.original]?.double ?? context
        switch table["rope_type"]?.string {
        case "default": return true
        case "linear":
            settings.set("rope.scaling.type", "linear")
            settings.set(number: table["factor"]?.double, "rope.scaling.factor")
            return true
        case "divisors": return true
        case "longrope":
            settings.set("rope.scaling.type", "longrope")
            settings.set(count: Int(exactly: original), "rope.scaling.original_context_length")
            settings.set(number: Self.longAttention(table, context), "rope.scaling.attn_factor")
            return true
        case "yarn":
            settings.set("rope.scaling.type", "yarn")
            let factor = table["factor"]?.double ?? context / original
            settings.set(number: factor, "rope.scaling.factor")
            settings.set(count: Int(exactly: original), "rope.scaling.original_context_length")
            for (key, name) in Self.yarnKeys {
                settings.set(number: table[name]?.double, "rope.scaling." + key)
            }
            let all = table["mscale_all_dim"]?.double, one = table["mscale"]?.double
            if widthKey != nil, let all {
                settings.set(number: 0.1 * all, "rope.scaling.yarn_log_multiplier")
            }
            let isTruncated = table["truncate"]?.bool ?? true
            return isTruncated == truncates && (widthKey == nil ? one ?? all == nil : one == all)
        default: return false  // llama3 has its divisors in a tensor, and its parameters with us
        }
    }

    private static func longAttention(_ table: JSON, _ context: Double) -> Double {
        if let given = table["attention_factor"]?.double { return given }
        let original = table[Self.original]?.double ?? context
        let factor = table["factor"]?.double ?? context / original
        return factor <= 1 ? 1 : (1 + log(factor) / log(original)).squareRoot()
    }

    /// The vectors that belong to the whole model, by GGUF's names.
    func vectors(_ config: JSON, _ family: GGUFFamily) -> [(name: String, values: [Float])] {
        let table = table(config)
        func floats(_ key: String) -> [Float]? {
            table[key]?.array.map { $0.map { Float($0.double ?? 1) } }
        }
        switch table["rope_type"]?.string {
        case "longrope":
            guard let long = floats("long_factor"), let short = floats("short_factor") else {
                return []
            }
            return [("rope_factors_long.weight", long), ("rope_factors_short.weight", short)]
        case "llama3":
            let count = (width(config, family, table) ?? 0) / 2
            let base = table["rope_theta"]?.double ?? theta
            let divisors = Self.divisors(table, theta: base, count: count)
            return divisors.map { [("rope_freqs.weight", $0)] } ?? []
        case "divisors": return floats("divisors").map { [("rope_freqs.weight", $0)] } ?? []
        default: return []
        }
    }

    /// What each frequency is divided by under Llama 3's rule; nil where a parameter is missing.
    private static func divisors(_ table: JSON, theta: Double, count: Int) -> [Float]? {
        guard let factor = table["factor"]?.double, let low = table["low_freq_factor"]?.double,
            let high = table["high_freq_factor"]?.double, high != low, factor > 0,
            let original = table[Self.original]?.double
        else { return nil }
        return (0..<count).map { index in
            let frequency = pow(theta, -Double(index) / Double(count))
            let turns = original * frequency / (2 * .pi)
            let smooth = min(max((turns - low) / (high - low), 0), 1)
            return Float(1 / ((1 - smooth) / factor + smooth))
        }
    }
}
