import Core

/// Words of the text at hand that were encoded before. An entry points at the earlier occurrence in
/// the text and at its tokens in the output, so a hit copies ids and nothing is stored twice.
struct WordCache {
    private struct Entry {
        var start: UInt32
        var output: UInt32
        /// 0 in an empty entry.
        var length: UInt16
        var tokens: UInt16
    }

    private var entries: [Entry] = []

    private static let most = 1 << 14

    /// - Parameter textLength: bytes of the text; short ones do without a cache.
    init(textLength: Int) {
        guard textLength >= 512, textLength < Int(UInt32.max) else { return }
        var size = 256
        while size < textLength / 4, size < Self.most { size *= 2 }
        entries = [Entry](
            repeating: Entry(start: 0, output: 0, length: 0, tokens: 0),
            count: size
        )
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
        let slot = ByteTable.hash(text, word) & (entries.count &- 1)
        let entry = entries[slot]
        let known = Int(entry.start)..<Int(entry.start) &+ Int(entry.length)
        if ByteTable.equal(text, known, text, word) {
            for index in 0..<Int(entry.tokens) { output.append(output[Int(entry.output) &+ index]) }
            return
        }
        let first = output.count
        model.encode(text, word, &scratch, &output)
        guard first <= Int(UInt32.max) else { return }
        entries[slot] = Entry(
            start: UInt32(truncatingIfNeeded: word.lowerBound),
            output: UInt32(truncatingIfNeeded: first),
            length: UInt16(truncatingIfNeeded: word.count),
            tokens: UInt16(truncatingIfNeeded: output.count - first)
        )
    }
}
