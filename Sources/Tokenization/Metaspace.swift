/// SentencePiece's way with spaces: they become a visible character, and words start with it.
struct Metaspace: Sendable {
    /// Which texts get the character in front if they do not start with it; names as in the
    /// file.
    enum Prepending: String, Sendable {
        case first, never, always
    }

    /// The character in UTF-8; U+2581 by custom.
    var replacement: [UInt8]
    var prepending: Prepending
    /// Whether words are split.
    var splits: Bool

    /// `text[range]` with the character for spaces; nil if that changes nothing.
    /// - Parameter isFirst: whether this is where the whole text starts.
    func replaceSpaces(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        isFirst: Bool
    ) -> [UInt8]? {
        var copy = prepends(text, range, isFirst: isFirst) ? replacement : []
        var changes = !copy.isEmpty
        copy.reserveCapacity(range.count + range.count / 2)
        for index in range {
            if text[index] == 0x20 {
                copy += replacement
                changes = true
            } else {
                copy.append(text[index])
            }
        }
        return changes ? copy : nil
    }

    private func prepends(_ text: Span<UInt8>, _ range: Range<Int>, isFirst: Bool) -> Bool {
        if prepending == .never || prepending == .first && !isFirst { return false }
        if text[range.lowerBound] == 0x20 { return false }
        let start = range.lowerBound..<min(range.lowerBound + replacement.count, range.upperBound)
        return !ByteChunks.equal(replacement.span, 0..<replacement.count, text, start)
    }

    /// The words of a text whose spaces are replaced: each starts with the character, or at the
    /// start of the text.
    func words(of text: Span<UInt8>, _ range: Range<Int>) -> [Range<Int>] {
        guard splits else { return [range] }
        var words: [Range<Int>] = []
        var start = range.lowerBound
        var index = range.lowerBound
        while index + replacement.count <= range.upperBound {
            let end = index + replacement.count
            guard text[index] == replacement[0],
                ByteChunks.equal(replacement.span, 0..<replacement.count, text, index..<end)
            else {
                index += 1
                continue
            }
            if start < index { words.append(start..<index) }
            start = index
            index = end
        }
        if start < range.upperBound { words.append(start..<range.upperBound) }
        return words
    }
}
