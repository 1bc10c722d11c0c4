import Core

/// A long word while it merges: a doubly linked list in an array, and a queue of its pairs.
struct LongWord {
    private struct Symbol {
        /// The merge value of this symbol with the next one.
        var value: UInt64
        var token: TokenID
        /// Index of the neighbours that are still there; `count` and -1 at the ends.
        var next: Int32
        var previous: Int32
    }

    private var symbols: [Symbol] = []
    private var queue: MergeQueue

    init(_ tokens: [TokenID], _ merges: MergeTable) {
        queue = MergeQueue(symbols: tokens.count, ranks: merges.rankCount)
        symbols.reserveCapacity(tokens.count)
        for index in tokens.indices {
            let value =
                index + 1 < tokens.count
                ? merges.find(tokens[index], tokens[index + 1]) : MergeTable.none
            let at = Int32(truncatingIfNeeded: index)
            symbols.append(
                Symbol(value: value, token: tokens[index], next: at + 1, previous: at - 1)
            )
            if value != MergeTable.none {
                queue.push(rank: MergeTable.rank(value), position: index)
            }
        }
    }

    mutating func merge(_ merges: MergeTable) { Self.merge(&symbols, &queue, merges) }

    private static func merge(
        _ array: inout [Symbol],
        _ queue: inout MergeQueue,
        _ merges: MergeTable
    ) {
        var symbols = array.mutableSpan
        while let pair = queue.pop() {
            let left = pair.position
            let value = symbols[left].value
            // Pairs that changed or went away stay in the queue; their value no longer matches.
            guard value != MergeTable.none, MergeTable.rank(value) == pair.rank else { continue }
            let right = Int(symbols[left].next)
            let next = symbols[right].next
            symbols[right].value = MergeTable.none
            symbols[left].token = MergeTable.token(value)
            symbols[left].next = next
            if Int(next) < symbols.count {
                symbols[Int(next)].previous = Int32(truncatingIfNeeded: left)
            }
            update(left, &symbols, &queue, merges)
            let before = Int(symbols[left].previous)
            if before >= 0 { update(before, &symbols, &queue, merges) }
        }
    }

    @inline(__always)
    private static func update(
        _ index: Int,
        _ symbols: inout MutableSpan<Symbol>,
        _ queue: inout MergeQueue,
        _ merges: MergeTable
    ) {
        let right = Int(symbols[index].next)
        let value =
            right < symbols.count
            ? merges.find(symbols[index].token, symbols[right].token) : MergeTable.none
        symbols[index].value = value
        if value != MergeTable.none {
            queue.push(rank: MergeTable.rank(value), position: index)
        }
    }

    func appendTokens(to output: inout [TokenID]) {
        var index = 0
        while index < symbols.count {
            output.append(symbols[index].token)
            index = Int(symbols[index].next)
        }
    }
}
