import Core

/// Reads the bytes of tokenizer.json without making values of its two long lists, as `JSON` would.
/// What is not as `tokenizers` writes it is left to `JSON`, which reads everything and knows what
/// to say of errors.
struct TokenizerScanner {
    /// The file; words that the file writes with escapes are added to the end.
    private var lists = ModelLists()
    /// Bytes of the file.
    private let count: Int
    private var position = 0
    /// Where the values of `model.vocab` and `model.merges` are.
    private var vocab: Range<Int>?
    private var merges: Range<Int>?

    private struct Failure: Error {}

    /// The file's `model.vocab` and `model.merges`, and all else with `{}` and `[]` in their places;
    /// nil if the file is not plain enough.
    /// - Parameter file: its bytes, which go into the lists, or stay if there are none.
    static func read(_ file: inout [UInt8]) -> (json: JSON, lists: ModelLists)? {
        // Moved and not copied, as words may be added to it.
        var scanner = TokenizerScanner(count: file.count)
        swap(&scanner.lists.text, &file)
        do throws(Failure) {
            try scanner.readFile()
            return try (scanner.rest(), scanner.lists)
        } catch {
            file = Array(scanner.lists.text[..<scanner.count])
            return nil
        }
    }

    private init(count: Int) {
        self.count = count
        // Of published files, tokens and merges take more bytes each.
        lists.tokens.reserveCapacity(count / 32)
        lists.merges.reserveCapacity(count / 16)
    }

    private mutating func readFile() throws(Failure) {
        try readObject { scanner, key throws(Failure) in
            if key == "model" { try scanner.readModel() } else { try scanner.skipValue() }
        }
    }

    private mutating func readModel() throws(Failure) {
        try readObject { scanner, key throws(Failure) in
            scanner.skipSpace()
            let start = scanner.position
            switch key {
            case "vocab":
                if scanner.vocab != nil { throw Failure() }
                try scanner.readVocab()
                scanner.vocab = start..<scanner.position
            case "merges":
                if scanner.merges != nil { throw Failure() }
                try scanner.readMerges()
                scanner.merges = start..<scanner.position
            default: try scanner.skipValue()
            }
        }
    }

    /// What is left of the file without the lists.
    private func rest() throws(Failure) -> JSON {
        guard let vocab, let merges,
            // Merges need no check: they are tokens, byte for byte, or nothing.
            (try? UTF8Span(validating: lists.text.span.extracting(vocab))) != nil
        else { throw Failure() }
        var rest: [UInt8] = []
        var done = 0
        let cuts = [(vocab, "{}"), (merges, "[]")].sorted { $0.0.lowerBound < $1.0.lowerBound }
        for (range, instead) in cuts {
            rest += lists.text[done..<range.lowerBound]
            rest += instead.utf8
            done = range.upperBound
        }
        rest += lists.text[done..<count]
        guard let json = try? JSON(parsing: rest) else { throw Failure() }
        return json
    }
}

// MARK: the lists

extension TokenizerScanner {
    private mutating func readVocab() throws(Failure) {
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipSpace()
            let name = try word()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            lists.tokens.append(.init(name: .init(name), id: try integer()))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    private mutating func readMerges() throws(Failure) {
        try expect(UInt8(ascii: "["))
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipSpace()
            lists.merges.append(take(UInt8(ascii: "[")) ? try pair() : try line())
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// `"a", "b"]`
    private mutating func pair() throws(Failure) -> ModelLists.Merge {
        skipSpace()
        let left = try word()
        skipSpace()
        try expect(UInt8(ascii: ","))
        skipSpace()
        let right = try word()
        skipSpace()
        try expect(UInt8(ascii: "]"))
        return .init(left: .init(left), right: .init(right))
    }

    /// `"a b"`
    private mutating func line() throws(Failure) -> ModelLists.Merge {
        let line = try word()
        var cut: Int?
        for index in line where byte(index) == 0x20 {
            if cut != nil { throw Failure() }
            cut = index
        }
        guard let cut else { throw Failure() }
        return .init(
            left: .init(line.lowerBound..<cut),
            right: .init(cut + 1..<line.upperBound)
        )
    }

    /// A number from 0 to 999,999,999.
    private mutating func integer() throws(Failure) -> Int {
        let start = position
        var value = 0
        while position < count, position - start < 10, byte(position) &- 0x30 < 10 {
            value = 10 * value + Int(byte(position) - 0x30)
            position += 1
        }
        let digits = position - start
        guard (1...9).contains(digits), digits == 1 || byte(start) != 0x30 else { throw Failure() }
        return value
    }
}

// MARK: JSON

extension TokenizerScanner {
    /// Reads an object, whose values `read` takes in; keys must have no escapes.
    private mutating func readObject(
        _ read: (inout Self, String) throws(Failure) -> Void
    ) throws(Failure) {
        skipSpace()
        try expect(UInt8(ascii: "{"))
        repeat {
            skipSpace()
            let key = try word()
            if key.lowerBound >= count { throw Failure() }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            try read(&self, String(decoding: lists.text[key], as: UTF8.self))
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Skips a value; `JSON` looks at it later.
    private mutating func skipValue() throws(Failure) {
        var depth = 0
        repeat {
            skipSpace()
            if position >= count { throw Failure() }
            switch byte(position) {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { throw Failure() }
                position += 1
            default: try skipAtom()
            }
        } while depth > 0
        if depth < 0 { throw Failure() }
    }

    /// Skips a number, `true`, `false` or `null`.
    private mutating func skipAtom() throws(Failure) {
        let start = position
        while position < count {
            switch byte(position) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "E"):
                position += 1
                continue
            default: break
            }
            break
        }
        if position == start { throw Failure() }
    }

    private mutating func skipString() throws(Failure) {
        position += 1
        while true {
            skipPlain()
            if take(UInt8(ascii: "\"")) { return }
            // Of an escape, at most the two bytes that might end the string.
            guard take(UInt8(ascii: "\\")), position < count else { throw Failure() }
            position += 1
        }
    }

    /// A string: where its bytes are in the text.
    @inline(__always)
    private mutating func word() throws(Failure) -> Range<Int> {
        try expect(UInt8(ascii: "\""))
        let start = position
        skipPlain()
        let end = position
        if take(UInt8(ascii: "\"")) { return start..<end }
        return try escapedWord(start)
    }

    /// Adds a string to the text, from its first byte on, because it has escapes.
    private mutating func escapedWord(_ start: Int) throws(Failure) -> Range<Int> {
        let first = lists.text.count
        var done = start
        while true {
            skipPlain()
            // Not as a slice, which would hold the text and so make append copy all of it.
            for index in done..<position { lists.text.append(byte(index)) }
            if take(UInt8(ascii: "\"")) { return first..<lists.text.count }
            guard take(UInt8(ascii: "\\")), position < count else { throw Failure() }
            try escape()
            done = position
        }
    }

    /// Adds the character of an escape whose backslash was read.
    private mutating func escape() throws(Failure) {
        let kind = byte(position)
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): lists.text.append(kind)
        case UInt8(ascii: "b"): lists.text.append(0x08)
        case UInt8(ascii: "f"): lists.text.append(0x0C)
        case UInt8(ascii: "n"): lists.text.append(0x0A)
        case UInt8(ascii: "r"): lists.text.append(0x0D)
        case UInt8(ascii: "t"): lists.text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800 {
                try expect(UInt8(ascii: "\\"))
                try expect(UInt8(ascii: "u"))
                let low = try hexadecimal()
                if low & 0xFC00 != 0xDC00 { throw Failure() }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw Failure() }
            lists.text.append(contentsOf: String(scalar).utf8)
        default: throw Failure()
        }
    }

    /// Four hexadecimal digits.
    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard position + 4 <= count else { throw Failure() }
        var value: UInt32 = 0
        for _ in 0..<4 {
            let digit = Character(Unicode.Scalar(byte(position))).hexDigitValue
            guard let digit else { throw Failure() }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    /// Skips bytes of a string that stand for themselves.
    @inline(__always)
    private mutating func skipPlain() {
        var index = position
        defer { position = index }
        let text = lists.text.span
        while index &+ 8 <= count {
            let ends = Self.endsOfPlain(ByteChunks.whole(text, index))
            index &+= ends == 0 ? 8 : ends.trailingZeroBitCount &>> 3
            if ends != 0 { return }
        }
        while index < count, Self.endsOfPlain(UInt64(text[index]) | 0x2020_2020_2020_2000) == 0 {
            index &+= 1
        }
    }

    /// The top bit of the first byte that is a quote, a backslash or a control character; higher
    /// bytes may have theirs for nothing.
    @inline(__always)
    private static func endsOfPlain(_ chunk: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = chunk ^ 0x2222_2222_2222_2222
        let backslashes = chunk ^ 0x5C5C_5C5C_5C5C_5C5C
        let ends =
            (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
            | (chunk &- 0x2020_2020_2020_2020) & ~chunk
        return ends & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private func byte(_ index: Int) -> UInt8 { lists.text[index] }

    @inline(__always)
    private mutating func take(_ wanted: UInt8) -> Bool {
        guard position < count, byte(position) == wanted else { return false }
        position &+= 1
        return true
    }

    @inline(__always)
    private mutating func expect(_ wanted: UInt8) throws(Failure) {
        if !take(wanted) { throw Failure() }
    }

    /// Indented files are mostly spaces.
    @inline(__always)
    private mutating func skipSpace() {
        if position < count, byte(position) > 0x20 { return }
        skipSpaces()
    }

    private mutating func skipSpaces() {
        var index = position
        defer { position = index }
        let text = lists.text.span
        while index < count {
            switch text[index] {
            case 0x20:
                index &+= 1
                while index &+ 8 <= count, ByteChunks.whole(text, index) == 0x2020_2020_2020_2020 {
                    index &+= 8
                }
            case 0x09, 0x0A, 0x0D: index &+= 1
            default: return
            }
        }
    }
}
