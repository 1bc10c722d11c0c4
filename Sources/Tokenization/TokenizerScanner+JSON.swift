// The words and values that JSON (RFC 8259) is made of.

extension TokenizerScanner {
    /// Reads an object, whose values `read` takes in; keys must have no escapes.
    mutating func readObject(
        _ read: (inout Self, String) throws(Failure) -> Void
    ) throws(Failure) {
        skipSpace()
        try readItems(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) { scanner throws(Failure) in
            let key = try scanner.word()
            if key.lowerBound >= scanner.count { throw Failure() }
            try scanner.colon()
            try read(&scanner, String(decoding: scanner.lists.text[key], as: UTF8.self))
        }
    }

    /// Reads what stands between two brackets, item by item.
    @inline(__always)
    mutating func readItems(
        from open: UInt8,
        to close: UInt8,
        _ readItem: (inout Self) throws(Failure) -> Void
    ) throws(Failure) {
        try expect(open)
        skipSpace()
        if take(close) { return }
        repeat {
            skipSpace()
            try readItem(&self)
            skipSpace()
        } while take(UInt8(ascii: ","))
        try expect(close)
    }

    /// What stands between a key and its value.
    @inline(__always)
    mutating func colon() throws(Failure) {
        skipSpace()
        try expect(UInt8(ascii: ":"))
    }

    /// Skips a value; `JSON` looks at it later.
    mutating func skipValue() throws(Failure) {
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
    mutating func word() throws(Failure) -> Range<Int> {
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
    func byte(_ index: Int) -> UInt8 { lists.text[index] }

    @inline(__always)
    mutating func take(_ wanted: UInt8) -> Bool {
        guard position < count, byte(position) == wanted else { return false }
        position &+= 1
        return true
    }

    @inline(__always)
    mutating func expect(_ wanted: UInt8) throws(Failure) {
        if !take(wanted) { throw Failure() }
    }

    /// Indented files are mostly spaces.
    @inline(__always)
    mutating func skipSpace() {
        if position < count, byte(position) > 0x20 { return }
        skipSpaces()
    }

    private mutating func skipSpaces() {
        var index = position
        defer { position = index }
        let text = lists.text.span
        while index < count {
            if index &+ 8 <= count {
                let others = ByteChunks.whole(text, index) ^ 0x2020_2020_2020_2020
                index &+= others == 0 ? 8 : others.trailingZeroBitCount &>> 3
                if others == 0 { continue }
            }
            switch text[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index &+= 1
            default: return
            }
        }
    }
}
