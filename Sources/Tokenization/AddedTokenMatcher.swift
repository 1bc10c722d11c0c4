import Core

/// Cuts a text at added tokens: from left to right, the longest where several begin.
struct AddedTokenMatcher: Sendable {
    enum Piece: Equatable {
        case token(TokenID)
        case text(Range<Int>)
    }

    private struct Node: Sendable {
        var edges: [(byte: UInt8, node: Int)] = []
        /// Index into `tokens` of the one that ends here.
        var token: Int?
    }

    private var tokens: [AddedToken] = []
    private var nodes = [Node()]
    /// Whether some token starts with this byte.
    private var starts = [Bool](repeating: false, count: 256)

    var isEmpty: Bool { tokens.isEmpty }

    /// - Parameter tokens: with the bytes to look for, which a normalizer may have changed.
    init(_ tokens: [(token: AddedToken, spelling: [UInt8])]) {
        for (token, spelling) in tokens { add(token, spelling) }
    }

    private mutating func add(_ token: AddedToken, _ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        starts[Int(first)] = true
        var node = 0
        for byte in bytes {
            if let edge = nodes[node].edges.first(where: { $0.byte == byte }) {
                node = edge.node
            } else {
                nodes[node].edges.append((byte, nodes.count))
                node = nodes.count
                nodes.append(Node())
            }
        }
        nodes[node].token = tokens.count
        tokens.append(token)
    }

    /// The pieces of `text[range]` in order; none of them is empty text. Word boundaries and white
    /// space are looked for inside `range` only.
    func pieces(of text: Span<UInt8>, _ range: Range<Int>, _ rules: MatchRules) -> [Piece] {
        var pieces: [Piece] = []
        var done = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            guard starts[Int(text[index])],
                let (match, end) = longest(text, index, range.upperBound, rules)
            else {
                index += 1
                continue
            }
            let token = tokens[match]
            let found = index..<end
            index = end
            // A match that is refused here still hides shorter ones, as in the reference.
            if token.special && !rules.special { continue }
            if token.singleWord && !standsAlone(text, found, in: range) { continue }
            let taken = strip(token, text, found, in: range, after: done)
            if done < taken.lowerBound { pieces.append(.text(done..<taken.lowerBound)) }
            pieces.append(.token(token.id))
            done = taken.upperBound
        }
        if done < range.upperBound { pieces.append(.text(done..<range.upperBound)) }
        return pieces
    }

    /// The longest token at `start` that leaves input alone.
    private func longest(
        _ text: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ rules: MatchRules
    ) -> (token: Int, end: Int)? {
        var best: (token: Int, end: Int)?
        var node = 0
        var index = start
        while index < end {
            let byte = text[index]
            guard let edge = nodes[node].edges.first(where: { $0.byte == byte }) else { break }
            node = edge.node
            index += 1
            if let token = nodes[node].token, !rules.touchesInput(start..<index) {
                best = (token, index)
            }
        }
        return best
    }

    private func standsAlone(
        _ text: Span<UInt8>,
        _ found: Range<Int>,
        in range: Range<Int>
    ) -> Bool {
        if found.lowerBound > range.lowerBound {
            let before = UTF8Scalars.start(text, before: found.lowerBound)
            if Self.isWord(UTF8Scalars.decode(text, at: before).scalar) { return false }
        }
        return found.upperBound == range.upperBound
            || !Self.isWord(UTF8Scalars.decode(text, at: found.upperBound).scalar)
    }

    /// The match with the white space that its token takes along.
    private func strip(
        _ token: AddedToken,
        _ text: Span<UInt8>,
        _ found: Range<Int>,
        in range: Range<Int>,
        after done: Int
    ) -> Range<Int> {
        var start = found.lowerBound
        var end = found.upperBound
        while token.lstrip, start > max(done, range.lowerBound) {
            let before = UTF8Scalars.start(text, before: start)
            guard Self.isSpace(UTF8Scalars.decode(text, at: before).scalar) else { break }
            start = before
        }
        while token.rstrip, end < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: end)
            guard Self.isSpace(scalar) else { break }
            end += length
        }
        return start..<end
    }

    private static func isSpace(_ scalar: Int) -> Bool {
        ScalarFlags.has(ScalarFlags.space, scalar)
    }

    private static func isWord(_ scalar: Int) -> Bool {
        ScalarFlags.has(ScalarFlags.word, scalar)
    }
}
