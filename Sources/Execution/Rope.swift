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
    }

    package let theta: Double
    package let scaling: Scaling

    /// Reads `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (transformers 4).
    init(_ fields: ConfigurationFields, contextLength: Int) throws(ExecutionError) {
        let nested = fields.object("rope_parameters") ?? fields.object("rope_scaling")
        let outer = try fields.positive("rope_theta", or: 10_000)
        theta = try nested?.positive("rope_theta", or: outer) ?? outer
        let partial = try (nested ?? fields).double("partial_rotary_factor", or: 1)
        let outerPartial = try fields.double("partial_rotary_factor", or: 1)
        if partial != 1 || outerPartial != 1 {
            throw .init(
                .unsupported,
                "config.json: partial_rotary_factor is not 1, which this build does not compute"
            )
        }
        scaling =
            try nested.map { nested throws(ExecutionError) in
                try Self.scaling(nested, contextLength: contextLength)
            } ?? .none
    }

    private static func scaling(
        _ fields: ConfigurationFields,
        contextLength: Int
    ) throws(ExecutionError) -> Scaling {
        let type = try fields.string("rope_type", or: fields.string("type", or: "default"))
        let original = "original_max_position_embeddings"
        switch type {
        case "default": return .none
        case "linear": return .linear(factor: try fields.positive("factor"))
        case "llama3":
            return .llama3(
                factor: try fields.positive("factor"),
                lowFactor: try fields.positive("low_freq_factor"),
                highFactor: try fields.positive("high_freq_factor"),
                original: try fields.positive(original)
            )
        case "yarn":
            let factor = try fields.positive("factor")
            return .yarn(
                factor: factor,
                betaFast: try fields.positive("beta_fast", or: 32),
                betaSlow: try fields.positive("beta_slow", or: 1),
                original: try fields.positive(original, or: Double(contextLength)),
                attention: try yarnAttention(fields, factor: factor),
                truncates: try fields.bool("truncate", or: true)
            )
        default:
            throw .init(
                .unsupported,
                "\(fields.prefix)rope_type is '\(type)'; "
                    + "this build computes default, linear, llama3, yarn"
            )
        }
    }

    private static func yarnAttention(
        _ fields: ConfigurationFields,
        factor: Double
    ) throws(ExecutionError) -> Double {
        if fields.has("attention_factor") { return try fields.double("attention_factor") }
        func scale(_ m: Double) -> Double { factor <= 1 ? 1 : 0.1 * m * log(factor) + 1 }
        let m = try fields.double("mscale", or: 0), all = try fields.double("mscale_all_dim", or: 0)
        return m != 0 && all != 0 ? scale(m) / scale(all) : scale(1)
    }

    /// Radians per position of each of the `headWidth / 2` pairs. Single precision, like the
    /// reference: at long positions the rounding of a frequency is part of the model.
    package func frequencies(headWidth: Int) -> [Float] {
        let count = headWidth / 2
        let plain = (0..<count).map { pow(theta, -2 * Double($0) / Double(headWidth)) }
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
                Double(headWidth) * log(original / (turns * 2 * .pi)) / (2 * log(theta))
            }
            let low = max(truncates ? pair(fast).rounded(.down) : pair(fast), 0)
            var high = min(truncates ? pair(slow).rounded(.up) : pair(slow), Double(headWidth - 1))
            if high == low { high += 0.001 }
            return plain.enumerated().map { index, frequency in
                let ramp = min(max((Double(index) - low) / (high - low), 0), 1)
                return Float(frequency / factor * ramp + frequency * (1 - ramp))
            }
        }
    }

    /// What cosines and sines are multiplied with.
    package var amplitude: Float {
        if case .yarn(_, _, _, _, let attention, _) = scaling { Float(attention) } else { 1 }
    }
}
