import Core
import Dispatch
import Synchronization

/// Finds the tokens that merges join and make, on all cores: nothing else takes as long in reading
/// a tokenizer.
struct MergeReader {
    private let lists: ModelLists
    private let spellings: ByteTable

    /// - Parameter spellings: of all tokens, findable.
    init(_ lists: ModelLists, _ spellings: ByteTable) {
        self.lists = lists
        self.spellings = spellings
    }

    /// The tokens of a pair; -1 for what is no token.
    struct Merge {
        var left: TokenID = -1
        var right: TokenID = -1
        var into: TokenID = -1

        var isComplete: Bool { left | right | into >= 0 }
    }

    private static let chunk = 1 << 14

    /// All merges in order, in chunks.
    func merges() -> [[Merge]] {
        let count = lists.merges.count
        let chunks = (count + Self.chunk - 1) / Self.chunk
        let result = Mutex([[Merge]](repeating: [], count: chunks))
        DispatchQueue.concurrentPerform(iterations: chunks) { chunk in
            let start = chunk * Self.chunk
            let merges = merges(start..<min(start + Self.chunk, count))
            result.withLock { $0[chunk] = merges }
        }
        return result.withLock { $0 }
    }

    private func merges(_ range: Range<Int>) -> [Merge] {
        var merges: [Merge] = []
        merges.reserveCapacity(range.count)
        var batch = Batch()
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.batch) {
            let pairs = start..<min(start + Self.batch, range.upperBound)
            read(pairs, &batch)
            merges += batch.merges
        }
        return merges
    }

    /// How many pairs are looked up at a time.
    private static let batch = 128

    private struct Batch {
        var merges: [Merge] = []
        var parts: [ModelLists.Part] = []
        /// What the last pair made.
        var last: TokenID = 0
        /// Both parts together of pairs that make something else than the pair before them did, or
        /// the token after that, which most pairs do.
        var text: [UInt8] = []
        var wholes: [ModelLists.Part] = []
    }

    private func read(_ range: Range<Int>, _ batch: inout Batch) {
        batch.merges.removeAll(keepingCapacity: true)
        batch.parts.removeAll(keepingCapacity: true)
        batch.text.removeAll(keepingCapacity: true)
        batch.wholes.removeAll(keepingCapacity: true)
        for rank in range {
            let pair = lists.merges[rank]
            batch.parts.append(pair.left)
            batch.parts.append(pair.right)
            batch.merges.append(Merge(into: guess(pair, &batch)))
        }
        let wholes = spellings.find(batch.text.span, batch.wholes)
        let parts = spellings.find(lists.text.span, batch.parts)
        var next = 0
        for index in batch.merges.indices {
            batch.merges[index].left = parts[2 * index]
            batch.merges[index].right = parts[2 * index + 1]
            if batch.merges[index].into < 0 {
                batch.merges[index].into = wholes[next]
                next += 1
            }
        }
        batch.last = batch.merges.last?.into ?? 0
    }

    /// What a pair makes; -1 if it must be looked up, and so must those after it: guesses start from
    /// a token that is known.
    private func guess(_ pair: ModelLists.Merge, _ batch: inout Batch) -> TokenID {
        if batch.last >= 0 {
            if isMade(batch.last, pair) { return batch.last }
            batch.last += 1
            if isMade(batch.last, pair) { return batch.last }
        }
        batch.last = -1
        let start = batch.text.count
        for index in pair.left.range { batch.text.append(lists.text[index]) }
        for index in pair.right.range { batch.text.append(lists.text[index]) }
        batch.wholes.append(.init(start..<batch.text.count))
        return -1
    }

    private func isMade(_ token: TokenID, _ pair: ModelLists.Merge) -> Bool {
        guard Int(token) < spellings.count else { return false }
        let range = spellings.range(Int(token))
        let (left, right) = (pair.left.range, pair.right.range)
        if range.count != left.count + right.count || range.isEmpty { return false }
        let middle = range.lowerBound + left.count
        let blob = spellings.blob.span
        return ByteChunks.equal(blob, range.lowerBound..<middle, lists.text.span, left)
            && ByteChunks.equal(blob, middle..<range.upperBound, lists.text.span, right)
    }
}
