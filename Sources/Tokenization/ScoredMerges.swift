import Core

extension MergeTable {
    /// The merges of a SentencePiece BPE model: two neighbours merge when together they are a piece,
    /// the piece with the highest score first, the leftmost of equals first.
    /// - Parameters:
    ///   - spellings: of the pieces, findable.
    ///   - scores: of each piece, finite.
    ///   - include: which pieces may be made and merged.
    init(
        spellings: ByteTable,
        scores: [Float],
        where include: (TokenID) -> Bool
    ) {
        let pieces = (0..<scores.count).filter { include(TokenID(truncatingIfNeeded: $0)) }
        let known = Fingerprints(spellings, pieces)
        var merges: [(left: TokenID, right: TokenID, into: TokenID)] = []
        merges.reserveCapacity(2 * pieces.count)
        for piece in pieces {
            let whole = spellings.range(piece)
            let into = TokenID(truncatingIfNeeded: piece)
            known.forEachPrefix(of: spellings.blob.span, whole) { cut in
                let text = spellings.blob.span
                guard let left = spellings.find(text, whole.lowerBound..<cut), include(left),
                    let right = spellings.find(text, cut..<whole.upperBound), include(right)
                else { return }
                merges.append((left, right, into))
            }
        }
        self.init(capacity: merges.count)
        let ranks = Self.ranks(scores)
        for merge in merges {
            insert(merge.left, merge.right, rank: ranks[Int(merge.into)], into: merge.into)
        }
    }

    /// 0 for the highest score, 1 for the next lower one.
    private static func ranks(_ scores: [Float]) -> [UInt32] {
        var ranks = [UInt32](repeating: 0, count: scores.count)
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var rank: UInt32 = 0
        for (index, piece) in order.enumerated() {
            if index > 0, scores[piece] < scores[order[index - 1]] { rank += 1 }
            ranks[piece] = rank
        }
        return ranks
    }
}

/// Hashes of strings as bits, which tell cheaply that a prefix is none of them.
private struct Fingerprints {
    private var bits: [UInt64]
    private let mask: UInt64

    init(_ table: ByteTable, _ entries: [Int]) {
        var size = 1 << 10
        while size < 16 * entries.count { size *= 2 }
        bits = [UInt64](repeating: 0, count: size / 64)
        mask = UInt64(size - 1)
        let text = table.blob.span
        for entry in entries {
            var hash = Self.start
            for index in table.range(entry) { hash = Self.step(hash, text[index]) }
            let bit = Self.mix(hash) & mask
            bits[Int(bit >> 6)] |= 1 << (bit & 63)
        }
    }

    /// Calls `body` with the end of each prefix of whole characters that may be one of the strings,
    /// shorter than `range`.
    func forEachPrefix(
        of text: Span<UInt8>,
        _ range: Range<Int>,
        _ body: (_ end: Int) -> Void
    ) {
        var hash = Self.start
        for index in range.dropLast() {
            hash = Self.step(hash, text[index])
            if text[index + 1] & 0xC0 == 0x80 { continue }
            let bit = Self.mix(hash) & mask
            if bits[Int(bit >> 6)] >> (bit & 63) & 1 != 0 { body(index + 1) }
        }
    }

    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }

    @inline(__always)
    private static func mix(_ hash: UInt64) -> UInt64 {
        let hash = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
        return hash >> 24
    }
}
