import ArgumentParser
import Core
import Generation
import Hub
import Kernels

/// Which model, and how it is to be held in memory.
struct ModelOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "A model folder, a GGUF file or a pulled name.")
    var model: String?

    /// The model's path, the shipped one unless another was named.
    func path() throws(CLIError) -> String { try Self.path(of: model) }

    /// - Parameter model: a path, or what `tokenmill pull` was given; nil is the shipped model.
    static func path(of model: String?) throws(CLIError) -> String {
        guard let model else { return try Paths.current.shippedModel() }
        do throws(HubError) {
            return try Cache(environment: Paths.current.environment).resolve(model)
        } catch { throw CLIError(error) }
    }
}

/// How weights are held and how much of the machine computes.
struct ComputeOptions: ParsableArguments {
    enum Quantization: String, CaseIterable, ExpressibleByArgument, Sendable {
        case q8_0
        case q4_0
    }

    @Option(help: "Quantise the weights while loading.")
    var quantize: Quantization?

    @Option(help: "How keys and values are kept. (default: int8 unless all weights are f32)")
    var cacheType: KVFormat?

    @Option(parsing: .unconditional, help: "Threads that compute. (default: one per core)")
    var threads: Int?

    @Option(
        parsing: .unconditional,
        help: "Longest sequence in tokens. (default: what the model was made for)"
    )
    var context: Int?

    /// What to turn float matrices into; nil keeps them.
    var weightFormat: WeightFormat? {
        switch quantize {
        case .q8_0: .q8_0
        case .q4_0: .q4_0
        case nil: nil
        }
    }

    /// - Parameter model: a path, or a pulled name, which is then what requests call it; nil is the
    ///   shipped model.
    func load(_ model: String?) throws -> LanguageModel {
        let path = try ModelOptions.path(of: model)
        let pulled = path == model ? nil : model
        return try LanguageModel.load(
            path: path,
            name: Paths.current.shippedName(of: path) ?? pulled,
            quantize: weightFormat,
            cacheFormat: cacheType,
            threads: threads
        )
    }

    func validate() throws {
        try Check.atLeastOne(threads, "--threads")
        try Check.atLeastOne(context, "--context")
    }
}

/// Speculation, which changes how long an answer takes and not what it says.
struct DraftOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "Tokens guessed ahead from a text's own repetitions at most; 0 guesses none."
    )
    var draftTokens = EngineOptions().draftTokens

    func validate() throws { try Check.range(draftTokens, 0...Limits.draftRows, "--draft-tokens") }
}

extension KVFormat: ExpressibleByArgument {}

/// Range checks whose messages name the option and the value.
enum Check {
    static func atLeastOne(_ value: Int?, _ option: String) throws {
        guard let value, value < 1 else { return }
        throw ValidationError("\(option) must be at least 1, not \(value)")
    }

    static func range<Value: Comparable>(
        _ value: Value?,
        _ range: ClosedRange<Value>,
        _ option: String
    ) throws {
        guard let value, !range.contains(value) else { return }
        throw ValidationError(
            "\(option) must be between \(range.lowerBound) and \(range.upperBound), not \(value)"
        )
    }
}
