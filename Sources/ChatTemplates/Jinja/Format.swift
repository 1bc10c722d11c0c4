import Glibc

/// Python's two ways to fill in a text: `'%s' % value` and `'{}'.format(value)`.
extension Interpreter {
    /// `%` formatting with `s r d i f F x X %`, flags `- 0 +`, width and precision.
    func percentFormat(_ format: Text, _ argument: Value) throws(TemplateError) -> Text {
        var values = [argument]
        if case .list(let list) = argument, list.isTuple { values = list.elements }
        return try percentFormat(format, values, named: argument)
    }

    func percentFormat(
        _ format: Text,
        _ values: [Value],
        named: Value
    ) throws(TemplateError) -> Text {
        try charge(format.bytes.count >> 2)
        var builder = TextBuilder()
        var rest = values[...]
        var usesNames = false
        var position = 0
        while let hit = format.bytes[position...].firstIndex(of: UInt8(ascii: "%")) {
            builder.append(format.slice(position..<hit))
            var spec = PercentSpec()
            guard let end = spec.parse(format.bytes, from: hit + 1) else {
                throw fail("the format ends inside a directive")
            }
            position = end
            if spec.letter == UInt8(ascii: "%") {
                builder.append("%")
                continue
            }
            let value: Value
            if let name = spec.name {
                guard case .dict(let dict) = named, let found = dict.get(name) else {
                    throw fail("the format needs a value named '\(name.string)'")
                }
                usesNames = true
                value = found
            } else {
                guard let found = rest.popFirst() else {
                    throw fail("the format needs more values")
                }
                value = found
            }
            let text = try formatted(value, spec)
            try charge(bytes: text.bytes.count + 64)
            builder.append(text)
        }
        builder.append(format.slice(position..<format.bytes.count))
        if !rest.isEmpty && !usesNames, !isDict(named) {
            throw fail("the format uses fewer values")
        }
        return builder.text
    }

    private func isDict(_ value: Value) -> Bool { if case .dict = value { true } else { false } }

    private func formatted(_ value: Value, _ spec: PercentSpec) throws(TemplateError) -> Text {
        switch spec.letter {
        case UInt8(ascii: "s"), UInt8(ascii: "r"):
            var text =
                spec.letter == UInt8(ascii: "s") ? try printed(value) : try represented(value)
            if let precision = spec.precision, precision < text.count {
                text = text.slice(0..<text.offsets[precision])
            }
            return spec.padded(text)
        case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard
                let number = try whole(
                    value,
                    allowsFloat: spec.letter < UInt8(ascii: "x") && spec.letter != UInt8(ascii: "X")
                )
            else {
                throw fail("the format needs a number, not \(value.typeName)")
            }
            let radix = spec.letter | 0x20 == UInt8(ascii: "x") ? 16 : 10
            let digits = String(number, radix: radix, uppercase: spec.letter == UInt8(ascii: "X"))
            return spec.padded(Text(spec.signed(digits)))
        case UInt8(ascii: "f"), UInt8(ascii: "F"):
            guard let number = value.number else {
                throw fail("the format needs a number, not \(value.typeName)")
            }
            return spec.padded(Text(spec.signed(fixed(number, spec.precision ?? 6))))
        default: throw fail("the format directive '%\(Unicode.Scalar(spec.letter))' is not known")
        }
    }

    private func whole(_ value: Value, allowsFloat: Bool) throws(TemplateError) -> Int? {
        if allowsFloat, case .float(let number) = value {
            return Int(exactly: number.rounded(.towardZero))
        }
        return value.integer
    }

    /// `number` with `places` digits behind the point.
    func fixed(_ number: Double, _ places: Int) -> String {
        if !number.isFinite { return Self.number(number) }
        var buffer = [CChar](repeating: 0, count: 512)
        let count = withVaList([Int32(clamping: min(places, 100)), number]) {
            vsnprintf(&buffer, buffer.count, "%.*f", $0)
        }
        return String(
            decoding: buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }

    // MARK: format

    /// `str.format` with `{}`, `{0}`, `{name}` and doubled braces; no format specifications.
    func braceFormat(_ format: Text, _ given: CallArguments) throws(TemplateError) -> Text {
        var builder = TextBuilder()
        var automatic = 0
        var position = 0
        let bytes = format.bytes
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") else {
                let end = bytes[position...].firstIndex { $0 == 0x7B || $0 == 0x7D } ?? bytes.count
                builder.append(format.slice(position..<end))
                position = end
                continue
            }
            if position + 1 < bytes.count, bytes[position + 1] == byte {
                builder.append(format.slice(position..<position + 1))
                position += 2
                continue
            }
            guard byte == UInt8(ascii: "{"), let end = format.find(Text("}"), from: position) else {
                throw fail("a single brace in the format")
            }
            let name = format.slice(position + 1..<end).string
            let text = try printed(try field(name, &automatic, given))
            try charge(bytes: text.bytes.count + 64)
            builder.append(text)
            position = end + 1
        }
        return builder.text
    }

    private func field(
        _ name: String,
        _ automatic: inout Int,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if let named = given.keywords.first(where: { $0.name == name }) { return named.value }
        let index = name.isEmpty ? automatic : Int(name)
        if name.isEmpty { automatic += 1 }
        guard let index, given.positional.indices.contains(index) else {
            throw fail("the format has no value for '{\(name)}'")
        }
        return given.positional[index]
    }
}

/// One `%` directive.
private struct PercentSpec {
    var name: Text?
    var isLeft = false
    var isZero = false
    var hasPlus = false
    var width = 0
    var precision: Int?
    var letter: UInt8 = 0

    /// Reads the directive behind a `%`; where it ends, or nil if the format ends first.
    mutating func parse(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        if index < bytes.count, bytes[index] == UInt8(ascii: "(") {
            guard let close = bytes[index...].firstIndex(of: UInt8(ascii: ")")) else { return nil }
            name = Text(Array(bytes[index + 1..<close]))
            index = close + 1
        }
        flags: while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "-"): isLeft = true
            case UInt8(ascii: "0"): isZero = true
            case UInt8(ascii: "+"): hasPlus = true
            case UInt8(ascii: " "), UInt8(ascii: "#"): break
            default: break flags
            }
            index += 1
        }
        width = Self.number(bytes, &index)
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            precision = Self.number(bytes, &index)
        }
        guard index < bytes.count else { return nil }
        letter = bytes[index]
        return index + 1
    }

    /// Digits as a number of at most 9999.
    private static func number(_ bytes: [UInt8], _ index: inout Int) -> Int {
        var value = 0
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 {
            value = min(value * 10 + Int(bytes[index] - UInt8(ascii: "0")), 9999)
            index += 1
        }
        return value
    }

    func signed(_ digits: String) -> String {
        hasPlus && !digits.hasPrefix("-") ? "+" + digits : digits
    }

    func padded(_ text: Text) -> Text {
        let missing = width - text.count
        if missing <= 0 { return text }
        if isLeft { return text + Text(String(repeating: " ", count: missing)) }
        guard isZero && letter != UInt8(ascii: "s") && letter != UInt8(ascii: "r") else {
            return Text(String(repeating: " ", count: missing)) + text
        }
        let hasSign = text.bytes.first == 0x2B || text.bytes.first == 0x2D
        let sign = text.slice(0..<(hasSign ? 1 : 0))
        return sign + Text(String(repeating: "0", count: missing))
            + text.slice(sign.bytes.count..<text.bytes.count)
    }
}
