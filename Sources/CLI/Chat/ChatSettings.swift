package import Core

/// What `/set` changes between answers.
package struct ChatSettings: Sendable, Equatable {
    package var sampling: SamplingParameters
    /// Longest answer in tokens.
    package var maxTokens: Int

    package init(sampling: SamplingParameters, maxTokens: Int) {
        self.sampling = sampling
        self.maxTokens = maxTokens
    }

    package static let help =
        "temperature, top_p, top_k, min_p, repetition_penalty, seed or max_tokens"

    /// Changes one setting.
    /// - Throws: a usage error that names what is wrong with `name` or `value`.
    package mutating func set(_ name: String, to value: String) throws(CLIError) {
        switch name {
        case "temperature": sampling.temperature = try Self.number(value, 0...2, name)
        case "top_p": sampling.topP = try Self.number(value, 0...1, name)
        case "min_p": sampling.minP = try Self.number(value, 0...1, name)
        case "repetition_penalty":
            sampling.repetitionPenalty = try Self.number(value, 0.01...10, name)
        case "top_k": sampling.topK = try Self.count(value, from: 0, name)
        case "max_tokens": maxTokens = try Self.count(value, from: 1, name)
        case "seed":
            guard let seed = UInt64(value) else {
                throw CLIError(.usage, "seed takes a whole number from 0, not \(value)")
            }
            sampling.seed = seed
        default:
            throw CLIError(.usage, "there is no setting \(name); \(Self.help)")
        }
    }

    private static func number(
        _ text: String,
        _ range: ClosedRange<Float>,
        _ name: String
    ) throws(CLIError) -> Float {
        guard let value = Float(text), range.contains(value) else {
            let bounds = "\(range.lowerBound) to \(range.upperBound)"
            throw CLIError(.usage, "\(name) takes a number from \(bounds), not \(text)")
        }
        return value
    }

    private static func count(_ text: String, from low: Int, _ name: String) throws(CLIError) -> Int
    {
        guard let value = Int(text), value >= low, value <= Int(TokenID.max) else {
            throw CLIError(.usage, "\(name) takes a whole number from \(low), not \(text)")
        }
        return value
    }
}
