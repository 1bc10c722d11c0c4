import Core

/// The merges of a GGUF file with byte-level BPE: lines such as "Ġ the".
struct GGUFMerges {
    private(set) var table: MergeTable
    /// Whether some merge makes a token, by id.
    private(set) var makes: [Bool]

    private let spellings: ByteTable
    private var last: TokenID = 0

    /// - Parameters:
    ///   - lines: most important first.
    ///   - isControl: which tokens are control tokens, which no merge may make: any text could then
    ///     forge them.
    init(
        _ lines: [String],
        _ spellings: ByteTable,
        isControl: (TokenID) -> Bool
    ) throws(TokenizationError) {
        self.spellings = spellings
        table = MergeTable(capacity: lines.count)
        makes = [Bool](repeating: false, count: spellings.count)
        for (rank, line) in lines.enumerated() {
            let text = line.utf8Span.span
            let cut = Self.space(text)
            guard let left = spellings.find(text, 0..<cut), cut < text.count,
                let right = spellings.find(text, cut + 1..<text.count),
                let into = made(text, cut)
            else {
                throw Self.error(
                    .inconsistent,
                    "\"\(line)\" is no pair of tokens that make one",
                    rank
                )
            }
            if isControl(into) {
                throw Self.error(
                    .unsupported,
                    "unsupported: \"\(line)\" makes a control token, which any text could then forge",
                    rank
                )
            }
            table.insert(left, right, rank: UInt32(truncatingIfNeeded: rank), into: into)
            makes[Int(into)] = true
        }
    }

    private static func space(_ text: Span<UInt8>) -> Int {
        // A token may itself start with a space, if hardly in a byte-level vocabulary.
        var index = 1
        while index < text.count, text[index] != 0x20 { index += 1 }
        return min(index, text.count)
    }

    /// What both parts of a line make: mostly the token of the line before or the one after that.
    private mutating func made(_ text: Span<UInt8>, _ cut: Int) -> TokenID? {
        for guess in [last, last + 1] where isMade(guess, text, cut) {
            last = guess
            return guess
        }
        var whole: [UInt8] = []
        for index in 0..<text.count where index != cut { whole.append(text[index]) }
        guard let found = spellings.find(whole) else { return nil }
        last = found
        return found
    }

    private func isMade(_ token: TokenID, _ text: Span<UInt8>, _ cut: Int) -> Bool {
        guard Int(token) < spellings.count else { return false }
        let range = spellings.range(Int(token))
        let middle = range.lowerBound + cut
        let blob = spellings.blob.span
        return range.count == text.count - 1
            && ByteChunks.equal(blob, range.lowerBound..<middle, text, 0..<cut)
            && ByteChunks.equal(blob, middle..<range.upperBound, text, cut + 1..<text.count)
    }

    private static func error(
        _ code: TokenizationError.Code,
        _ message: String,
        _ rank: Int
    ) -> TokenizationError {
        TokenizationError(code, message, at: "tokenizer.ggml.merges[\(rank)]")
    }
}
