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
        var merges: [MergeReader.Merge] = []
        for start in stride(from: 0, to: lines.count, by: MergeReader.batch) {
            let lines = lines[start...].prefix(MergeReader.batch)
            let lists = Self.lists(lines)
            reader.read(lists.text.span, lists.merges[...], &merges)
            for (index, merge) in merges.enumerated() {
                guard merge.isComplete else {
                    throw Self.error(
                        .inconsistent,
                        "\"\(lines[start + index])\" is no pair of tokens that make one",
                        start + index
                    )
                }
                if isControl(merge.into) {
                    throw Self.error(
                        .unsupported,
                        "unsupported: \"\(lines[start + index])\" makes a control token, which "
                            + "any text could then forge",
                        start + index
                    )
                }
                makes[Int(merge.into)] = true
            }
            reader.insert(merges)
        }
        table = reader.table
    }

    /// The parts of each line, cut at its first space.
    private static func lists(_ lines: ArraySlice<String>) -> ModelLists {
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
