import Core

/// Makes a merge table from pairs of spellings, most important first.
struct MergeReader {
    private(set) var table: MergeTable
    private let spellings: ByteTable
    /// What the pair before made.
    private var last: TokenID = 0
    private var rank: UInt32 = 0
    /// Both parts of a pair together.
    private var whole: [UInt8] = []

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

    /// What a pair of ranges of `text` means. `insert` adds it.
    @inline(__always)
    mutating func read(_ text: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Merge {
        Merge(
            left: spellings.find(text, left),
            right: spellings.find(text, right),
            into: made(text, left, right)
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
    @inline(__always)
    private mutating func made(
        _ text: Span<UInt8>,
        _ left: Range<Int>,
        _ right: Range<Int>
    ) -> TokenID? {
        if isMade(last, text, left, right) { return last }
        if isMade(last + 1, text, left, right) {
            last += 1
            return last
        }
        whole.removeAll(keepingCapacity: true)
        for index in left { whole.append(text[index]) }
        for index in right { whole.append(text[index]) }
        guard let found = spellings.find(whole) else { return nil }
        last = found
        return found
    }

    @inline(__always)
    private func isMade(
        _ token: TokenID,
        _ text: Span<UInt8>,
        _ left: Range<Int>,
        _ right: Range<Int>
    ) -> Bool {
        guard Int(token) < spellings.count else { return false }
        let range = spellings.range(Int(token))
        if range.count != left.count + right.count { return false }
        let middle = range.lowerBound + left.count
        let blob = spellings.blob.span
        return ByteChunks.equal(blob, range.lowerBound..<middle, text, left)
            && ByteChunks.equal(blob, middle..<range.upperBound, text, right)
    }
}
