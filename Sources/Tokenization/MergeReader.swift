import Core

/// Makes a merge table from pairs of spellings, most important first.
struct MergeReader {
    private(set) var table: MergeTable
    private let spellings: ByteTable
    /// What the pair before made.
    private var last: TokenID = 0
    private var rank: UInt32 = 0

    /// - Parameters:
    ///   - count: of pairs to come.
    ///   - spellings: of all tokens, findable.
    init(count: Int, _ spellings: ByteTable) {
        table = MergeTable(capacity: count)
        self.spellings = spellings
    }

    /// The tokens of a pair; nil for what is no token.
    struct Merge {
        var left: TokenID?
        var right: TokenID?
        var into: TokenID?
    }

    /// What a pair means. `insert` adds it.
    mutating func read(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Merge {
        Merge(
            left: spellings.find(left, 0..<left.count),
            right: spellings.find(right, 0..<right.count),
            into: made(left, right)
        )
    }

    /// The next pair. Those that are no merge count as ranks too.
    mutating func insert(_ merge: Merge) {
        if let left = merge.left, let right = merge.right, let into = merge.into {
            table.insert(left, right, rank: rank, into: into)
        }
        rank += 1
    }

    /// What both parts make: mostly the same as the pair before, or the token after that.
    private mutating func made(_ left: Span<UInt8>, _ right: Span<UInt8>) -> TokenID? {
        for guess in [last, last + 1] where isMade(guess, left, right) {
            last = guess
            return guess
        }
        var whole: [UInt8] = []
        whole.reserveCapacity(left.count + right.count)
        for index in left.indices { whole.append(left[index]) }
        for index in right.indices { whole.append(right[index]) }
        guard let found = spellings.find(whole) else { return nil }
        last = found
        return found
    }

    private func isMade(_ token: TokenID, _ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard Int(token) < spellings.count else { return false }
        let range = spellings.range(Int(token))
        if range.count != left.count + right.count { return false }
        let middle = range.lowerBound + left.count
        let blob = spellings.blob.span
        return ByteChunks.equal(blob, range.lowerBound..<middle, left, 0..<left.count)
            && ByteChunks.equal(blob, middle..<range.upperBound, right, 0..<right.count)
    }
}
