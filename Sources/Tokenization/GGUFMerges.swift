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
        var table = MergeTable(capacity: lines.count)
        makes = [Bool](repeating: false, count: spellings.count)
        var rank = 0
        for merges in MergeReader(Self.lists(lines), spellings).merges() {
            for (index, merge) in merges.enumerated() {
                try Self.check(merge, lines[rank + index], rank + index, isControl)
                makes[Int(merge.into)] = true
            }
            table.insert(merges, rank: rank)
            rank += merges.count
        }
        self.table = table
    }

    private static func check(
        _ merge: MergeReader.Merge,
        _ line: String,
        _ rank: Int,
        _ isControl: (TokenID) -> Bool
    ) throws(TokenizationError) {
        guard merge.isComplete else {
            throw error(.inconsistent, "\"\(line)\" is no pair of tokens that make one", rank)
        }
        if isControl(merge.into) {
            throw error(
                .unsupported,
                "unsupported: \"\(line)\" makes a control token, which any text could then forge",
                rank
            )
        }
    }

    /// The parts of each line, cut at its first space.
    private static func lists(_ lines: [String]) -> ModelLists {
        var lists = ModelLists()
        for line in lines {
            let start = lists.text.count
            _ = lists.append(line)
            let end = lists.text.count
            let cut = lists.text[start...].firstIndex(of: 0x20) ?? end
            lists.merges.append(
                .init(left: .init(start..<cut), right: .init(min(cut + 1, end)..<end))
            )
        }
        return lists
    }

    private static func error(
        _ code: TokenizationError.Code,
        _ message: String,
        _ rank: Int
    ) -> TokenizationError {
        TokenizationError(code, message, at: "tokenizer.ggml.merges[\(rank)]")
    }
}
