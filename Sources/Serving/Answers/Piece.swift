internal import Core
internal import Tokenization

/// What one token adds to a choice's answer, as far as it may be shown.
struct Piece {
    /// Index among all choices of the request, over all its prompts.
    var choice: Int
    var text: String
    /// Tokens whose text is now out, with their log probabilities; empty unless asked for.
    var logprobs: [TokenEvent] = []
    /// Set with the choice's last piece.
    var finish: FinishReason?
}

/// Holds back log probabilities until the text of their token is out, so that they never tell what
/// a stop string hides: joined, the reported tokens are the reported text.
struct LogprobsBuffer {
    private let tokenizer: Tokenizer
    private var waiting: [TokenEvent] = []
    /// Bytes of text released, and of the tokens reported for them.
    private var releasedBytes = 0
    private var reportedBytes = 0

    init(tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    /// Takes a token's event; returns those whose text is out.
    mutating func append(_ event: TokenEvent) -> [TokenEvent] {
        waiting.append(event)
        releasedBytes += event.text.utf8.count
        var out: [TokenEvent] = []
        // After the token limit the rest is out; after a stop string or an end token it never is.
        while let next = waiting.first,
            event.finish == .length || reportedBytes < releasedBytes
        {
            reportedBytes +=
                tokenizer.isSpecial(next.token) ? 0 : tokenizer.bytes(of: next.token).count
            out.append(next)
            waiting.removeFirst()
        }
        return out
    }
}
