extension Lexer {
    mutating func number() throws(TemplateError) {
        let start = position
        if byte() == UInt8(ascii: "0"), let letter = byte(1),
            let radix = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2][
                letter | 0x20
            ]
        {
            position += 2
            return try integer(digits(isHex: radix == 16), radix: radix, at: start)
        }
        var text = digits()
        let followsDot = start > 0 && source[start - 1] == UInt8(ascii: ".")
        var isFloat = false
        if !followsDot {
            if byte() == UInt8(ascii: "."), isDigit(byte(1)) {
                position += 1
                text += "." + digits()
                isFloat = true
            }
            if let exponent = exponent() {
                text += exponent
                isFloat = true
            }
        }
        guard isFloat else { return try integer(text, radix: 10, at: start) }
        guard let value = Double(text) else { throw fail("not a number", at: start) }
        add(.float(value), at: start)
    }

    private mutating func integer(_ text: String, radix: Int, at start: Int) throws(TemplateError) {
        if text.isEmpty { throw fail("expected digits", at: start) }
        if radix == 10, text.count > 1, text.hasPrefix("0"), text.contains(where: { $0 != "0" }) {
            throw fail("a number must not start with 0", at: start)
        }
        if let value = Int(text, radix: radix) { return add(.integer(value), at: start) }
        guard let value = BigInt(digits: text.utf8, radix: radix) else {
            throw fail("not an integer of at most \(BigInt.digitLimit) digits", at: start)
        }
        add(.bigInteger(value), at: start)
    }

    /// Digits, with single underscores between them left out.
    private mutating func digits(isHex: Bool = false) -> String {
        var text = ""
        while let byte = byte() {
            if isDigit(byte, isHex: isHex) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else if byte != UInt8(ascii: "_") || !isDigit(self.byte(1), isHex: isHex) {
                break
            }
            position += 1
        }
        return text
    }

    private mutating func exponent() -> String? {
        guard let letter = byte(), letter | 0x20 == UInt8(ascii: "e") else { return nil }
        var skip = 1
        var sign = ""
        if byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") {
            sign = byte(1) == UInt8(ascii: "-") ? "-" : ""
            skip = 2
        }
        guard isDigit(byte(skip)) else { return nil }
        position += skip
        return "e" + sign + digits()
    }

    private func isDigit(_ byte: UInt8?, isHex: Bool = false) -> Bool {
        guard let byte else { return false }
        return byte &- UInt8(ascii: "0") < 10 || isHex && (byte | 0x20) &- UInt8(ascii: "a") < 6
    }

    mutating func string(quote: UInt8) throws(TemplateError) {
        let start = position
        var bytes: [UInt8] = []
        position += 1
        while let byte = byte() {
            position += 1
            if byte == quote {
                add(.string(bytes), at: start)
                return
            }
            if byte == UInt8(ascii: "\\") { try escape(into: &bytes) } else { bytes.append(byte) }
        }
        throw fail("the string is not closed", at: start)
    }

    /// A backslash escape of a Python string; unknown ones stand for themselves.
    private mutating func escape(into bytes: inout [UInt8]) throws(TemplateError) {
        guard let letter = byte() else { return }
        position += 1
        switch letter {
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "a"): bytes.append(0x07)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "v"): bytes.append(0x0B)
        case 0x0A: break
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): bytes.append(letter)
        case UInt8(ascii: "x"): try hexadecimal(2, into: &bytes)
        case UInt8(ascii: "u"): try hexadecimal(4, into: &bytes)
        case UInt8(ascii: "U"): try hexadecimal(8, into: &bytes)
        case UInt8(ascii: "0")...UInt8(ascii: "7"): octal(letter, into: &bytes)
        case 0x80...:
            // jinja2 turns the character into an escape before it reads escapes.
            position -= 1
            let rest = String(decoding: source[position...].prefix(4), as: UTF8.self)
            guard let scalar = rest.unicodeScalars.first else { return }
            bytes.append(contentsOf: Interpreter.escaped(scalar.value).utf8)
            position += UTF8.width(scalar)
        default: bytes.append(contentsOf: [UInt8(ascii: "\\"), letter])
        }
    }

    private mutating func hexadecimal(_ count: Int, into bytes: inout [UInt8]) throws(TemplateError)
    {
        let text = String(decoding: source[position...].prefix(count), as: UTF8.self)
        guard text.utf8.count == count, text.allSatisfy(\.isHexDigit),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw fail("expected \(count) hexadecimal digits of a character") }
        position += count
        bytes.append(contentsOf: String(scalar).utf8)
    }

    private mutating func octal(_ first: UInt8, into bytes: inout [UInt8]) {
        var value = UInt32(first - UInt8(ascii: "0"))
        var count = 1
        while count < 3, let byte = byte(), byte &- UInt8(ascii: "0") < 8 {
            value = value * 8 + UInt32(byte - UInt8(ascii: "0"))
            position += 1
            count += 1
        }
        if let scalar = Unicode.Scalar(value) { bytes.append(contentsOf: String(scalar).utf8) }
    }
}
