internal import Core
internal import Generation
internal import Tokenization

/// Turns the token events of a job into pieces of its choices.
struct PieceMaker {
    private let choicesPerPrompt: Int
    /// One per choice; empty when no log probabilities are wanted.
    private var logprobs: [LogprobsBuffer]

    init(_ job: Job) {
        choicesPerPrompt = job.fields.choices
        logprobs = []
        if job.topLogprobs != nil, let tokenizer = job.model.language.tokenizer {
            logprobs = Array(
                repeating: LogprobsBuffer(tokenizer: tokenizer),
                count: job.prompts.count * choicesPerPrompt
            )
        }
    }

    mutating func piece(prompt: Int, _ event: TokenEvent) -> Piece {
        let choice = prompt * choicesPerPrompt + event.choice
        var piece = Piece(choice: choice, text: event.text, finish: event.finish)
        if !logprobs.isEmpty { piece.logprobs = logprobs[choice].append(event) }
        return piece
    }
}
