import Core

/// What is put around an encoded text on request.
struct PostProcessor: Sendable, Equatable {
    var prefix: [TokenID] = []
    var suffix: [TokenID] = []

    /// The two after each other: `outer` goes around what this one gave.
    func then(_ outer: PostProcessor) -> PostProcessor {
        PostProcessor(prefix: outer.prefix + prefix, suffix: suffix + outer.suffix)
    }
}
