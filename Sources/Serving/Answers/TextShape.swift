internal import Core
internal import Tokenization

/// Plain completions: text.
struct TextShape: AnswerShape {
    let wholeObject = "text_completion"
    let chunkObject = "text_completion"

    private struct Choice {
        var text = ""
        var logprobs: [TokenEvent] = []
        var finish: FinishReason?
        /// Characters of text that came before the next token of a stream.
        var textOffset = 0
    }

    private let tokenizer: Tokenizer?
    private let wantsLogprobs: Bool
    /// The text each choice begins with (`echo`), or empty.
    private let beginnings: [String]
    private var states: [Choice]

    /// - Parameter beginnings: one text per choice, empty for none.
    init(tokenizer: Tokenizer?, wantsLogprobs: Bool, beginnings: [String]) {
        self.tokenizer = tokenizer
        self.wantsLogprobs = wantsLogprobs
        self.beginnings = beginnings
        states = beginnings.map { Choice(text: $0, textOffset: $0.unicodeScalars.count) }
    }

    func opening() -> [JSON] {
        beginnings.enumerated().compactMap { index, text in
            text.isEmpty ? nil : choice(index, text: text, logprobs: .null, finish: nil)
        }
    }

    mutating func delta(_ piece: Piece) -> [JSON] {
        if piece.text.isEmpty && piece.logprobs.isEmpty && piece.finish == nil { return [] }
        var logprobs = JSON.null
        if let tokenizer, !piece.logprobs.isEmpty {
            logprobs = Logprobs.plain(
                piece.logprobs,
                tokenizer,
                textOffset: &states[piece.choice].textOffset
            )
        }
        return [choice(piece.choice, text: piece.text, logprobs: logprobs, finish: piece.finish)]
    }

    mutating func collect(_ piece: Piece) {
        states[piece.choice].text += piece.text
        states[piece.choice].logprobs += piece.logprobs
        states[piece.choice].finish = piece.finish
    }

    func choices() -> JSON {
        .array(
            states.enumerated().map { index, state in
                var logprobs = JSON.null
                if let tokenizer, wantsLogprobs {
                    var offset = state.textOffset
                    logprobs = Logprobs.plain(state.logprobs, tokenizer, textOffset: &offset)
                }
                return choice(index, text: state.text, logprobs: logprobs, finish: state.finish)
            }
        )
    }

    private func choice(
        _ index: Int,
        text: String,
        logprobs: JSON,
        finish: FinishReason?
    ) -> JSON {
        [
            "index": .int(index),
            "text": .string(text),
            "logprobs": logprobs,
            "finish_reason": finish.map { .string($0.rawValue) } ?? .null,
        ]
    }
}
