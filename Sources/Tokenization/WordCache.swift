import Core

/// Words of the text at hand that were encoded before, with their tokens.
struct WordCache {
    private struct Entry {
        /// A word of up to 16 bytes itself; of a longer one its hash, and where it is in the text.
        var first: UInt64 = 0
        var second: UInt64 = 0
        /// One or two tokens; of more, where they are in the output (in `tokens.0`).
        var tokens: (TokenID, TokenID) = (0, 0)
        /// 0 in an empty entry.
        var length: UInt16 = 0
        var count: UInt16 = 0
    }

    private var entries: [Entry] = []

    private static let most = 1 << 15

    /// - Parameter textLength: bytes of the text; short ones do without a cache.
    init(textLength: Int) {
        guard textLength >= 512, textLength < Int(Int32.max) else { return }
        var size = 256
        while size < textLength / 4, size < Self.most { size *= 2 }
        entries = [Entry](repeating: Entry(), count: size)
    }

    /// Appends the tokens of `text[word]`, from an earlier occurrence or from `model`.
    @inline(__always)
    mutating func encode(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ model: borrowing BPE,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        if word.count > BPE.shortWord, model.piecesAreWords {
            return encodePieces(text, word, model, &scratch, &output)
        }
        encodePiece(text, word, model, &scratch, &output)
    }

    /// A long word is unlikely to come again, its pieces are not.
    private mutating func encodePieces(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ model: borrowing BPE,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        var start = word.lowerBound
        while start < word.upperBound {
            let end = model.pieceEnd(text, start, word.upperBound)
            encodePiece(text, start..<end, model, &scratch, &output)
            start = end
        }
    }

    @inline(__always)
    private mutating func encodePiece(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ model: borrowing BPE,
        _ scratch: inout BPEScratch,
        _ output: inout [TokenID]
    ) {
        if entries.isEmpty || word.count == 1 || word.count > Int(UInt16.max) {
            return model.encode(text, word, &scratch, &output)
        }
        let (first, second, hash) = Self.key(text, word)
        let slot = Int(truncatingIfNeeded: hash) & (entries.count &- 1)
        let entry = entries[slot]
        if Int(entry.length) == word.count, entry.first == first,
            entry.second == second || word.count > 16 && Self.equal(text, entry, word)
        {
            return Self.append(entry, &output)
        }
        let start = output.count
        model.encode(text, word, &scratch, &output)
        remember(word.count, first, second, start, output, slot)
    }

    @inline(__always)
    private static func key(
        _ text: Span<UInt8>,
        _ word: Range<Int>
    ) -> (first: UInt64, second: UInt64, hash: UInt64) {
        if word.count > 16 {
            let hash = ByteChunks.hash(text, word)
            return (hash, UInt64(truncatingIfNeeded: word.lowerBound), hash)
        }
        let first = ByteChunks.load(text, word.lowerBound, word.count)
        let second =
            word.count > 8
            ? ByteChunks.load(text, word.lowerBound &+ 8, word.count &- 8) : 0
        let hash = ByteChunks.mix(first ^ 0x9E37_79B9_7F4A_7C15, second ^ 0xD6E8_FEB8_6659_FD93)
        return (first, second, hash)
    }

    private static func equal(_ text: Span<UInt8>, _ entry: Entry, _ word: Range<Int>) -> Bool {
        let start = Int(truncatingIfNeeded: entry.second)
        return ByteChunks.equal(text, start..<start + word.count, text, word)
    }

    @inline(__always)
    private static func append(_ entry: Entry, _ output: inout [TokenID]) {
        if entry.count > 2 {
            let start = Int(entry.tokens.0)
            for index in start..<start &+ Int(entry.count) { output.append(output[index]) }
        } else if entry.count > 0 {
            output.append(entry.tokens.0)
            if entry.count > 1 { output.append(entry.tokens.1) }
        }
    }

    private mutating func remember(
        _ length: Int,
        _ first: UInt64,
        _ second: UInt64,
        _ start: Int,
        _ output: [TokenID],
        _ slot: Int
    ) {
        let count = output.count - start
        guard start <= Int(Int32.max), count <= Int(UInt16.max) else { return }
        let isShort = count == 1 || count == 2
        entries[slot] = Entry(
            first: first,
            second: second,
            tokens: isShort
                ? (output[start], output[output.count - 1])
                : (TokenID(truncatingIfNeeded: start), 0),
            length: UInt16(truncatingIfNeeded: length),
            count: UInt16(truncatingIfNeeded: count)
        )
    }
}
