import Core

/// A long word while it merges: a doubly linked list over arrays, and a queue of its pairs.
struct LongWord {
    private var tokens: [TokenID]
    /// The merge value of each token with the one after it.
    private var values: [UInt64]
    /// Index of the neighbours that are still there; `count` and -1 at the ends.
    private var next: [Int32]
    private var previous: [Int32]
    private var queue: MergeQueue

    /// - Parameter values: of each token with the one after it, as `merges` has them.
    init(tokens: [TokenID], values: [UInt64], _ merges: MergeTable) {
        self.tokens = tokens
        self.values = values
        let count = Int32(truncatingIfNeeded: tokens.count)
        next = (0..<count).map { $0 + 1 }
        previous = (0..<count).map { $0 - 1 }
        queue = MergeQueue(symbols: tokens.count, ranks: merges.rankCount)
        for (index, value) in values.enumerated() where value != MergeTable.none {
            queue.push(rank: MergeTable.rank(value), position: index)
        }
    }

    mutating func merge(_ merges: MergeTable) {
        while let pair = queue.pop() {
            let left = pair.position
            let value = values[left]
            // Pairs that changed or went away stay in the queue; their value no longer matches.
            guard value != MergeTable.none, MergeTable.rank(value) == pair.rank else { continue }
            let right = Int(next[left])
            tokens[left] = MergeTable.token(value)
            values[right] = MergeTable.none
            next[left] = next[right]
            if Int(next[left]) < tokens.count {
                previous[Int(next[left])] = Int32(truncatingIfNeeded: left)
            }
            update(left, merges)
            if previous[left] >= 0 { update(Int(previous[left]), merges) }
        }
    }

    private mutating func update(_ index: Int, _ merges: MergeTable) {
        let right = Int(next[index])
        let value =
            right < tokens.count
            ? merges.find(tokens[index], tokens[right]) : MergeTable.none
        values[index] = value
        if value != MergeTable.none {
            queue.push(rank: MergeTable.rank(value), position: index)
        }
    }

    func appendTokens(to output: inout [TokenID]) {
        var index = 0
        while index < tokens.count {
            output.append(tokens[index])
            index = Int(next[index])
        }
    }
}
