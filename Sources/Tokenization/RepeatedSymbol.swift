import Core

/// A long word that is one symbol again and again, with a few others around: its pairs merge all at
/// once. A megabyte of one letter is halved, and halved again.
struct RepeatedSymbol {
    private var front: [TokenID]
    private var token: TokenID
    private var count: Int
    private var back: [TokenID]

    /// Below, merging one by one costs nothing worth saving.
    private static let leastCount = 1024
    /// Others before and after, each.
    private static let mostOthers = 64

    /// nil if the word is another one.
    init?(_ tokens: [TokenID]) {
        guard tokens.count >= Self.leastCount + Self.mostOthers else { return nil }
        token = tokens[Self.mostOthers]
        var start = Self.mostOthers
        while start > 0, tokens[start - 1] == token { start -= 1 }
        var end = Self.mostOthers
        while end < tokens.count, tokens[end] == token { end += 1 }
        count = end - start
        guard count >= Self.leastCount, tokens.count - end <= Self.mostOthers else { return nil }
        front = Array(tokens[..<start])
        back = Array(tokens[end...])
    }

    /// Merges as long as one step can stand for many.
    /// - Returns: what is left, for the usual way to finish.
    mutating func merge(_ merges: MergeTable) -> [TokenID] {
        while count >= Self.leastCount {
            let value = merges.find(token, token)
            let before = best(front + [token], merges)
            let after = best([token] + back, merges)
            // Of equal ranks the leftmost goes first.
            if Self.rank(before) <= min(Self.rank(after), value >> 32), let before {
                mergeFront(before.place, before.value)
            } else if Self.rank(after) < value >> 32, let after {
                mergeBack(after.place, after.value)
            } else if value == MergeTable.none || !gather(value, merges) {
                break
            }
        }
        return front + [TokenID](repeating: token, count: count) + back
    }

    private typealias Pair = (place: Int, value: UInt64)

    /// The best pair of neighbours, if one merges.
    private func best(_ tokens: [TokenID], _ merges: MergeTable) -> Pair? {
        var best: Pair?
        for place in tokens.indices.dropLast() {
            let value = merges.find(tokens[place], tokens[place + 1])
            if value >> 32 < Self.rank(best), value != MergeTable.none { best = (place, value) }
        }
        return best
    }

    private static func rank(_ pair: Pair?) -> UInt64 { (pair?.value ?? MergeTable.none) >> 32 }

    private mutating func mergeFront(_ place: Int, _ value: UInt64) {
        front[place] = MergeTable.token(value)
        if place + 1 < front.count { front.remove(at: place + 1) } else { count -= 1 }
    }

    private mutating func mergeBack(_ place: Int, _ value: UInt64) {
        back[place] = MergeTable.token(value)
        if place > 0 { back.remove(at: place - 1) } else { count -= 1 }
    }

    /// Merges the symbols in groups: the leftmost takes in those after it as long as that comes before
    /// all else, which is two of them in most vocabularies; then the next one does the same.
    /// - Returns: false, and changes nothing, where groups would merge with each other meanwhile.
    private mutating func gather(_ value: UInt64, _ merges: MergeTable) -> Bool {
        func isEarly(_ other: UInt64) -> Bool { other >> 32 <= value >> 32 }
        var made = [token]
        while let last = made.last, case let next = merges.find(last, token), isEarly(next) {
            if made.count == Self.mostOthers { return false }
            made.append(MergeTable.token(next))
        }
        guard let group = made.last else { return false }
        for neighbour in [group] + (front.last.map { [$0] } ?? []) {
            for right in made.dropFirst() where isEarly(merges.find(neighbour, right)) {
                return false
            }
        }
        back.insert(contentsOf: repeatElement(token, count: count % made.count), at: 0)
        count /= made.count
        token = group
        return true
    }
}
