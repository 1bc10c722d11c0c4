import Core

/// A long word that is one symbol again and again, and a few others at the end: its pairs merge all at
/// once. A million spaces are halved, not merged one by one.
struct RepeatedSymbol {
    private var token: TokenID
    private var count: Int
    private var tail: [TokenID]

    /// Below, merging one by one costs nothing worth saving.
    private static let leastCount = 1024
    private static let longestTail = 64

    /// nil if the word is another one.
    init?(_ tokens: [TokenID]) {
        guard tokens.count >= Self.leastCount else { return nil }
        let first = tokens[0]
        count = tokens.firstIndex { $0 != first } ?? tokens.count
        guard count >= Self.leastCount, tokens.count - count <= Self.longestTail else { return nil }
        token = first
        tail = Array(tokens[count...])
    }

    /// Merges as long as one step can stand for many.
    /// - Returns: what is left, for the usual way to finish.
    mutating func merge(_ merges: MergeTable) -> [TokenID] {
        while count >= Self.leastCount {
            let value = merges.find(token, token)
            if let (place, better) = bestOfTail(merges), better >> 32 < value >> 32 {
                mergeTail(place, MergeTable.token(better))
            } else if value == MergeTable.none || !halve(value, merges) {
                break
            }
        }
        return [TokenID](repeating: token, count: count) + tail
    }

    /// The best pair among the last of the repeated symbols and those after it.
    private func bestOfTail(_ merges: MergeTable) -> (place: Int, value: UInt64)? {
        var best: (place: Int, value: UInt64)?
        var before = token
        for (place, after) in tail.enumerated() {
            let value = merges.find(before, after)
            if value != MergeTable.none, value >> 32 < (best?.value ?? .max) >> 32 {
                best = (place, value)
            }
            before = after
        }
        return best
    }

    private mutating func mergeTail(_ place: Int, _ into: TokenID) {
        tail[place] = into
        if place == 0 { count -= 1 } else { tail.remove(at: place - 1) }
    }

    /// Merges each two of the symbols. What comes between must not merge earlier than they do.
    private mutating func halve(_ value: UInt64, _ merges: MergeTable) -> Bool {
        let made = MergeTable.token(value)
        guard merges.find(made, token) >> 32 > value >> 32,
            merges.find(made, made) >> 32 > value >> 32
        else { return false }
        if count % 2 == 1 { tail.insert(token, at: 0) }
        count /= 2
        token = made
        return true
    }
}
