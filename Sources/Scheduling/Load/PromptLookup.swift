package import Core

/// Drafts from a sequence's own text: where its last few tokens stood before, what followed then
/// may follow now (Saxena, prompt lookup decoding, 2023). It sees one sequence only, so that the
/// speed of a draft tells nothing about anybody else's text.
///
/// A table remembers by hash where each run of 2 to 4 tokens ended last. Entries may overwrite one
/// another; tokens are compared before anything is believed. A token costs three entries.
package struct PromptLookup: Sendable {
    private static let lengths = [4, 3, 2]
    private static let mostEntries = 1 << 16

    private var tokens: [TokenID]
    /// By hash of a run and its length: the position after it, 0 when there is none.
    private var table: [Int32]
    /// The position after the longest, latest run that the text ends with, 0 when there is none.
    private var match = 0

    /// - Parameters:
    ///   - tokens: the text so far.
    ///   - room: tokens that may follow; more cost more.
    package init(_ tokens: [TokenID], room: Int) {
        self.tokens = []
        let total = tokens.count + min(max(0, room), Self.mostEntries)
        self.tokens.reserveCapacity(total)
        var entries = 64
        while entries < 2 * total, entries < Self.mostEntries { entries *= 2 }
        table = Array(repeating: 0, count: entries * Self.lengths.count)
        for token in tokens { append(token) }
    }

    /// Adds a token to the text.
    package mutating func append(_ token: TokenID) {
        guard tokens.count < Int32.max else { return }
        tokens.append(token)
        match = 0
        let end = tokens.count
        for length in Self.lengths where length <= end {
            let slot = slot(length)
            let earlier = Int(table[slot])
            if match == 0, earlier > 0, sameRun(length, endingAt: earlier) { match = earlier }
            table[slot] = Int32(end)
        }
    }

    /// Drafts at hand, at most `most`: a match can be followed for ever, since it may go on into
    /// what it has itself drafted.
    package func available(_ most: Int) -> Int { match > 0 ? max(0, most) : 0 }

    /// Replaces `drafts` by the next `count` tokens as they followed the match.
    package func draft(_ count: Int, into drafts: inout [TokenID]) {
        drafts.removeAll(keepingCapacity: true)
        guard match > 0 else { return }
        let known = tokens.count - match
        for i in 0..<max(0, count) {
            drafts.append(i < known ? tokens[match + i] : drafts[i - known])
        }
    }

    private func sameRun(_ length: Int, endingAt end: Int) -> Bool {
        guard end >= length else { return false }
        for back in 1...length where tokens[end - back] != tokens[tokens.count - back] {
            return false
        }
        return true
    }

    /// The entry of the last `length` tokens.
    private func slot(_ length: Int) -> Int {
        var hash: UInt64 = 0
        for back in 1...length {
            let token = UInt64(UInt32(bitPattern: tokens[tokens.count - back]))
            hash = (hash ^ token) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
        }
        let entries = UInt64(table.count / Self.lengths.count)
        return Int(hash % entries) * Self.lengths.count + length - 2
    }
}
