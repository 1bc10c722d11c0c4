import ArgumentParser
import Core
import Execution
import Glibc
import Synchronization
import Tokenization

/// `tokenmill perplexity`: how well a model predicts a text.
struct PerplexityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity",
        abstract: "Measure how well a model predicts a text.",
        discussion: """
            The text is cut into windows of --context tokens (2048, or the model's context if that \
            is less) that do not overlap. Every token but a window's first is predicted from those \
            before it in its window.
            """
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var compute: ComputeOptions

    @Option(help: "A file that holds the text; - is standard input.")
    var file: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard compute.context != 1 else {
            throw ValidationError("--context must be at least 2: a window's first token is given")
        }
    }

    func run() throws {
        let path = try model.path()
        let tokenizer = try TextModel(path).tokenizer()
        let tokens = try tokenizer.encode(Files.text(file), parseSpecial: false, addSpecial: true)
        guard tokens.count > 1 else {
            throw CLIError(.failed, "\(file) is too short; perplexity needs two tokens at least")
        }
        let result = try measure(tokens, Computation(path, compute))
        try Terminal.write(json ? result.json.text() + "\n" : result.text)
    }

    private func measure(_ tokens: [TokenID], _ computation: Computation) throws -> Result {
        let window = min(compute.context ?? 2048, computation.contextLength, tokens.count)
        let executor = try computation.executor(forSequenceOf: window)
        var result = Result(context: window)
        let clock = ContinuousClock()
        let start = clock.now
        for first in stride(from: 0, to: tokens.count - 1, by: window) {
            let part = Array(tokens[first..<min(first + window, tokens.count)])
            try computation.logits(of: part, using: executor) { position, logits in
                result.add(Surprise.sum(part, from: position, logits, computation.pool))
            }
            result.windows += 1
            Terminal.progress("\(first + part.count) of \(tokens.count) tokens")
        }
        Terminal.progress("")
        result.seconds = (clock.now - start) / .seconds(1)
        return result
    }

    struct Result {
        let context: Int
        var windows = 0
        var tokens = 0
        /// Natural log.
        var negativeLogLikelihood = 0.0
        var seconds = 0.0

        init(context: Int) { self.context = context }

        mutating func add(_ part: (tokens: Int, surprise: Double)) {
            tokens += part.tokens
            negativeLogLikelihood += part.surprise
        }

        var mean: Double { negativeLogLikelihood / Double(max(tokens, 1)) }

        var json: JSON {
            [
                "perplexity": .double(exp(mean)),
                "nll_per_token": .double(mean),
                "tokens": .int(tokens),
                "windows": .int(windows),
                "context": .int(context),
                "tokens_per_second": .double(Double(tokens) / seconds),
            ]
        }

        var text: String {
            "perplexity \(Decimal.text(exp(mean), digits: 4)) over \(tokens) tokens "
                + "in windows of \(context)\n"
        }
    }
}
