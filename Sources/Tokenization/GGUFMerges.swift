import Core

/// The merges of a GGUF file with byte-level BPE: lines such as "Ġ the".
struct GGUFMerges {
    let table: MergeTable
    /// Whether some merge makes a token, by id.
    private(set) var makes: [Bool]

    /// - Parameters:
    ///   - lines: most important first.
    ///   - isControl: which tokens are control tokens, which no merge may make: any text could then
    ///     forge them.
    init(
        _ lines: [String],
        _ spellings: ByteTable,
        isControl: (TokenID) -> Bool
    ) throws(TokenizationError) {
        var reader = MergeReader(count: lines.count, spellings)
        makes = [Bool](repeating: false, count: spellings.count)
        for (rank, line) in lines.enumerated() {
            let text = line.utf8Span.span
            let cut = Self.space(text)
            let merge = reader.read(text, 0..<cut, min(cut + 1, text.count)..<text.count)
            guard merge.left != nil, merge.right != nil, let into = merge.into else {
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
            reader.insert(merge)
            makes[Int(into)] = true
        }
        table = reader.table
    }

    private static func space(_ text: Span<UInt8>) -> Int {
        var index = 0
        while index < text.count, text[index] != 0x20 { index += 1 }
        return index
    }

    private static func error(
        _ code: TokenizationError.Code,
        _ message: String,
        _ rank: Int
    ) -> TokenizationError {
        TokenizationError(code, message, at: "tokenizer.ggml.merges[\(rank)]")
    }
}
