/// Python's two ways to fill in a text: `'%s' % value` and `'{}'.format(value)`.
extension Interpreter {
    func percentFormat(_ format: Text, _ argument: Value) throws(TemplateError) -> Text {
        var values = [argument]
        if case .list(let list) = argument, list.isTuple { values = list.elements }
        return try percentFormat(format, values, named: argument)
    }

    /// - Parameter named: what `%(name)s` looks in.
    func percentFormat(
        _ format: Text,
        _ values: [Value],
        named: Value
    ) throws(TemplateError) -> Text {
        try charge(format.bytes.count >> 2)
        var builder = TextBuilder()
        var rest = values[...]
        var position = 0
        while let hit = format.bytes[position...].firstIndex(of: UInt8(ascii: "%")) {
            builder.append(format.slice(position..<hit))
            var spec = FormatSpec()
            position = try parsePercent(format, from: hit + 1, &spec, &rest, named)
            let text = try percentField(format.bytes[position - 1], spec, &rest)
            try charge(bytes: text.bytes.count + 64)
            builder.append(text.marked(ifIn: format, hit..<position))
        }
        builder.append(format.slice(position..<format.bytes.count))
        if !rest.isEmpty && !isMapping(named) { throw fail("the format uses fewer values") }
        return builder.text
    }

    /// Whether `%` takes this value as names: it leaves unused ones alone.
    private func isMapping(_ value: Value) -> Bool {
        switch value {
        case .dict, .undefined: true
        case .list(let list): !list.isTuple
        case .object(let object): object is RangeObject
        default: false
        }
    }

    private func nextValue(_ rest: inout ArraySlice<Value>) throws(TemplateError) -> Value {
        guard let value = rest.popFirst() else { throw fail("the format needs more values") }
        return value
    }

    /// Reads a directive up to and with its letter; where it ends.
    private func parsePercent(
        _ format: Text,
        from start: Int,
        _ spec: inout FormatSpec,
        _ rest: inout ArraySlice<Value>,
        _ named: Value
    ) throws(TemplateError) -> Int {
        let bytes = format.bytes
        var index = start
        if index < bytes.count, bytes[index] == UInt8(ascii: "(") {
            guard let close = closing(bytes, from: index) else {
                throw fail("the format ends inside a name")
            }
            let name = format.slice(index + 1..<close)
            guard case .dict(let dict) = named, let found = dict.get(name) else {
                throw fail("the format needs a value named '\(name.string)'")
            }
            rest = [found]
            index = close + 1
        }
        while index < bytes.count, spec.takeFlag(bytes[index]) { index += 1 }
        if let width = try number(bytes, &index, &rest) {
            spec.width = abs(width)
            if width < 0 { spec.align = UInt8(ascii: "<") }
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            spec.precision = max(0, try number(bytes, &index, &rest) ?? 0)
        }
        if index < bytes.count, "hlL".utf8.contains(bytes[index]) { index += 1 }
        guard index < bytes.count else { throw fail("the format ends inside a directive") }
        if spec.align == 0, spec.fillsZeros { spec.fill = Text("0") }
        return index + 1
    }

    /// The bracket that closes the one at `start`.
    private func closing(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        for index in start..<bytes.count {
            if bytes[index] == UInt8(ascii: "(") { depth += 1 }
            if bytes[index] == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// Digits, or `*` for the next value.
    private func number(
        _ bytes: [UInt8],
        _ index: inout Int,
        _ rest: inout ArraySlice<Value>
    ) throws(TemplateError) -> Int? {
        if index < bytes.count, bytes[index] == UInt8(ascii: "*") {
            index += 1
            guard let value = try nextValue(&rest).integer else {
                throw fail("'*' in a format needs an integer")
            }
            return try checkWidth(value)
        }
        return try digits(bytes, &index)
    }

    private func digits(_ bytes: [UInt8], _ index: inout Int) throws(TemplateError) -> Int? {
        let start = index
        var value = 0
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 {
            value = try checkWidth(value * 10 + Int(bytes[index] - UInt8(ascii: "0")))
            index += 1
        }
        return index > start ? value : nil
    }

    private func checkWidth(_ width: Int) throws(TemplateError) -> Int {
        if width.magnitude > FormatSpec.widthLimit {
            throw fail("a width or precision above \(FormatSpec.widthLimit)", .limit)
        }
        return width
    }

    private func percentField(
        _ letter: UInt8,
        _ spec: FormatSpec,
        _ rest: inout ArraySlice<Value>
    ) throws(TemplateError) -> Text {
        if letter == UInt8(ascii: "%") { return Text("%") }
        let value = try nextValue(&rest)
        var spec = spec
        spec.type = letter
        switch letter {
        case UInt8(ascii: "s"), UInt8(ascii: "r"), UInt8(ascii: "a"):
            if spec.align != UInt8(ascii: "<") { spec.align = UInt8(ascii: ">") }
            spec.fill = Text(" ")
            return spec.padded(try converted(value, letter).prefix(spec.precision))
        case UInt8(ascii: "c"):
            if spec.align != UInt8(ascii: "<") { spec.align = UInt8(ascii: ">") }
            spec.fill = Text(" ")
            return spec.padded(try character(value))
        case UInt8(ascii: "d"), UInt8(ascii: "i"), UInt8(ascii: "u"):
            spec.type = UInt8(ascii: "d")
            return spec.percentInteger(try decimal(try whole(value)))
        case UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "o"):
            guard let integer = value.bigInteger else { throw notANumber(value) }
            let radix = letter == UInt8(ascii: "o") ? 8 : 16
            return spec.percentInteger(try digits(of: integer, radix: radix))
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "F"),
            UInt8(ascii: "g"), UInt8(ascii: "G"):
            return spec.padded(number: spec.digits(of: try float(value)))
        default:
            throw fail("the format directive '%\(Unicode.Scalar(letter))' is not known")
        }
    }

    private func notANumber(_ value: Value) -> TemplateError {
        fail("the format needs a number, not \(value.typeName)")
    }

    private func digits(of value: BigInt, radix: Int) throws(TemplateError) -> String {
        if radix == 10 { return try decimal(value) }
        try charge(value.words.count * value.words.count >> 5)
        return value.text(radix: radix)
    }

    /// The integer part of a number.
    private func whole(_ value: Value) throws(TemplateError) -> BigInt {
        if case .float(let number) = value {
            if !number.isFinite { throw fail("the number is not finite") }
            return BigInt(truncating: number)
        }
        guard let integer = value.bigInteger else { throw notANumber(value) }
        return integer
    }

    private func character(_ value: Value) throws(TemplateError) -> Text {
        if let text = value.textValue, text.count == 1 { return text }
        guard let code = value.integer, let value = UInt32(exactly: code),
            let scalar = Unicode.Scalar(value)
        else { throw fail("the format needs a character or its number") }
        // Numbers do not tell where they came from.
        return Text(String(scalar), isInput: true)
    }

    /// `str`, `repr` or `ascii` of a value, by the letter `s`, `r` or `a`.
    private func converted(_ value: Value, _ letter: UInt8) throws(TemplateError) -> Text {
        switch letter {
        case UInt8(ascii: "s"): return try printed(value)
        case UInt8(ascii: "r"): return try represented(value)
        default:
            let text = try represented(value)
            try charge(text.bytes.count)
            return text.mapRuns { bytes in
                var output = ""
                for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
                    output += scalar.isASCII ? String(scalar) : Self.escaped(scalar.value)
                }
                return Array(output.utf8)
            }
        }
    }

    // MARK: format

    /// `str.format` with fields, conversions and format specifications.
    func braceFormat(_ format: Text, _ given: CallArguments) throws(TemplateError) -> Text {
        var numbering = FieldNumbering()
        return try braceFormat(format, given, &numbering, level: 0)
    }

    private func braceFormat(
        _ format: Text,
        _ given: CallArguments,
        _ numbering: inout FieldNumbering,
        level: Int
    ) throws(TemplateError) -> Text {
        if level > 1 { throw fail("a format nests too deep") }
        var builder = TextBuilder()
        var position = 0
        let bytes = format.bytes
        while let hit = bytes[position...].firstIndex(where: { $0 == 0x7B || $0 == 0x7D }) {
            builder.append(format.slice(position..<hit))
            if hit + 1 < bytes.count, bytes[hit + 1] == bytes[hit] {
                builder.append(format.slice(hit..<hit + 1))
                position = hit + 2
                continue
            }
            guard bytes[hit] == 0x7B, let end = closingBrace(bytes, from: hit) else {
                throw fail("a single brace in the format")
            }
            let text = try field(format.slice(hit + 1..<end), given, &numbering, level: level)
            try charge(bytes: text.bytes.count + 64)
            builder.append(text.marked(ifIn: format, hit..<end + 1))
            position = end + 1
        }
        builder.append(format.slice(position..<bytes.count))
        return builder.text
    }

    private func closingBrace(_ bytes: [UInt8], from start: Int) -> Int? {
        var depth = 0
        for index in start..<bytes.count {
            if bytes[index] == 0x7B { depth += 1 }
            if bytes[index] == 0x7D { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }

    /// One field, without its braces: `name!conversion:specification`.
    private func field(
        _ source: Text,
        _ given: CallArguments,
        _ numbering: inout FieldNumbering,
        level: Int
    ) throws(TemplateError) -> Text {
        let bytes = source.bytes
        var end = 0
        var brackets = 0
        while end < bytes.count {
            if bytes[end] == UInt8(ascii: "[") { brackets += 1 }
            if bytes[end] == UInt8(ascii: "]") { brackets -= 1 }
            if brackets == 0, bytes[end] == UInt8(ascii: ":") || bytes[end] == UInt8(ascii: "!") {
                break
            }
            end += 1
        }
        var value = try fieldValue(source.slice(0..<end).string, given, &numbering)
        if end < bytes.count, bytes[end] == UInt8(ascii: "!") {
            guard end + 1 < bytes.count, "sra".utf8.contains(bytes[end + 1]),
                end + 2 == bytes.count || bytes[end + 2] == UInt8(ascii: ":")
            else { throw fail("a conversion is !s, !r or !a") }
            value = .string(try converted(value, bytes[end + 1]))
            end += 2
        }
        let specification = end < bytes.count ? source.slice(end + 1..<bytes.count) : Text("")
        let filled = try braceFormat(specification, given, &numbering, level: level + 1)
        return try formatted(value, filled)
    }

    private func fieldValue(
        _ name: String,
        _ given: CallArguments,
        _ numbering: inout FieldNumbering
    ) throws(TemplateError) -> Value {
        let first = name.prefix { $0 != "." && $0 != "[" }
        var value: Value
        if first.isEmpty || first.allSatisfy({ $0.isASCII && $0.isNumber }) {
            let index = numbering.next(Int(first))
            guard let index, given.positional.indices.contains(index) else {
                throw fail("the format has no value for '{\(name)}'")
            }
            value = given.positional[index]
        } else {
            try charge(given.keywords.count >> 2)
            guard let found = given.keywords.first(where: { $0.name == first }) else {
                throw fail("the format has no value for '{\(name)}'")
            }
            value = found.value
        }
        var rest = name.dropFirst(first.count)
        while let mark = rest.first {
            try charge()
            rest = rest.dropFirst()
            if mark == "." {
                let part = rest.prefix { $0 != "." && $0 != "[" }
                if part.isEmpty { throw fail("an empty attribute in a format") }
                value = try attribute(MemberName(String(part)), of: value)
                rest = rest.dropFirst(part.count)
            } else {
                let part = rest.prefix { $0 != "]" }
                if part.isEmpty || part.count == rest.count {
                    throw fail("an empty or open index in a format")
                }
                value = try item(Int(part).map(Value.int) ?? .text(String(part)), of: value)
                rest = rest.dropFirst(part.count + 1)
                if let next = rest.first, next != ".", next != "[" {
                    throw fail("only '.' or '[' may follow ']' in a format")
                }
            }
        }
        return value
    }

    /// Python's `format(value, specification)`.
    private func formatted(_ value: Value, _ specification: Text) throws(TemplateError) -> Text {
        let value = value.plain
        if specification.isEmpty { return try printed(value) }
        try charge(specification.bytes.count)
        var spec = FormatSpec()
        guard spec.parse(specification) else {
            throw fail("'\(specification.string)' is not a format specification")
        }
        _ = try checkWidth(max(spec.width, spec.precision ?? 0))
        switch value {
        case .string(let text): return try formatted(text, spec)
        case .bool, .int, .big: return try formatted(integer: value, spec)
        case .float(let number):
            guard spec.isForFloat else { throw wrongType(spec, value) }
            return spec.padded(number: spec.digits(of: number))
        default: throw fail("a value of type \(value.typeName) takes no format specification")
        }
    }

    private func formatted(_ text: Text, _ spec: FormatSpec) throws(TemplateError) -> Text {
        guard spec.type == 0 || spec.type == UInt8(ascii: "s"), spec.sign == 0, !spec.isAlternate,
            spec.grouping == 0, spec.align != UInt8(ascii: "="), !spec.zeroNegative
        else { throw wrongType(spec, .string(text)) }
        var spec = spec
        if spec.align == 0 { spec.align = UInt8(ascii: "<") }
        return spec.padded(text.prefix(spec.precision))
    }

    private func formatted(integer value: Value, _ spec: FormatSpec) throws(TemplateError) -> Text {
        guard let integer = value.bigInteger else { throw wrongType(spec, value) }
        switch spec.type {
        case UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "f"), UInt8(ascii: "F"),
            UInt8(ascii: "g"), UInt8(ascii: "G"), UInt8(ascii: "%"):
            guard spec.isForFloat else { throw wrongType(spec, value) }
            return spec.padded(number: spec.digits(of: try float(value)))
        case UInt8(ascii: "c"):
            guard spec.precision == nil, spec.sign == 0, !spec.isAlternate, spec.grouping == 0 else {
                throw wrongType(spec, value)
            }
            var spec = spec
            if spec.align == 0 { spec.align = UInt8(ascii: "<") }
            return spec.padded(try character(value))
        case 0, UInt8(ascii: "d"), UInt8(ascii: "n"), UInt8(ascii: "b"), UInt8(ascii: "o"),
            UInt8(ascii: "x"), UInt8(ascii: "X"):
            guard spec.precision == nil, !spec.zeroNegative, spec.allowsGrouping else {
                throw wrongType(spec, value)
            }
            return spec.padded(number: try digits(of: integer, radix: spec.radix))
        default: throw wrongType(spec, value)
        }
    }

    private func wrongType(_ spec: FormatSpec, _ value: Value) -> TemplateError {
        fail("this format specification is not for a value of type \(value.typeName)")
    }
}

/// Fields are numbered by hand or automatically, not both.
private struct FieldNumbering {
    private var automatic: Int?
    private var isManual = false

    /// The index of a field whose own number is `given`; nil if the two ways mix.
    mutating func next(_ given: Int?) -> Int? {
        if let given {
            isManual = true
            if case nil = automatic { return given }
            return nil
        }
        if isManual { return nil }
        automatic = (automatic ?? -1) + 1
        return automatic
    }
}

extension Text {
    /// This text, as input if that part of the format which asked for it is.
    fileprivate func marked(ifIn format: Text, _ range: Range<Int>) -> Text {
        guard case .none = format.marks else {
            return format.slice(range).hasInput ? Text(bytes, .all) : self
        }
        return self
    }

    /// At most `count` characters; all without a count.
    func prefix(_ count: Int?) -> Text {
        guard let count, let end = offset(ofCodePoint: count) else { return self }
        return slice(0..<end)
    }
}
