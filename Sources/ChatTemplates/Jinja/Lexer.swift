/// Cuts a template into tokens, with jinja2's rules for white space: `trim_blocks` and
/// `lstrip_blocks` are on, `-` strips, `+` keeps.
struct Lexer {
    let source: [UInt8]
    var position = 0
    var tokens: [Token] = []
    /// Whether the text at `position` begins a line, as far as jinja2 looks.
    private var lineStarting = true
    private var line: Int32 = 1
    private var lineStart = 0
    private var countedTo = 0

    /// - Parameter source: with `\n` line ends and without the last one.
    init(_ source: [UInt8]) { self.source = source }

    /// As jinja2 reads a template: every line end is `\n`, and one at the very end is dropped.
    static func normalized(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D {
                bytes.append(0x0A)
            } else if !(byte == 0x0A && previous == 0x0D) {
                bytes.append(byte)
            }
            previous = byte
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        return bytes
    }

    mutating func run() throws(TemplateError) -> [Token] {
        while position < source.count { try data() }
        add(.end)
        return tokens
    }

    mutating func add(_ kind: Token.Kind, at offset: Int? = nil) {
        tokens.append(Token(kind: kind, position: place(offset ?? position)))
    }

    /// Line and column of a byte offset; offsets come in rising order.
    mutating func place(_ offset: Int) -> Position {
        while countedTo < min(offset, source.count) {
            if source[countedTo] == 0x0A {
                line += 1
                lineStart = countedTo + 1
            }
            countedTo += 1
        }
        return Position(line: line, column: Int32(clamping: offset - lineStart + 1))
    }

    mutating func fail(_ message: String, at offset: Int? = nil) -> TemplateError {
        TemplateError(
            .syntax,
            message,
            place(offset ?? position),
            lines: SourceLines(source: source)
        )
    }

    func byte(_ offset: Int = 0) -> UInt8? {
        position + offset < source.count ? source[position + offset] : nil
    }

    func starts(with text: StaticString, at offset: Int) -> Bool {
        guard offset + text.utf8CodeUnitCount <= source.count else { return false }
        for index in 0..<text.utf8CodeUnitCount
        where source[offset + index] != text.utf8Start[index] {
            return false
        }
        return true
    }
}

// MARK: text, comments and raw blocks

extension Lexer {
    /// Text up to the next tag, then the tag.
    private mutating func data() throws(TemplateError) {
        let start = position
        guard let tag = nextTag(from: start) else {
            addData(start..<source.count)
            position = source.count
            return
        }
        let kind = source[tag + 1]
        position = tag + 2
        let sign = byte().flatMap { $0 == 0x2D || $0 == 0x2B ? $0 : nil }
        if sign != nil { position += 1 }
        addData(start..<stripped(start..<tag, sign: sign, isVariable: kind == UInt8(ascii: "{")))
        switch kind {
        case UInt8(ascii: "#"): try comment(from: tag)
        case UInt8(ascii: "{"):
            add(.variableBegin, at: tag)
            try code(isBlock: false)
        default:
            if try raw(from: tag) { return }
            add(.blockBegin, at: tag)
            try code(isBlock: true)
        }
    }

    private mutating func addData(_ range: Range<Int>) {
        if !range.isEmpty { add(.data(Array(source[range])), at: range.lowerBound) }
    }

    private func nextTag(from start: Int) -> Int? {
        var index = start
        while let brace = source[index...].firstIndex(of: UInt8(ascii: "{")) {
            guard brace + 1 < source.count else { return nil }
            let next = source[brace + 1]
            if next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#") {
                return brace
            }
            index = brace + 1
        }
        return nil
    }

    /// Where the text before a tag ends once white space is stripped.
    private func stripped(_ range: Range<Int>, sign: UInt8?, isVariable: Bool) -> Int {
        if sign == UInt8(ascii: "-") {
            let text = Text(Array(source[range])).trimmed(left: false)
            return range.lowerBound + text.bytes.count
        }
        if sign != nil || isVariable { return range.upperBound }
        let newline = source[range].lastIndex(of: 0x0A)
        guard newline != nil || lineStarting else { return range.upperBound }
        let lineStart = newline.map { $0 + 1 } ?? range.lowerBound
        let isSpace = Text(Array(source[lineStart..<range.upperBound])).trimmed().isEmpty
        return isSpace ? lineStart : range.upperBound
    }

    private mutating func comment(from tag: Int) throws(TemplateError) {
        // `{#-#}`: the sign that opens may be the one that closes too.
        position = tag + 2
        if let sign = byte(), sign == 0x2D || sign == 0x2B { position += 1 }
        while position < source.count {
            if starts(with: "#}", at: position) {
                let sign = position > tag + 2 ? source[position - 1] : 0
                let kept = position == tag + 3 ? 0 : sign
                position += 2
                finishTag(sign: kept, trimsLine: true)
                return
            }
            position += 1
        }
        // jinja2 overlooks one that the template ends with.
        if tag + 2 == source.count { return }
        throw fail("the comment is not closed; add '#}'", at: tag)
    }

    /// Skips what a closing tag takes with it: all white space after `-`, one line end in a block.
    private mutating func finishTag(sign: UInt8, trimsLine: Bool) {
        let start = position
        if sign == UInt8(ascii: "-") {
            skipSpace()
        } else if trimsLine && sign != UInt8(ascii: "+") && byte() == 0x0A {
            position += 1
        }
        lineStarting = position > start && source[position - 1] == 0x0A
    }

    mutating func skipSpace() {
        while let width = spaceWidth(at: position) { position += width }
    }

    /// Bytes of the white space character at `offset`; nil for anything else.
    private func spaceWidth(at offset: Int) -> Int? {
        guard offset < source.count else { return nil }
        let first = source[offset]
        if first < 0x80 { return Unicode.Scalar(first).isPythonSpace ? 1 : nil }
        let rest = source[offset..<min(offset + 4, source.count)]
        guard let scalar = String(decoding: rest, as: UTF8.self).unicodeScalars.first,
            scalar.isPythonSpace
        else { return nil }
        return UTF8.width(scalar)
    }

    /// A raw block, if the tag at `tag` opens one; `position` is behind the tag's sign.
    private mutating func raw(from tag: Int) throws(TemplateError) -> Bool {
        let saved = position
        skipSpace()
        guard word("raw") else {
            position = saved
            return false
        }
        let sign = byte() == UInt8(ascii: "-") ? UInt8(ascii: "-") : 0
        guard starts(with: "%}", at: position + (sign == 0 ? 0 : 1)) else {
            position = saved
            return false
        }
        position += sign == 0 ? 2 : 3
        finishTag(sign: sign, trimsLine: false)
        let start = position
        while let open = source[position...].firstIndex(of: UInt8(ascii: "{")) {
            if let (before, after, end) = endRaw(at: open) {
                addData(start..<stripped(start..<open, sign: before, isVariable: false))
                position = end
                finishTag(sign: after, trimsLine: true)
                return true
            }
            position = open + 1
        }
        if start == source.count {
            position = start
            return true
        }
        throw fail("the raw block is not closed; add '{% endraw %}'", at: tag)
    }

    /// The signs of `{% endraw %}` at `open` and where it ends.
    private func endRaw(at open: Int) -> (before: UInt8?, after: UInt8, end: Int)? {
        guard starts(with: "{%", at: open) else { return nil }
        var probe = self
        probe.position = open + 2
        var before: UInt8?
        if let sign = probe.byte(), sign == 0x2D || sign == 0x2B {
            before = sign
            probe.position += 1
        }
        probe.skipSpace()
        guard probe.word("endraw") else { return nil }
        var after: UInt8 = 0
        if let sign = probe.byte(), sign == 0x2D || sign == 0x2B {
            after = sign
            probe.position += 1
        }
        guard probe.starts(with: "%}", at: probe.position) else { return nil }
        return (before, after, probe.position + 2)
    }

    /// Takes `text` and the white space behind it.
    private mutating func word(_ text: StaticString) -> Bool {
        guard starts(with: text, at: position) else { return false }
        position += text.utf8CodeUnitCount
        skipSpace()
        return true
    }
}

// MARK: code

extension Lexer {
    /// Tokens up to and with the closing `}}` or `%}`.
    private mutating func code(isBlock: Bool) throws(TemplateError) {
        var brackets: [Symbol] = []
        while true {
            skipSpace()
            if brackets.isEmpty, closeTag(isBlock: isBlock) { return }
            guard let byte = byte() else {
                throw fail("the tag is not closed; add '\(isBlock ? "%}" : "}}")'")
            }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
            case UInt8(ascii: "'"), UInt8(ascii: "\""): try string(quote: byte)
            default:
                if try name() { continue }
                guard let symbol = Symbol(byte, self.byte(1)) else {
                    throw fail("unexpected character in a tag")
                }
                try balance(symbol, &brackets)
                add(.symbol(symbol))
                position += symbol.rawValue.utf8.count
            }
        }
    }

    private mutating func closeTag(isBlock: Bool) -> Bool {
        var sign: UInt8 = 0
        if let byte = byte(), byte == UInt8(ascii: "-") || (isBlock && byte == UInt8(ascii: "+")) {
            sign = byte
        }
        let offset = position + (sign == 0 ? 0 : 1)
        guard isBlock ? starts(with: "%}", at: offset) : starts(with: "}}", at: offset) else {
            return false
        }
        add(isBlock ? .blockEnd : .variableEnd)
        position = offset + 2
        finishTag(sign: sign, trimsLine: isBlock)
        return true
    }

    private mutating func balance(
        _ symbol: Symbol,
        _ brackets: inout [Symbol]
    ) throws(TemplateError) {
        switch symbol {
        case .leftBrace: brackets.append(.rightBrace)
        case .leftBracket: brackets.append(.rightBracket)
        case .leftParenthesis: brackets.append(.rightParenthesis)
        case .rightBrace, .rightBracket, .rightParenthesis:
            guard brackets.popLast() == symbol else {
                throw fail("'\(symbol.rawValue)' closes nothing here")
            }
        default: break
        }
    }

    private mutating func name() throws(TemplateError) -> Bool {
        var end = position
        while end < source.count, isNameByte(source[end]) { end += 1 }
        if end == position { return false }
        let name = String(decoding: source[position..<end], as: UTF8.self)
        guard Array(name.unicodeScalars).isIdentifier else { throw fail("'\(name)' is not a name") }
        add(.name(name))
        position = end
        return true
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
