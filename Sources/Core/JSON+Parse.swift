/// Why bytes are not JSON, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    package var message: String
    /// Byte offset of the first byte that does not fit.
    package var offset: Int
    package var line: Int
    package var column: Int
    package var description: String { "\(message) at line \(line), column \(column)" }
}

extension JSON {
    /// Parses one JSON document (RFC 8259). Iterative: depth costs no stack.
    /// - Parameters:
    ///   - maxDepth: nesting above this is an error.
    ///   - maxNodes: more values than this is an error.
    package init(
        parsing bytes: some Sequence<UInt8>,
        maxDepth: Int = Limits.jsonDepth,
        maxNodes: Int = .max
    ) throws(JSONError) {
        let copy = ContiguousArray(bytes)
        let result = copy.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in
                try JSON(parsing: buffer, maxDepth: maxDepth, maxNodes: maxNodes)
            }
        }
        self = try result.get()
    }

    package init(parsing text: String, maxDepth: Int = Limits.jsonDepth) throws(JSONError) {
        try self.init(parsing: text.utf8, maxDepth: maxDepth)
    }

    /// As above, reading the caller's bytes in place.
    package init(
        parsing bytes: UnsafeRawBufferPointer,
        maxDepth: Int = Limits.jsonDepth,
        maxNodes: Int = .max
    ) throws(JSONError) {
        let result = bytes.withMemoryRebound(to: UInt8.self) { buffer in
            Result { () throws(JSONError) in
                var parser = Parser(bytes: buffer, maxDepth: maxDepth, maxNodes: maxNodes)
                return try parser.document()
            }
        }
        self = try result.get()
    }
}

private struct Parser {
    /// A container whose closing bracket has not been seen. A flat struct and not an enum, so that
    /// adding an element mutates in place: an array of n values costs n.
    private struct Open {
        var elements: [JSON] = []
        var members: [JSONObject.Member] = []
        /// The key that waits for its value; nil in an array.
        var key: String?
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let maxDepth: Int
    let maxNodes: Int
    private var position = 0
    private var nodes = 0
    private var stack: [Open] = []

    init(bytes: UnsafeBufferPointer<UInt8>, maxDepth: Int, maxNodes: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
        self.maxNodes = maxNodes
    }

    mutating func document() throws(JSONError) -> JSON {
        while true {
            guard var value = try openOrScalar() else { continue }
            // Attach the finished value; a closing bracket finishes its container in turn.
            while true {
                if stack.isEmpty { return try end(with: value) }
                guard let finished = try attach(value) else { break }
                value = finished
            }
        }
    }

    /// Reads a scalar or an empty container and returns it, or opens a container and returns nil.
    private mutating func openOrScalar() throws(JSONError) -> JSON? {
        nodes += 1
        if nodes > maxNodes { throw error("more than \(maxNodes) values") }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return try openObject()
        case UInt8(ascii: "["): return try openArray()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case nil: throw error("the text ends where a value should be")
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        default: throw error("not a JSON value")
        }
    }

    private mutating func openArray() throws(JSONError) -> JSON? {
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        try push(Open())
        return nil
    }

    private mutating func openObject() throws(JSONError) -> JSON? {
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(JSONObject()) }
        try push(Open(key: try key()))
        return nil
    }

    private mutating func push(_ open: Open) throws(JSONError) {
        if stack.count >= maxDepth { throw error("nested deeper than \(maxDepth) levels") }
        stack.append(open)
    }

    /// Adds `value` to the innermost container; returns the container if that completes it.
    private mutating func attach(_ value: JSON) throws(JSONError) -> JSON? {
        skipSpace()
        let top = stack.count - 1
        if let key = stack[top].key {
            stack[top].members.append(.init(key: key, value: value))
            if take(UInt8(ascii: "}")) {
                return .object(JSONObject(members: stack.removeLast().members))
            }
            guard take(UInt8(ascii: ",")) else { throw error("expected ',' or '}'") }
            skipSpace()
            stack[top].key = try self.key()
        } else {
            stack[top].elements.append(value)
            if take(UInt8(ascii: "]")) { return .array(stack.removeLast().elements) }
            guard take(UInt8(ascii: ",")) else { throw error("expected ',' or ']'") }
        }
        return nil
    }

    private mutating func end(with value: JSON) throws(JSONError) -> JSON {
        skipSpace()
        if position < bytes.count { throw error("text after the end of the value") }
        return value
    }

    private mutating func key() throws(JSONError) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        let key = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw error("expected ':' after the key") }
        return key
    }

    private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else { throw error("not a JSON value") }
        }
        return value
    }
}

// MARK: numbers and strings

extension Parser {
    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let leadingZero = peek() == UInt8(ascii: "0")
        let digits = skipDigits()
        if digits == 0 { throw error("expected a digit") }
        if leadingZero && digits > 1 { throw error("a number must not start with 0") }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            if skipDigits() == 0 { throw error("expected a digit after '.'") }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if skipDigits() == 0 { throw error("expected a digit in the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else {
            throw error("number out of range", at: start)
        }
        return .double(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek(), isDigit(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        skipPlain()
        if peek() == UInt8(ascii: "\"") {
            let text = try validated(UnsafeBufferPointer(rebasing: bytes[start..<position]), start)
            position += 1
            return text
        }
        var buffer = ContiguousArray(bytes[start..<position])
        while true {
            switch peek() {
            case UInt8(ascii: "\""):
                position += 1
                return try validated(buffer.span, start)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &buffer)
            case nil: throw error("the text ends inside a string")
            default: throw error("control character in a string")
            }
            let runStart = position
            skipPlain()
            buffer.append(contentsOf: bytes[runStart..<position])
        }
    }

    /// Skips bytes that stand for themselves, eight at a time while there are so many.
    private mutating func skipPlain() {
        while position &+ 8 <= bytes.count {
            let chunk = UnsafeRawBufferPointer(bytes)
                .loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let ends = Self.endsOfPlain(UInt64(littleEndian: chunk))
            position &+= ends == 0 ? 8 : ends.trailingZeroBitCount / 8
            if ends != 0 { return }
        }
        while let byte = peek(), Self.endsOfPlain(UInt64(byte) | 0x2020_2020_2020_2000) == 0 {
            position += 1
        }
    }

    /// The top bit of the first byte that is a quote, a backslash or a control character; higher
    /// bytes may have theirs for nothing.
    @inline(__always)
    private static func endsOfPlain(_ chunk: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = chunk ^ 0x2222_2222_2222_2222
        let backslashes = chunk ^ 0x5C5C_5C5C_5C5C_5C5C
        let zeros =
            (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
            | (chunk &- 0x2020_2020_2020_2020) & ~chunk
        return zeros & 0x8080_8080_8080_8080
    }

    private func validated(
        _ slice: UnsafeBufferPointer<UInt8>,
        _ start: Int
    ) throws(JSONError) -> String {
        try validated(slice.span, start)
    }

    private func validated(_ span: Span<UInt8>, _ start: Int) throws(JSONError) -> String {
        guard let text = try? UTF8Span(validating: span) else {
            throw error("invalid UTF-8 in a string", at: start)
        }
        return String(copying: text)
    }

    private mutating func escape(into buffer: inout ContiguousArray<UInt8>) throws(JSONError) {
        guard let byte = peek() else { throw error("the text ends inside a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "u"): buffer.append(contentsOf: String(try unicodeEscape()).utf8)
        default: throw error("unknown escape in a string", at: position - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> Character {
        let start = position
        var code = try hex4()
        if code & 0xFC00 == 0xD800, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let low = try hex4()
            guard low & 0xFC00 == 0xDC00 else { throw error("unpaired surrogate", at: start) }
            code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("unpaired surrogate", at: start)
        }
        return Character(scalar)
    }

    private mutating func hex4() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else {
                throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: bytes and positions

extension Parser {
    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private func error(_ message: String, at offset: Int? = nil) -> JSONError {
        let offset = min(offset ?? position, bytes.count)
        let before = bytes[..<offset]
        let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return JSONError(
            message: message,
            offset: offset,
            line: line,
            column: offset - lineStart + 1
        )
    }
}
