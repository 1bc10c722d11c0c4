/// Python's `textwrap.wrap`, as jinja2's `wordwrap` calls it: cuts one line of text into lines of at
/// most `width` characters.
struct TextWrap {
    let text: Text
    let width: Int
    let breaksLongWords: Bool
    let breaksOnHyphens: Bool

    private let scalars: [Unicode.Scalar]
    /// Byte offset of each character, and the end.
    private let offsets: [Int]

    /// - Parameter width: at least 1.
    init(_ text: Text, width: Int, breaksLongWords: Bool, breaksOnHyphens: Bool) {
        self.text = text
        self.width = width
        self.breaksLongWords = breaksLongWords
        self.breaksOnHyphens = breaksOnHyphens
        scalars = text.scalars
        offsets = text.offsets
    }

    var lines: [Text] {
        var chunks = self.chunks[...]
        var lines: [Text] = []
        while !chunks.isEmpty {
            if let first = chunks.first, !lines.isEmpty, isSpace(first) { chunks.removeFirst() }
            var line: [Range<Int>] = []
            var count = 0
            while let next = chunks.first, count + next.count <= width {
                line.append(next)
                count += next.count
                chunks.removeFirst()
            }
            if let next = chunks.first, next.count > width {
                cutLongWord(&chunks, &line, room: width - count)
            }
            if let last = line.last, isSpace(last) { line.removeLast() }
            if let first = line.first, let last = line.last {
                lines.append(
                    text.slice(offsets[first.lowerBound]..<offsets[last.upperBound])
                )
            }
        }
        return lines
    }

    private func isSpace(_ range: Range<Int>) -> Bool { scalars[range].allSatisfy(\.isPythonSpace) }

    /// Takes the part of a word that has room, or the whole word if it may not be cut.
    private func cutLongWord(
        _ chunks: inout ArraySlice<Range<Int>>,
        _ line: inout [Range<Int>],
        room: Int
    ) {
        guard let word = chunks.first else { return }
        guard breaksLongWords else {
            if line.isEmpty { line.append(chunks.removeFirst()) }
            return
        }
        var end = word.lowerBound + room
        if breaksOnHyphens {
            let head = scalars[word.lowerBound..<end]
            if let hyphen = head.lastIndex(of: "-"), head[..<hyphen].contains(where: { $0 != "-" }) {
                end = hyphen + 1
            }
        }
        line.append(word.lowerBound..<end)
        chunks[chunks.startIndex] = end..<word.upperBound
    }

    // MARK: chunks

    /// Words, parts of hyphenated words, dashes and runs of white space.
    private var chunks: [Range<Int>] {
        var result: [Range<Int>] = []
        var start = 0
        while start < scalars.count {
            let end = chunkEnd(start)
            result.append(start..<end)
            start = end
        }
        return result
    }

    private func chunkEnd(_ start: Int) -> Int {
        var end = start + 1
        if isWhite(start) {
            while isWhite(end) { end += 1 }
            return end
        }
        if breaksOnHyphens, let dash = dashEnd(start) { return dash }
        while end < scalars.count, !isWhite(end) {
            if breaksOnHyphens {
                if isHyphen(end) { return end + 1 }
                if dashEnd(end) != nil { return end }
            }
            end += 1
        }
        return end
    }

    /// Behind the two or more hyphens at `start`, if words stand on both sides.
    private func dashEnd(_ start: Int) -> Int? {
        var end = start
        while end < scalars.count, scalars[end] == "-" { end += 1 }
        guard end - start >= 2, start > 0, isWordOrPunctuation(start - 1), isWord(end) else {
            return nil
        }
        return end
    }

    /// Whether a hyphenated word may be cut behind the hyphen at `place`.
    private func isHyphen(_ place: Int) -> Bool {
        guard scalars[place] == "-" else { return false }
        let followsLetters = isLetter(place - 1) && isLetter(place - 2)
        let followsPart =
            place >= 3 && isWordOrPunctuation(place - 1) && scalars[place - 2] == "-"
            && isLetter(place - 3)
        guard followsLetters || followsPart, isLetter(place + 1) else { return false }
        if isLetter(place + 2) { return true }
        return place + 2 < scalars.count && scalars[place + 2] == "-" && isLetter(place + 3)
    }

    private func isWhite(_ place: Int) -> Bool {
        guard scalars.indices.contains(place) else { return false }
        return scalars[place] == " " || (9...13).contains(scalars[place].value)
    }

    private func isWord(_ place: Int) -> Bool {
        scalars.indices.contains(place) && scalars[place].isPythonWord
    }

    private func isLetter(_ place: Int) -> Bool {
        isWord(place) && scalars[place].properties.numericType != .decimal
    }

    private func isWordOrPunctuation(_ place: Int) -> Bool {
        isWord(place) || scalars.indices.contains(place) && "!\"'&.,?".unicodeScalars.contains(scalars[place])
    }
}
