/// The regular expressions that published byte-level tokenizers split words with, as scanners that
/// look at each character a bounded number of times. They work on valid UTF-8.
struct WordScanner: Sendable {
    enum Style: Sendable, Equatable {
        /// GPT-2's: a word with its leading space, digits in any number, `'s` in lower case.
        case gpt2
        /// Llama-3's (`digits` 3) and Qwen2's (`digits` 1): a word with one leading character of
        /// any kind, at most so many digits, newlines apart, `'s` in any case.
        case cl100k(digits: Int)
        /// The "Digits" pre-tokenizer: numbers apart from all else, one by one or in runs.
        case digits(individual: Bool)
    }

    let style: Style
    private let classes = UnicodeClasses.reference

    init(_ style: Style) { self.style = style }

    /// The scanner for a pattern that is spelled exactly like a known one.
    init?(pattern: String) {
        guard let style = Self.known[pattern] else { return nil }
        self.init(style)
    }

    private static let known: [String: Style] = [
        gpt2Pattern: .gpt2,
        cl100kPattern(#"\p{N}{1,3}"#): .cl100k(digits: 3),
        cl100kPattern(#"\p{N}"#): .cl100k(digits: 1),
    ]

    static let gpt2Pattern =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    static func cl100kPattern(_ digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    /// Where the word that starts at `start` ends; `end` bounds the text, look-ahead included.
    @inline(__always)
    func wordEnd(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        switch style {
        case .gpt2: gpt2(text, start, end)
        case .cl100k(let digits): cl100k(text, start, end, digits)
        case .digits(let individual): numbersApart(text, start, end, individual)
        }
    }

    @inline(__always)
    private func numbersApart(
        _ text: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        _ individual: Bool
    ) -> Int {
        let (kind, length) = classes.kind(text, at: start)
        if kind == ScalarKind.number {
            return individual ? start + length : run(text, start + length, end, of: kind)
        }
        var index = start + length
        while index < end {
            let next = classes.kind(text, at: index)
            if next.kind == ScalarKind.number { break }
            index += next.length
        }
        return index
    }

    @inline(__always)
    private func gpt2(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        let first = text[start]
        if first == UInt8(ascii: "'"), let after = contraction(text, start, end, anyCase: false) {
            return after
        }
        var (kind, length) = classes.kind(text, at: start)
        if first == 0x20, start + 1 < end {
            let next = classes.kind(text, at: start + 1)
            if next.kind != ScalarKind.space {
                kind = next.kind
                length = 1 + next.length
            }
        }
        if kind == ScalarKind.space { return spaces(text, start, end, newlines: false) }
        if kind == ScalarKind.letter { return letters(text, start + length, end) }
        return run(text, start + length, end, of: kind)
    }

    @inline(__always)
    private func cl100k(_ text: Span<UInt8>, _ start: Int, _ end: Int, _ digits: Int) -> Int {
        let first = text[start]
        if first == UInt8(ascii: "'"), let after = contraction(text, start, end, anyCase: true) {
            return after
        }
        let (kind, length) = classes.kind(text, at: start)
        if kind == ScalarKind.letter { return letters(text, start + length, end) }
        if kind == ScalarKind.number { return numbers(text, start + length, end, digits - 1) }
        if start + length < end, !Self.isNewline(first) {
            let next = classes.kind(text, at: start + length)
            if next.kind == ScalarKind.letter {
                return letters(text, start + length + next.length, end)
            }
            if first == 0x20, next.kind == ScalarKind.other {
                return marks(text, start + 1 + next.length, end)
            }
        }
        if kind == ScalarKind.other { return marks(text, start + length, end) }
        return spaces(text, start, end, newlines: true)
    }

    /// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d` at an apostrophe. Ignoring case, U+017F is an s.
    private func contraction(
        _ text: Span<UInt8>,
        _ start: Int,
        _ end: Int,
        anyCase: Bool
    ) -> Int? {
        let fold: UInt8 = anyCase ? 0x20 : 0
        guard start + 1 < end else { return nil }
        switch text[start + 1] | fold {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return start + 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start + 2 < end && text[start + 2] | fold == UInt8(ascii: "e") ? start + 3 : nil
        case UInt8(ascii: "l"):
            return start + 2 < end && text[start + 2] | fold == UInt8(ascii: "l") ? start + 3 : nil
        default:
            let isLongS = anyCase && text[start + 1] == 0xC5 && text[start + 2] == 0xBF
            return isLongS ? start + 3 : nil
        }
    }

    /// The end of the run of letters: eight ASCII letters at a time.
    @inline(__always)
    private func letters(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = start
        while index &+ 8 <= end {
            let others = Self.notLetters(ByteChunks.whole(text, index))
            index &+= others == 0 ? 8 : others.trailingZeroBitCount / 8
            if others == 0 { continue }
            if text[index] < 0x80 { return index }
            let next = classes.kind(text, at: index)
            if next.kind != ScalarKind.letter { return index }
            index &+= next.length
        }
        return run(text, index, end, of: ScalarKind.letter)
    }

    /// The top bit of each byte that is not an ASCII letter.
    @inline(__always)
    private static func notLetters(_ chunk: UInt64) -> UInt64 {
        let low = (chunk | 0x2020_2020_2020_2020) & 0x7F7F_7F7F_7F7F_7F7F
        // Adding carries into the top bit from "a" on, and from the character after "z" on.
        let fromA = low &+ 0x1F1F_1F1F_1F1F_1F1F
        let afterZ = low &+ 0x0505_0505_0505_0505
        return (~fromA | afterZ | chunk) & 0x8080_8080_8080_8080
    }

    /// The end of the run of one kind.
    @inline(__always)
    private func run(_ text: Span<UInt8>, _ start: Int, _ end: Int, of kind: UInt8) -> Int {
        var index = start
        while index < end {
            let next = classes.kind(text, at: index)
            if next.kind != kind { break }
            index += next.length
        }
        return index
    }

    private func numbers(_ text: Span<UInt8>, _ start: Int, _ end: Int, _ limit: Int) -> Int {
        var index = start
        for _ in 0..<limit where index < end {
            let next = classes.kind(text, at: index)
            if next.kind != ScalarKind.number { break }
            index += next.length
        }
        return index
    }

    /// The rest of a run of marks, and the newlines after it.
    private func marks(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = run(text, start, end, of: ScalarKind.other)
        while index < end, Self.isNewline(text[index]) { index += 1 }
        return index
    }

    /// White space: with `newlines`, up to the last newline of the run; else all of it at the end of
    /// the text, or all but its last character, which belongs to the next word, if there are two.
    private func spaces(_ text: Span<UInt8>, _ start: Int, _ end: Int, newlines: Bool) -> Int {
        var index = start
        var last = start
        var afterNewline = start
        while index < end {
            let next = classes.kind(text, at: index)
            if next.kind != ScalarKind.space { break }
            last = index
            index += next.length
            if Self.isNewline(text[last]) { afterNewline = index }
        }
        if newlines, afterNewline > start { return afterNewline }
        return index == end || last == start ? index : last
    }

    private static func isNewline(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
