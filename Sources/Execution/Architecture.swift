package import Kernels

/// A model family: which weights it has, under which names and shapes, and what it computes.
/// A matrix knows its number format and the step knows the cache; an architecture knows neither.
package protocol Architecture: Sendable {
    /// `model_type` in config.json.
    static var modelTypes: [String] { get }

    init(_ loader: WeightLoader, _ configuration: DecoderConfiguration) throws(ExecutionError)

    /// The embedding, layers and head; a family that needs other parts has them beside.
    var decoder: Decoder { get }

    /// Turns tokens into `scratch.x`, the hidden states before the last norm, one row per token of
    /// the step, storing keys and values in the step's cache on the way.
    func forward(_ step: Step, _ ops: Ops, _ scratch: Scratch)
}

/// Every architecture this build runs. Adding one is a file and a line here.
package let architectures: [any Architecture.Type] = [
    Llama.self,
    Qwen3.self,
]

/// The architecture of `configuration`, or an error that lists the known ones.
func architecture(
    for configuration: DecoderConfiguration
) throws(ExecutionError) -> any Architecture.Type {
    let match = architectures.first { $0.modelTypes.contains(configuration.modelType) }
    if let match { return match }
    let known = architectures.flatMap { $0.modelTypes }.joined(separator: ", ")
    throw ExecutionError(
        .unknownArchitecture,
        "unknown architecture '\(configuration.modelType)'; this build runs: \(known)"
    )
}
