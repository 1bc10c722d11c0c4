import ArgumentParser
import Core
import Execution
import ModelFiles

/// `tokenmill logits`: what the model computes, as a tensor.
struct LogitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "Write a model's logits for a token sequence as safetensors.",
        discussion: """
            The file holds one tensor: logits, f32, shape (tokens, vocabulary). They are for \
            comparing with a reference, so nothing is rounded but the weights: the cache is f32 \
            unless --cache-type says otherwise, and float weights meet float activations on every \
            processor.
            """
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var compute: ComputeOptions

    @Option(help: "Token ids: 1,2,3.", transform: NumberList.tokens)
    var tokens: [TokenID]

    @Option(help: "The file to write.")
    var out: String

    func run() throws {
        let computation = try Computation(model.path(), compute)
        let executor = try computation.executor(forSequenceOf: tokens.count, exact: true)
        let shape = [tokens.count, computation.model.configuration.vocabularySize]
        let file = try SafetensorsWriter(
            path: out,
            tensors: [.init(name: "logits", type: .f32, shape: shape)]
        )
        try computation.logits(of: tokens, using: executor) { _, logits in
            for row in 0..<logits.count {
                try logits.withRow(row) { row in
                    try row.withUnsafeBytes { try file.append($0) }
                }
            }
        }
        try file.finish()
    }
}
