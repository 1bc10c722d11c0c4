internal import Core
internal import Foundation

/// Rotary position embedding (Su et al. 2021) and the ways its frequencies are stretched for longer
/// contexts, as transformers defines them.
package struct RopeConfiguration: Sendable {
    package enum Scaling: Sendable {
        case none
        /// Positions divided by `factor` (Chen et al. 2023).
        case linear(factor: Double)
        /// Llama 3.1: long wavelengths divided, short ones kept, a ramp between.
        case llama3(factor: Double, lowFactor: Double, highFactor: Double, original: Double)
        /// YaRN (Peng et al. 2023); `attention` multiplies cosines and sines.
        case yarn(
            factor: Double,
            betaFast: Double,
            betaSlow: Double,
            original: Double,
            attention: Double,
            truncates: Bool
        )
        /// LongRoPE (Ding et al. 2024): every frequency has its own divisor, one set for contexts
        /// up to `original`, one for longer ones.
        case long(short: [Double], long: [Double], original: Double, attention: Double)
        /// Every frequency has its own divisor, as GGUF files store Llama 3's scaling.
        case divisors([Double])
    }

    package var theta: Double
    package var scaling: Scaling
    /// How much of a head is rotated; even.
    package var width: Int
    /// DeepSeek multiplies the scores with its square.
    package var yarnScoreScale: Double = 1

    /// The angle tables of a model: one, or, where `rope_parameters` has an entry per layer type,
    /// that of full attention and that of windowed layers. Reads `rope_parameters` (transformers 5)
    /// or `rope_theta` and `rope_scaling` (transformers 4).
    /// - Parameters:
    ///   - headWidth: of the part that `partial_rotary_factor` is a share of.
    ///   - theta, share: the family's defaults.
    static func tables(
        _ fields: ConfigurationFields,
        headWidth: Int,
        contextLength: Int,
        theta: Double,
        share: Double
    ) throws(ExecutionError) -> [RopeConfiguration] {
        let theta = try fields.positive("rope_theta", or: theta)
        let share = try fields.double("partial_rotary_factor", or: share)
        fields.understand(original)
        let old = fields.object("rope_scaling")
        let new = fields.object("rope_parameters") ?? old
        let byType = [new?.object("full_attention"), new?.object("sliding_attention")]
        let nested = byType.contains { $0 != nil } ? byType : [new]
        var tables: [RopeConfiguration] = []
        for entry in nested {
            tables.append(
                try RopeConfiguration(
                    entry,
                    in: fields,
                    headWidth: headWidth,
                    contextLength: contextLength,
                    theta: theta,
                    share: share
                )
            )
        }
        return tables
    }

    /// Angles without any scaling.
    init(theta: Double, width: Int) {
        self.theta = theta
        self.width = width
        scaling = .none
    }

    /// - Parameter nested: the object that describes this table; nil scales nothing.
    init(
        _ nested: ConfigurationFields?,
        in fields: ConfigurationFields,
        headWidth: Int,
        contextLength: Int,
        theta: Double,
        share: Double = 1
    ) throws(ExecutionError) {
        self.theta = try nested?.positive("rope_theta", or: theta) ?? theta
        let share = try nested?.double("partial_rotary_factor", or: share) ?? share
        let rotated = (Double(headWidth) * share).rounded(.down)
        guard share > 0, rotated >= 2, rotated <= Double(headWidth), Int(rotated) % 2 == 0 else {
            throw .init(
                .badConfiguration,
                "\(fields.prefix)partial_rotary_factor \(share) of a head of \(headWidth) is not an "
                    + "even number of elements from 2 to \(headWidth)"
            )
        }
        width = Int(rotated)
        scaling = .none
        guard let nested else { return }
        scaling = try Self.scaling(nested, fields, contextLength, width)
        if case .yarn(let factor, _, _, _, _, _) = scaling {
            let all = try nested.double("mscale_all_dim", or: 0)
            if all != 0, factor > 1 { yarnScoreScale = 0.1 * all * log(factor) + 1 }
        }
        // Older files repeat the type under its older name.
        nested.understand("type", "rope_type")
        try nested.refuseUnknown()
    }

    private static func scaling(
        _ fields: ConfigurationFields,
        _ outer: ConfigurationFields,
        _ contextLength: Int,
        _ width: Int
    ) throws(ExecutionError) -> Scaling {
        let type = try fields.string("rope_type", or: fields.string("type", or: "default"))
        let outerOriginal = try outer.positive(original, or: Double(contextLength))
        switch type {
        // Dynamic scaling begins past the context the model was made for, which is the limit here.
        case "default", "dynamic":
            fields.understand("factor", original)
            return .none
        case "linear":
            fields.understand(original)
            return .linear(factor: try fields.positive("factor"))
        case "llama3":
            return .llama3(
                factor: try fields.positive("factor"),
                lowFactor: try fields.positive("low_freq_factor"),
                highFactor: try fields.positive("high_freq_factor"),
                original: try fields.positive(original)
            )
        case "divisors": return .divisors(try divisors(fields, "divisors", width))
        case "longrope", "su":
            return try long(fields, outer, contextLength, width)
        case "yarn":
            if fields.has("long_factor") { return try long(fields, outer, contextLength, width) }
            let before = try fields.positive(original, or: outerOriginal)
            let factor = try fields.positive("factor", or: Double(contextLength) / before)
            return .yarn(
                factor: factor,
                betaFast: try fields.positive("beta_fast", or: 32),
                betaSlow: try fields.positive("beta_slow", or: 1),
                original: before,
                attention: try yarnAttention(fields, factor: factor),
                truncates: try fields.bool("truncate", or: true)
            )
        default:
            throw .init(
                .unsupported,
                "\(fields.prefix)rope_type is '\(type)'; "
                    + "this build computes default, divisors, dynamic, linear, llama3, longrope, "
                    + "yarn"
            )
        }
    }

    private static let original = "original_max_position_embeddings"

    private static func long(
        _ fields: ConfigurationFields,
        _ outer: ConfigurationFields,
        _ contextLength: Int,
        _ width: Int
    ) throws(ExecutionError) -> Scaling {
        let inner = try fields.positive(original, or: Double(contextLength))
        let before = try outer.positive(original, or: inner)
        let factor = try fields.positive("factor", or: Double(contextLength) / before)
        let usual = factor <= 1 ? 1 : (1 + log(factor) / log(before)).squareRoot()
        return .long(
            short: try divisors(fields, "short_factor", width),
            long: try divisors(fields, "long_factor", width),
            original: before,
            attention: try fields.double("attention_factor", or: usual)
        )
    }

    private static func divisors(
        _ fields: ConfigurationFields,
        _ key: String,
        _ width: Int
    ) throws(ExecutionError) -> [Double] {
        let list = try fields.doubles(key)
        guard list.count == width / 2, list.allSatisfy({ $0 > 0 }) else {
            throw .init(
                .badConfiguration,
                "\(fields.prefix)\(key) must be \(width / 2) numbers above 0"
            )
        }
        return list
    }

    private static func yarnAttention(
        _ fields: ConfigurationFields,
        factor: Double
    ) throws(ExecutionError) -> Double {
        func scale(_ m: Double) -> Double { factor <= 1 ? 1 : 0.1 * m * log(factor) + 1 }
        let m = try fields.double("mscale", or: 0), all = try fields.double("mscale_all_dim", or: 0)
        let usual = m != 0 && all != 0 ? scale(m) / scale(all) : scale(1)
        return try fields.double("attention_factor", or: usual)
    }

    /// Radians per position of each of the `width / 2` pairs. Single precision, like the reference:
    /// at long positions the rounding of a frequency is part of the model.
    /// - Parameter contextLength: the longest sequence that will be computed. LongRoPE chooses its
    ///   divisors by it, not by how long a sequence has become: keys in the cache could not follow.
    package func frequencies(contextLength: Int) -> [Float] {
        let plain = (0..<width / 2).map { pow(theta, -2 * Double($0) / Double(width)) }
        switch scaling {
        case .none: return plain.map { Float($0) }
        case .linear(let factor): return plain.map { Float($0 / factor) }
        case .llama3(let factor, let low, let high, let original):
            return plain.map { frequency in
                let turns = original * frequency / (2 * .pi)
                let smooth = min(max((turns - low) / (high - low), 0), 1)
                return Float((1 - smooth) * frequency / factor + smooth * frequency)
            }
        case .yarn(let factor, let fast, let slow, let original, _, let truncates):
            /// The pair that makes `turns` turns over the original context.
            func pair(_ turns: Double) -> Double {
                Double(width) * log(original / (turns * 2 * .pi)) / (2 * log(theta))
            }
            let low = max(truncates ? pair(fast).rounded(.down) : pair(fast), 0)
            var high = min(truncates ? pair(slow).rounded(.up) : pair(slow), Double(width - 1))
            if high == low { high += 0.001 }
            return plain.enumerated().map { index, frequency in
                let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
                return Float(frequency / factor * ramp + frequency * (1 - ramp))
            }
        case .long(let short, let long, let original, _):
            let divisors = Double(contextLength) > original ? long : short
            return zip(plain, divisors).map { Float($0 / $1) }
        case .divisors(let divisors): return zip(plain, divisors).map { Float($0 / $1) }
        }
    }

    /// What cosines and sines are multiplied with.
    package var amplitude: Float {
        switch scaling {
        case .yarn(_, _, _, _, let attention, _), .long(_, _, _, let attention): Float(attention)
        default: 1
        }
    }
}
