import Core

/// Byte-pair encoding of one word: the pair with the lowest rank merges, the leftmost of equals
/// first, until no pair is in the table.
struct BPE: Sendable {
    /// The token of each byte.
    let byteTokens: [TokenID]
    let merges: MergeTable
    /// With `ignore_merges`: words that are a token as they stand.
    let wholeWords: ByteTable?

    /// Up to this many bytes, looking at every pair each time beats keeping a heap.
    private static let shortWord = 48

    /// Appends the tokens of `text[word]`.
    @inline(__always)
    func encode(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        if let token = wholeWords?.find(text, word) {
            output.append(token)
        } else if word.count == 1 {
            output.append(byteTokens[Int(text[word.lowerBound])])
        } else if word.count <= Self.shortWord {
            encodeShort(text, word, &scratch, &output)
        } else {
            encodeLong(text, word, &scratch, &output)
        }
    }

    private func encodeShort(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        load(text, word, &scratch)
        let count = merge(&scratch.tokens, &scratch.values)
        for index in 0..<count { output.append(scratch.tokens[index]) }
    }

    /// - Returns: how many tokens are left, at the front.
    private func merge(_ tokens: inout [TokenID], _ values: inout [UInt64]) -> Int {
        var count = tokens.count
        var tokens = tokens.mutableSpan
        var values = values.mutableSpan
        while count > 1 {
            var best = MergeTable.none
            var at = 0
            for index in 0..<count - 1 where values[index] < best {
                best = values[index]
                at = index
            }
            if best == MergeTable.none { break }
            tokens[at] = MergeTable.token(best)
            count -= 1
            for index in at + 1..<max(count, at + 1) {
                tokens[index] = tokens[index + 1]
                values[index] = values[index + 1]
            }
            if at > 0 { values[at - 1] = merges.find(tokens[at - 1], tokens[at]) }
            if at + 1 < count { values[at] = merges.find(tokens[at], tokens[at + 1]) }
        }
        return count
    }

    /// Fills the scratch with the word's byte tokens and the value of each pair.
    private func load(_ text: Span<UInt8>, _ word: Range<Int>, _ scratch: inout BPEScratch) {
        scratch.tokens.removeAll(keepingCapacity: true)
        scratch.values.removeAll(keepingCapacity: true)
        for index in word { scratch.tokens.append(byteTokens[Int(text[index])]) }
        for index in 1..<word.count {
            scratch.values.append(merges.find(scratch.tokens[index - 1], scratch.tokens[index]))
        }
        scratch.values.append(MergeTable.none)
    }

    /// The same with a linked list and a heap: n log n for a word of any length.
    private func encodeLong(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        load(text, word, &scratch)
        var list = LongWord(tokens: scratch.tokens, values: scratch.values)
        list.merge(merges)
        list.appendTokens(to: &output)
    }
}

/// Buffers that the words of one text share.
struct BPEScratch {
    fileprivate var tokens: [TokenID] = []
    /// The merge value of each token with the one after it.
    fileprivate var values: [UInt64] = []
}

/// A long word while it merges: a doubly linked list over arrays, and a heap of its pairs.
private struct LongWord {
    private var tokens: [TokenID]
    private var values: [UInt64]
    /// Index of the neighbours that are still there; `count` and -1 at the ends.
    private var next: [Int]
    private var previous: [Int]
    private var heap: PairHeap

    init(tokens: [TokenID], values: [UInt64]) {
        self.tokens = tokens
        self.values = values
        next = Array(1...tokens.count)
        previous = Array(-1..<tokens.count - 1)
        heap = PairHeap(values)
    }

    mutating func merge(_ merges: MergeTable) {
        while let pair = heap.pop() {
            // Pairs that changed or went away stay in the heap; their value no longer matches.
            guard values[pair.index] == pair.value else { continue }
            let left = pair.index
            let right = next[left]
            tokens[left] = MergeTable.token(pair.value)
            values[right] = MergeTable.none
            next[left] = next[right]
            if next[left] < tokens.count { previous[next[left]] = left }
            update(left, merges)
            if previous[left] >= 0 { update(previous[left], merges) }
        }
    }

    private mutating func update(_ index: Int, _ merges: MergeTable) {
        let right = next[index]
        let value =
            right < tokens.count
            ? merges.find(tokens[index], tokens[right]) : MergeTable.none
        values[index] = value
        if value != MergeTable.none { heap.push(.init(value: value, index: index)) }
    }

    func appendTokens(to output: inout [TokenID]) {
        var index = 0
        while index < tokens.count {
            output.append(tokens[index])
            index = next[index]
        }
    }
}

/// A binary heap: the lowest value first, the leftmost of equals first.
private struct PairHeap {
    struct Pair {
        var value: UInt64
        var index: Int

        static func < (a: Pair, b: Pair) -> Bool {
            a.value != b.value ? a.value < b.value : a.index < b.index
        }
    }

    private var pairs: [Pair] = []

    init(_ values: [UInt64]) {
        for (index, value) in values.enumerated() where value != MergeTable.none {
            pairs.append(Pair(value: value, index: index))
        }
        for index in stride(from: pairs.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    mutating func push(_ pair: Pair) {
        pairs.append(pair)
        var child = pairs.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !(pairs[child] < pairs[parent]) { break }
            pairs.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> Pair? {
        guard let last = pairs.popLast() else { return nil }
        guard let first = pairs.first else { return last }
        pairs[0] = last
        sink(0)
        return first
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var child = 2 * parent + 1
            if child >= pairs.count { return }
            if child + 1 < pairs.count, pairs[child + 1] < pairs[child] { child += 1 }
            if !(pairs[child] < pairs[parent]) { return }
            pairs.swapAt(child, parent)
            parent = child
        }
    }
}
