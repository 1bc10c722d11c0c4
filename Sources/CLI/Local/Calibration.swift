import Core
import Execution
import ModelFiles
import Tokenization

/// What a model's matrices read on a text, and the rounding that follows from it.
struct Calibration {
    private let moments: SecondMoments

    /// Runs the model over the start of a text.
    /// - Parameters:
    ///   - path: of the model.
    ///   - text: a file; - is standard input.
    ///   - tokens: how much of it.
    init(_ path: String, text: String, tokens limit: Int, threads: Int?) throws {
        let tokenizer = try TextModel(path).tokenizer()
        let all = try tokenizer.encode(Files.text(text), parseSpecial: false, addSpecial: true)
        guard all.count > 1 else {
            throw CLIError(.failed, "\(text) is too short to calibrate on; give some pages of text")
        }
        let computation = try Computation(path, threads: threads)
        moments = SecondMoments(of: computation.model)
        let window = min(512, computation.contextLength, all.count)
        let executor = try computation.executor(forSequenceOf: window, observer: moments)
        let tokens = all.prefix(limit)
        for first in stride(from: 0, to: tokens.count, by: window) {
            let part = Array(tokens[first..<min(first + window, tokens.count)])
            try computation.logits(of: part, using: executor) { _, _ in }
            Terminal.progress("calibrating: \(first + part.count) of \(tokens.count) tokens")
        }
        Terminal.progress("")
    }

    /// How to round a matrix; nil where the text says nothing about its inputs, or where the type is
    /// rounded plainly.
    /// - Parameter name: the weight's name as Hugging Face spells it.
    func rounding(of name: String, as type: TensorType) -> CompensatedRounding? {
        guard CompensatedRounding.types.contains(type), let mean = moments.mean(ofInputsTo: name)
        else { return nil }
        return CompensatedRounding(moments: mean)
    }
}
