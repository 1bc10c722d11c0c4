import Glibc

/// jinja2's filters, apart from those that only make HTML.
extension Interpreter {
    static let filterNames: Set<String> = Set(textFilters).union(listFilters).union(otherFilters)
        .union(refusedFilters)
    private static let otherFilters = [
        "default", "d", "attr", "tojson", "abs", "int", "float", "round", "length", "count",
        "dictsort", "items", "filesizeformat",
    ]
    /// Those that jinja2 has and this engine has not.
    private static let refusedFilters = ["urlize", "xmlattr", "striptags", "random", "pprint"]

    func filter(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if let result = try textFilter(name, value, given) { return result }
        let value = value.plain
        if let result = try listFilter(name, value, given) { return result }
        switch name {
        case "default", "d": return try defaulted(value, given)
        case "attr": return try attributeFilter(value, given)
        case "tojson": return try json(value, given)
        case "length", "count":
            _ = try bind(given)
            return .int(try length(of: value))
        case "abs": return try magnitude(value, given)
        case "int": return try integerFilter(value, given)
        case "float": return try floatFilter(value, given)
        case "round": return try rounded(value, given)
        case "dictsort": return try dictSort(value, given)
        case "filesizeformat": return try fileSize(value, given)
        case "items": return try itemsFilter(value, given)
        default:
            let isRefused = Self.refusedFilters.contains(name)
            throw fail(isRefused ? "the filter '\(name)' is refused" : "there is no filter '\(name)'")
        }
    }

    private func defaulted(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "default_value", "boolean")
        let replaces = value.isUndefined || (values[1]?.isTrue ?? false) && !value.isTrue
        return replaces ? values[0] ?? .text("") : value
    }

    private func attributeFilter(
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let name = try string(try bind(given, "name", required: 1)[0]).string
        return try named(MemberName(name), of: value) ?? .undefined(.attribute(name))
    }

    private func itemsFilter(
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        _ = try bind(given)
        return try deferred(over: value) { [self] () throws(TemplateError) in
            switch value {
            case .undefined: return []
            case .dict(let dict): return pairs(of: dict)
            default: throw fail("items needs a dictionary")
            }
        }
    }

    func length(of value: Value) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return text.count
        case .list(let list): return list.elements.count
        case .dict(let dict): return dict.entries.count
        case .object(let view as DictView): return view.elements.count
        case .object(let range as RangeObject): return range.count
        case .object(let loop as Loop): return loop.items.count
        case .object(let markup as Markup): return markup.text.count
        default: throw fail("a value of type \(value.typeName) has no length")
        }
    }

    private func json(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "ensure_ascii", "indent", "separators", "sort_keys")
        var writer = JSONWriter(
            charge: { [self] (count) throws(TemplateError) in try charge(count) },
            fail: { [self] in fail($0) },
            sorted: { [self] (dict) throws(TemplateError) in try sortedEntries(of: dict) }
        )
        writer.escapesUnicode = values[0]?.isTrue ?? false
        if let indent = values[1], !indent.isNone {
            if let text = indent.textValue {
                writer.indent = text
            } else {
                let width = min(max(try integer(indent), 0), 1024)
                writer.indent = Text(String(repeating: " ", count: width))
            }
            writer.itemSeparator = Text(",")
        }
        if let separators = values[2], !separators.isNone {
            let parts = try elements(of: separators)
            guard parts.count == 2 else { throw fail("separators are two texts") }
            writer.itemSeparator = try string(parts[0])
            writer.keySeparator = try string(parts[1])
        }
        writer.sortsKeys = values[3]?.isTrue ?? false
        try writer.write(value)
        return try text(writer.text)
    }

    /// Entries in the order of their keys.
    private func sortedEntries(of dict: Dict) throws(TemplateError) -> [Dict.Entry] {
        let order = try sortedOrder(dict.entries.map(\.key), reverse: false)
        return order.map { dict.entries[$0] }
    }

    // MARK: numbers

    private func magnitude(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        _ = try bind(given)
        switch value {
        case .undefined(let reason): throw fail(reason)
        case .float(let number): return .float(number.magnitude)
        default:
            guard let integer = value.bigInteger else {
                throw fail("abs needs a number, not \(value.typeName)")
            }
            return .integer(integer.magnitude)
        }
    }

    private func integerFilter(
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let values = try bind(given, "default", "base")
        let base = try integer(values[1], default: 10)
        let fallback = values[0] ?? .int(0)
        switch value {
        case .undefined(let reason): throw fail(reason)
        case .string(let text):
            try charge(characters: text)
            if let number = text.pythonInteger(base: base) { return .integer(number) }
            guard let number = text.pythonFloat, number.isFinite else { return fallback }
            return .integer(BigInt(truncating: number))
        case .float(let number):
            if number.isNaN { return fallback }
            if number.isInfinite { throw fail("infinity is no integer") }
            return .integer(BigInt(truncating: number))
        default: return value.bigInteger.map(Value.integer) ?? fallback
        }
    }

    private func floatFilter(
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let fallback = try bind(given, "default")[0] ?? .float(0)
        switch value {
        case .undefined(let reason): throw fail(reason)
        case .string(let text):
            try charge(characters: text)
            return text.pythonFloat.map(Value.float) ?? fallback
        default: return value.isNumber ? .float(try float(value)) : fallback
        }
    }

    private func rounded(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "precision", "method")
        let method = try string(values[1], default: "common").string
        guard ["common", "ceil", "floor"].contains(method) else {
            throw fail("round's method is common, ceil or floor")
        }
        if case .undefined(let reason) = value { throw fail(reason) }
        guard value.isNumber else { throw fail("round needs a number, not \(value.typeName)") }
        let places = try integer(values[0], default: 0)
        guard (-300...300).contains(places) else { throw fail("round's precision is too large") }
        if method != "common" {
            let scale = powerOfTen(places)
            let scaled = try float(value) * scale
            if !scaled.isFinite { throw fail("infinity cannot be rounded") }
            return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
        }
        if case .float(let number) = value { return .float(roundedToEven(number, places)) }
        guard let integer = value.bigInteger else { return value }
        return try places >= 0 ? .integer(integer) : roundedToEven(integer, places)
    }

    /// Python's `round`: by the exact decimal value, halves to even.
    private func roundedToEven(_ number: Double, _ places: Int) -> Double {
        guard number.isFinite else { return number }
        if places >= 0 { return Double(FormatSpec.printf("f", number, places)) ?? number }
        // Decimal digits of the integer part decide; scientific notation cuts at any of them.
        let width = FormatSpec.printf("f", number.magnitude, 0).utf8.count + places
        if width < 0 { return copysign(0, number) }
        if width == 0 {
            let half = 5 * powerOfTen(-places - 1)
            return copysign(number.magnitude > half ? powerOfTen(-places) : 0, number)
        }
        return Double(FormatSpec.printf("e", number, width - 1)) ?? number
    }

    private func roundedToEven(_ number: BigInt, _ places: Int) throws(TemplateError) -> Value {
        guard case .big(let scale) = try arithmetic(.int(10), .power, .int(-places)).big else {
            return .integer(number)
        }
        let half = BigInt.floorDivide(scale, BigInt(2)).quotient
        let (quotient, rest) = BigInt.floorDivide(number, scale)
        let isUp = rest > half || rest == half && quotient.isOdd
        return .integer((isUp ? quotient + BigInt(1) : quotient) * scale)
    }

    private func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }

    private func fileSize(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let isBinary = try bind(given, "binary")[0]?.isTrue ?? false
        if case .undefined(let reason) = value { throw fail(reason) }
        let parsed = value.isNumber ? value.number : value.textValue?.pythonFloat
        guard let bytes = parsed, bytes.isFinite else {
            throw fail("filesizeformat needs a number")
        }
        if bytes == 1 { return .text("1 Byte") }
        let base: Double = isBinary ? 1024 : 1000
        if bytes < base { return .text("\(BigInt(truncating: bytes).text()) Bytes") }
        var unit = base * base
        for prefix in ["K", "M", "G", "T", "P", "E", "Z", "Y"] {
            if bytes < unit || prefix == "Y" {
                let number = FormatSpec.printf("f", base * bytes / unit, 1)
                let name = isBinary ? prefix + "i" : prefix == "K" ? "k" : prefix
                return .text("\(number) \(name)B")
            }
            unit *= base
        }
        return value
    }
}

extension Value {
    /// The same integer, always as `.big`.
    fileprivate var big: Value { bigInteger.map(Value.big) ?? self }
}

// MARK: reading numbers

extension Text {
    /// What Python's `int(text, base)` accepts.
    func pythonInteger(base: Int) -> BigInt? {
        guard base == 0 || (2...36).contains(base), let ascii = asciiDigits else { return nil }
        var digits = ascii[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        var radix = base
        if digits.first == UInt8(ascii: "0"), digits.count > 1 {
            let letter = digits[digits.startIndex + 1] | 0x20
            let marked = [UInt8(ascii: "x"): 16, UInt8(ascii: "o"): 8, UInt8(ascii: "b"): 2][letter]
            if let marked, base == 0 || base == marked {
                radix = marked
                digits = digits.dropFirst(2)
                if digits.first == UInt8(ascii: "_") { digits = digits.dropFirst() }
            }
        }
        let isPlain = radix == 0
        if isPlain { radix = 10 }
        guard let plain = Self.withoutUnderscores(digits) else { return nil }
        // Without a base a leading zero would mean something else.
        if isPlain, plain.count > 1, plain.first == UInt8(ascii: "0"),
            plain.contains(where: { $0 != UInt8(ascii: "0") })
        {
            return nil
        }
        guard let value = BigInt(digits: plain, radix: radix) else { return nil }
        return isNegative ? -value : value
    }

    /// What Python's `float(text)` accepts.
    var pythonFloat: Double? {
        guard let ascii = asciiDigits, let plain = Self.withoutUnderscores(ascii[...]) else {
            return nil
        }
        let word = String(decoding: plain, as: UTF8.self).lowercased()
        switch word.hasPrefix("-") || word.hasPrefix("+") ? word.dropFirst() : word[...] {
        case "inf", "infinity": return word.hasPrefix("-") ? -.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        guard word.utf8.allSatisfy({ "0123456789.e+-".utf8.contains($0) }) else { return nil }
        var number = word
        // C reads `.5` and `5.`, Swift does not.
        if let point = number.firstIndex(of: ".") {
            let after = number.index(after: point)
            let hasBefore = point > number.startIndex && number[number.index(before: point)].isNumber
            let hasAfter = after < number.endIndex && number[after].isNumber
            guard hasBefore || hasAfter else { return nil }
            if !hasAfter { number.insert("0", at: after) }
            if !hasBefore { number.insert("0", at: point) }
        }
        return Double(number)
    }

    /// Without white space around, and with every script's digits as ASCII; nil with other letters.
    private var asciiDigits: [UInt8]? {
        let text = trimmed()
        if text.isASCII { return text.bytes }
        var output: [UInt8] = []
        for scalar in text.string.unicodeScalars {
            if scalar.isASCII {
                output.append(UInt8(scalar.value))
            } else if scalar.properties.numericType == .decimal,
                let digit = scalar.properties.numericValue
            {
                output.append(UInt8(ascii: "0") + UInt8(digit))
            } else {
                return nil
            }
        }
        return output
    }

    /// Underscores may stand between two digits; nil if one stands elsewhere.
    private static func withoutUnderscores(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.contains(UInt8(ascii: "_")) else { return Array(bytes) }
        var output: [UInt8] = []
        for (index, byte) in zip(bytes.indices, bytes) {
            if byte != UInt8(ascii: "_") {
                output.append(byte)
                continue
            }
            guard index > bytes.startIndex, index + 1 < bytes.endIndex,
                Character(Unicode.Scalar(bytes[index - 1])).isHexOrLetter,
                Character(Unicode.Scalar(bytes[index + 1])).isHexOrLetter
            else { return nil }
        }
        return output
    }
}

extension Character {
    fileprivate var isHexOrLetter: Bool { isASCII && (isNumber || isLetter) }
}
