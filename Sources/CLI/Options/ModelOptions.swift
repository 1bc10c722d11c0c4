import ArgumentParser
import Generation
import Kernels

/// Which model, and how it is to be held in memory.
struct ModelOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "A model folder.")
    var model: String?

    /// The model's path, the shipped one unless another was named.
    func path() throws(CLIError) -> String {
        if let model { return model }
        return try Paths.current.shippedModel()
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

    func load(_ path: String) throws -> LanguageModel {
        try LanguageModel.load(
            path: path,
            name: Paths.current.shippedName(of: path),
            quantize: weightFormat,
            threads: threads
        )
    }

    func validate() throws {
        try Check.atLeastOne(threads, "--threads")
        try Check.atLeastOne(context, "--context")
    }
}

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
