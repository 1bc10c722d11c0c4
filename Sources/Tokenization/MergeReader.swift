import Core

/// Makes a merge table from pairs of spellings, most important first.
struct MergeReader {
    private(set) var table: MergeTable
    private let spellings: ByteTable
    private var rank: UInt32 = 0

    /// How many pairs to read at a time.
    static let batch = 128

    /// - Parameters:
    ///   - count: of pairs to come.
    ///   - spellings: of all tokens, findable.
    init(count: Int, _ spellings: ByteTable) {
        table = MergeTable(capacity: count)
        self.spellings = spellings
    }

    /// The tokens of a pair; -1 for what is no token.
    struct Merge {
        var left: TokenID
        var right: TokenID
        var into: TokenID

        var isComplete: Bool { left | right | into >= 0 }
    }

    /// What some pairs of ranges of `text` mean, instead of what `merges` held. `insert` adds them.
    func read(
        _ text: Span<UInt8>,
        _ pairs: ArraySlice<ModelLists.Merge>,
        _ merges: inout [Merge]
    ) {
        var parts: [ModelLists.Part] = []
        /// Both parts of each pair together, one after another.
        var joined: [UInt8] = []
        var wholes: [ModelLists.Part] = []
        for pair in pairs {
            parts.append(pair.left)
            parts.append(pair.right)
            let start = joined.count
            for index in pair.left.range { joined.append(text[index]) }
            for index in pair.right.range { joined.append(text[index]) }
            wholes.append(.init(start..<joined.count))
        }
        let partTokens = spellings.find(text, parts)
        merges.removeAll(keepingCapacity: true)
        for (index, into) in spellings.find(joined.span, wholes).enumerated() {
            let left = partTokens[2 * index]
            merges.append(Merge(left: left, right: partTokens[2 * index + 1], into: into))
        }
    }

    /// Adds the next pairs. Those that are no merge count as ranks too.
    mutating func insert(_ merges: [Merge]) {
        table.insert(merges, rank: rank)
        rank += UInt32(truncatingIfNeeded: merges.count)
    }
}
