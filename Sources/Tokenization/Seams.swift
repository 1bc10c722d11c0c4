import Core

/// Where a long word falls apart before it is encoded: between two characters (or bytes) that no
/// merge ever brings together. The pieces then have exactly the tokens of the word.
struct Seams: Sendable {
    /// One bit for each pair that some merge joins: pairs of ASCII first, then of all others by hash,
    /// where pairs that share a bit are kept together needlessly but harmlessly.
    private var bits: [UInt64]
    private let hashMask: Int
    /// Whether a character that the alphabet does not have may be cut off.
    private var cutsUnknown = false

    private static let asciiBits = 1 << 14

    /// - Parameters:
    ///   - spellings: what `alphabet` says of each token, in the file's spelling.
    init(_ alphabet: BPE.Alphabet, _ merges: MergeTable, _ spellings: ByteTable) {
        var size = 1 << 16
        while size < 8 * merges.count, size < 1 << 22 { size *= 2 }
        hashMask = size - 1
        bits = [UInt64](repeating: 0, count: (Self.asciiBits + size) / 64)
        var fallbacks = [Bool](repeating: false, count: spellings.count)
        if case .characters(let characters) = alphabet {
            for token in characters.fallbacks { fallbacks[Int(token)] = true }
        }
        var hasFallback = false
        let edges = Self.edges(spellings, alphabet.unitOfScalar)
        merges.forEachPair { left, right in
            insert(Int(edges[Int(left)].last), Int(edges[Int(right)].first))
            hasFallback = hasFallback || fallbacks[Int(left)] || fallbacks[Int(right)]
        }
        if case .characters(let characters) = alphabet {
            cutsUnknown = characters.keepsUnknownApart && !hasFallback
        }
    }

    /// The first and the last unit of each token.
    private static func edges(
        _ spellings: ByteTable,
        _ unit: (Int) -> Int
    ) -> [(first: UInt32, last: UInt32)] {
        let blob = spellings.blob.span
        return (0..<spellings.count).map { token in
            let range = spellings.range(token)
            if range.isEmpty { return (0, 0) }
            let start = UTF8Scalars.start(blob, before: range.upperBound)
            let first = unit(UTF8Scalars.decode(blob, at: range.lowerBound).scalar)
            let last = unit(UTF8Scalars.decode(blob, at: start).scalar)
            return (UInt32(truncatingIfNeeded: first), UInt32(truncatingIfNeeded: last))
        }
    }

    private mutating func insert(_ before: Int, _ after: Int) {
        let bit = bit(before, after)
        bits[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    private func bit(_ before: Int, _ after: Int) -> Int {
        if before | after < 0x80 { return before << 7 | after }
        let hash = (before &* 0x9E37_79B1 ^ after &* 0x85EB_CA77) &* 0x2545_F491_4F6C_DD1D
        return Self.asciiBits + (hash >> 32 & hashMask)
    }

    @inline(__always)
    private func joins(_ before: Int, _ after: Int) -> Bool {
        let bit = bit(before, after)
        return bits[bit >> 6] >> UInt64(bit & 63) & 1 != 0
    }

    /// Where the piece of bytes that starts at `start` ends.
    func end(bytes text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = start + 1
        while index < end, joins(Int(text[index - 1]), Int(text[index])) { index += 1 }
        return index
    }

    /// Where the piece of characters of `alphabet` that starts at `start` ends.
    func end(
        _ alphabet: CharacterAlphabet,
        _ text: Span<UInt8>,
        _ start: Int,
        _ end: Int
    ) -> Int {
        var (before, length) = UTF8Scalars.decode(text, at: start)
        var wasUnknown = !cutsUnknown && alphabet.token(before) < 0
        var index = start + length
        while index < end {
            let (after, length) = UTF8Scalars.decode(text, at: index)
            let isUnknown = !cutsUnknown && alphabet.token(after) < 0
            if !wasUnknown, !isUnknown, !joins(before, after) { break }
            before = after
            wasUnknown = isUnknown
            index += length
        }
        return index
    }
}
