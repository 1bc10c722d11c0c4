import Core

/// The Unigram language model of SentencePiece: the most likely way to cut a text into pieces
/// (Kudo 2018, arXiv:1804.10959), by Viterbi's algorithm, in 64-bit floats like `tokenizers`.
struct Unigram: Sendable {
    private let trie: ByteTrie
    private let scores: [Double]
    private let unknown: TokenID
    /// What an unknown character costs: 10 more than the least likely piece.
    private let unknownScore: Double
    /// The tokens `<0x00>` to `<0xFF>`, -1 where one is missing; empty without byte fallback.
    private let byteTokens: [TokenID]

    /// - Parameters:
    ///   - spellings: of the pieces, in UTF-8; ids beyond `scores` are no pieces.
    ///   - scores: logarithm of each piece's probability.
    ///   - unknown: what a run of unknown characters becomes.
    ///   - byteFallback: whether it becomes the tokens `<0xXX>` of its bytes instead.
    ///   - include: which pieces text may become. Control tokens must not be among them.
    init(
        spellings: ByteTable,
        scores: [Double],
        unknown: TokenID,
        byteFallback: Bool,
        where include: (TokenID) -> Bool
    ) throws(TokenizationError) {
        guard spellings.count >= scores.count, scores.indices.contains(Int(unknown)) else {
            throw TokenizationError(
                .inconsistent,
                "no piece has the id \(unknown) of the unknown token",
                at: "model.unk_id"
            )
        }
        if let id = scores.firstIndex(where: { !$0.isFinite }) {
            throw TokenizationError(
                .malformed,
                "the score of piece \(id) is not a number",
                at: "model.vocab"
            )
        }
        trie = ByteTrie(spellings) { Int($0) < scores.count && include($0) }
        self.scores = scores
        self.unknown = unknown
        unknownScore = (scores.min() ?? 0) - 10
        byteTokens =
            byteFallback
            ? (0...255).map { spellings.find(CharacterAlphabet.byteSpelling($0)) ?? -1 } : []
    }

    /// The best way to the end of each character.
    private struct Step {
        var score = 0.0
        /// Where the last piece starts; -1 if nothing ends here.
        var start: Int32 = -1
        var token: TokenID = -1
    }

    /// Appends the tokens of `text[range]`, valid UTF-8.
    func encode(_ text: Span<UInt8>, _ range: Range<Int>, _ output: inout [TokenID]) {
        if range.isEmpty { return }
        var steps = [Step](repeating: Step(), count: range.count + 1)
        fill(&steps, text, range)
        appendTokens(steps, text, range, &output)
    }

    private func fill(_ steps: inout [Step], _ text: Span<UInt8>, _ range: Range<Int>) {
        var steps = steps.mutableSpan
        var start = range.lowerBound
        while start < range.upperBound {
            let offset = start - range.lowerBound
            let score = steps[offset].score
            let length = UTF8Scalars.decode(text, at: start).length
            var hasCharacter = false
            var node = ByteTrie.root
            var end = start
            while end < range.upperBound, let child = trie.child(node, text[end]) {
                node = child
                end += 1
                let token = trie.id(node)
                if token < 0 { continue }
                let step = Step(
                    score: scores[Int(token)] + score,
                    start: Int32(truncatingIfNeeded: offset),
                    token: token
                )
                Self.improve(&steps[end - range.lowerBound], step)
                if end - start == length { hasCharacter = true }
            }
            if !hasCharacter {
                let step = Step(
                    score: unknownScore + score,
                    start: Int32(truncatingIfNeeded: offset),
                    token: unknown
                )
                Self.improve(&steps[offset + length], step)
            }
            start += length
        }
    }

    /// Of equally good ways the first stays.
    @inline(__always)
    private static func improve(_ old: inout Step, _ new: Step) {
        if old.start < 0 || new.score > old.score { old = new }
    }

    private func appendTokens(
        _ steps: [Step],
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ output: inout [TokenID]
    ) {
        // Backwards, then turned round.
        let first = output.count
        var end = range.count
        while end > 0 {
            var step = steps[end]
            var start = Int(step.start)
            if step.token != unknown {
                output.append(step.token)
            } else {
                while start > 0, steps[start].token == unknown {
                    step = steps[start]
                    start = Int(step.start)
                }
                let base = range.lowerBound
                appendUnknown(text, base + start..<base + end, &output)
            }
            end = start
        }
        output[first...].reverse()
    }

    /// Appends what a run of unknown characters becomes, last token first.
    private func appendUnknown(
        _ text: Span<UInt8>,
        _ run: Range<Int>,
        _ output: inout [TokenID]
    ) {
        let token = trie.find(text, run)
        if token >= 0 { return output.append(token) }
        if byteTokens.isEmpty { return output.append(unknown) }
        for index in run where byteTokens[Int(text[index])] < 0 { return output.append(unknown) }
        for index in run.reversed() { output.append(byteTokens[Int(text[index])]) }
    }
}
