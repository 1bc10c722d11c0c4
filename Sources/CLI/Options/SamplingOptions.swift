import ArgumentParser
import Core

/// How tokens are picked. What is not given comes from the model's generation_config.json.
struct SamplingOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "Randomness; 0 always picks the likeliest token.")
    var temperature: Float?

    @Option(parsing: .unconditional, help: "Same seed, same request: same tokens.")
    var seed: UInt64?

    @Option(parsing: .unconditional, help: "Keep the k likeliest tokens; 0 keeps all.")
    var topK: Int?

    @Option(parsing: .unconditional, help: "Keep the likeliest tokens up to this probability.")
    var topP: Float?

    @Option(parsing: .unconditional, help: "Drop tokens this much less likely than the likeliest.")
    var minP: Float?

    @Option(parsing: .unconditional, help: "Above 1: tokens that were there get less likely.")
    var repetitionPenalty: Float?

    @Option(parsing: .unconditional, help: "Taken once from the logits of generated tokens.")
    var presencePenalty: Float?

    @Option(parsing: .unconditional, help: "Taken per occurrence from generated tokens' logits.")
    var frequencyPenalty: Float?

    @Option(parsing: .unconditionalSingleValue, help: "Text that ends the answer; may be repeated.")
    var stop: [String] = []

    func validate() throws {
        try Check.range(temperature, 0...2, "--temperature")
        try Check.range(topK, 0...Int(TokenID.max), "--top-k")
        try Check.range(topP, 0...1, "--top-p")
        try Check.range(minP, 0...1, "--min-p")
        try Check.range(repetitionPenalty, 0.01...10, "--repetition-penalty")
        try Check.range(presencePenalty, -2...2, "--presence-penalty")
        try Check.range(frequencyPenalty, -2...2, "--frequency-penalty")
        guard stop.count <= Limits.stopStrings else {
            throw ValidationError("--stop may be given \(Limits.stopStrings) times at most")
        }
        guard stop.allSatisfy({ 1...Limits.stopStringBytes ~= $0.utf8.count }) else {
            throw ValidationError("--stop takes 1 to \(Limits.stopStringBytes) bytes of text")
        }
    }

    /// `defaults` with what the command line says; a seed is drawn when none was given.
    func applied(to defaults: SamplingParameters) -> SamplingParameters {
        var parameters = defaults
        parameters.temperature = temperature ?? defaults.temperature
        parameters.topK = topK ?? defaults.topK
        parameters.topP = topP ?? defaults.topP
        parameters.minP = minP ?? defaults.minP
        parameters.repetitionPenalty = repetitionPenalty ?? defaults.repetitionPenalty
        parameters.presencePenalty = presencePenalty ?? defaults.presencePenalty
        parameters.frequencyPenalty = frequencyPenalty ?? defaults.frequencyPenalty
        parameters.seed = seed ?? UInt64.random(in: .min ... .max)
        return parameters
    }
}
