/// jinja2's filters, apart from those for HTML.
extension Interpreter {
    static let filterNames: Set<String> = Set(textFilters).union(listFilters).union(otherFilters)
    private static let otherFilters = [
        "default", "d", "attr", "tojson", "abs", "int", "float", "round", "length", "count",
        "dictsort", "items",
    ]

    func filter(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        if let result = try textFilter(name, value, given) { return result }
        if let result = try listFilter(name, value, given) { return result }
        switch name {
        case "default", "d": return try defaulted(value, given)
        case "attr":
            let name = try string(try bind(given, "name", required: 1)[0]).string
            return try attribute(MemberName(name), of: value)
        case "tojson": return try json(value, given)
        case "length", "count":
            _ = try bind(given)
            return .int(try length(of: value))
        case "abs": return try magnitude(value)
        case "int": return try integerFilter(value, given)
        case "float": return try floatFilter(value, given)
        case "round": return try rounded(value, given)
        case "dictsort": return try dictSort(value, given)
        case "items":
            if case .undefined = value { return try generator([]) }
            guard case .dict(let dict) = value else { throw fail("items needs a dictionary") }
            return try generator(pairs(of: dict))
        default: throw fail("there is no filter named '\(name)'")
        }
    }

    private func defaulted(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "default_value", "boolean")
        let replaces = value.isUndefined || (values[1]?.isTrue ?? false) && !value.isTrue
        return replaces ? values[0] ?? .text("") : value
    }

    func length(of value: Value) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return text.count
        case .list(let list): return list.elements.count
        case .dict(let dict): return dict.entries.count
        case .object(let sequence as Sequence) where sequence.kind != .generator:
            return sequence.take().count
        case .object(let loop as Loop): return loop.items.count
        default: throw fail("a value of type \(value.typeName) has no length")
        }
    }

    private func json(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "ensure_ascii", "indent", "separators", "sort_keys")
        var writer = JSONWriter(
            charge: { [self] (count) throws(TemplateError) in try charge(count) },
            fail: { [self] in fail($0) }
        )
        writer.escapesUnicode = values[0]?.isTrue ?? false
        if let indent = values[1], !indent.isNone {
            if let text = indent.textValue {
                writer.indent = text.string
            } else {
                let width = min(max(try integer(indent), 0), 1024)
                writer.indent = String(repeating: " ", count: width)
            }
            writer.itemSeparator = ","
        }
        if let separators = values[2], !separators.isNone {
            let parts = try elements(of: separators)
            guard parts.count == 2 else { throw fail("separators are two texts") }
            writer.itemSeparator = try string(parts[0]).string
            writer.keySeparator = try string(parts[1]).string
        }
        writer.sortsKeys = values[3]?.isTrue ?? false
        try writer.write(value)
        // Escapes move bytes around: what holds input is input as a whole.
        return try text(Text(writer.output, value.hasInput ? .all : .none))
    }

    // MARK: numbers

    private func magnitude(_ value: Value) throws(TemplateError) -> Value {
        if case .float(let number) = value { return .float(number.magnitude) }
        guard let integer = value.integer, integer != .min else {
            throw fail("abs needs a number, not \(value.typeName)")
        }
        return .int(abs(integer))
    }

    private func integerFilter(
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let values = try bind(given, "default", "base")
        let base = try integer(values[1], default: 10)
        if case .undefined(let reason) = value { throw fail(reason) }
        if let number = value.integer { return .int(number) }
        if let text = value.textValue {
            try charge(characters: text)
            if (2...36).contains(base), let number = pythonInteger(text, base) {
                return .int(number)
            }
            guard let number = pythonFloat(text) else { return values[0] ?? .int(0) }
            return whole(number) ?? values[0] ?? .int(0)
        }
        if case .float(let number) = value { return whole(number) ?? values[0] ?? .int(0) }
        return values[0] ?? .int(0)
    }

    private func whole(_ number: Double) -> Value? {
        number.isFinite ? Int(exactly: number.rounded(.towardZero)).map(Value.int) : nil
    }

    /// What `int(text, base)` accepts.
    private func pythonInteger(_ text: Text, _ base: Int) -> Int? {
        var digits = text.trimmed().string.replacing("_", with: "")[...]
        let prefix = [16: "0x", 8: "0o", 2: "0b"][base]
        if let prefix, digits.lowercased().hasPrefix(prefix) { digits = digits.dropFirst(2) }
        return Int(digits, radix: base)
    }

    /// What `float(text)` accepts.
    private func pythonFloat(_ text: Text) -> Double? {
        let word = text.trimmed().string.lowercased()
        if word.contains("x") || word.contains("p") { return nil }
        return Double(word)
    }

    private func floatFilter(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value
    {
        let fallback = try bind(given, "default")[0] ?? .float(0)
        if case .undefined(let reason) = value { throw fail(reason) }
        if let number = value.number { return .float(number) }
        if let text = value.textValue { try charge(characters: text) }
        return value.textValue.flatMap(pythonFloat).map(Value.float) ?? fallback
    }

    private func rounded(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "precision", "method")
        let places = try integer(values[0], default: 0)
        let method = try string(values[1], default: "common").string
        guard let number = value.number else {
            throw fail("round needs a number, not \(value.typeName)")
        }
        guard (-300...300).contains(places) else { throw fail("round's precision is too large") }
        switch method {
        case "common":
            if case .float = value { return .float(roundedToEven(number, places)) }
            return places >= 0 ? value : .int(Int(exactly: roundedToEven(number, places)) ?? 0)
        case "ceil", "floor":
            let scale = powerOfTen(places)
            let scaled = number * scale
            return .float((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / scale)
        default: throw fail("round's method is common, ceil or floor")
        }
    }

    /// Python's `round`: by the exact decimal value, halves to even.
    private func roundedToEven(_ number: Double, _ places: Int) -> Double {
        guard number.isFinite else { return number }
        if places >= 0 { return Double(fixed(number, min(places, 100))) ?? number }
        let scale = powerOfTen(-places)
        return (number / scale).rounded(.toNearestOrEven) * scale
    }

    private func powerOfTen(_ exponent: Int) -> Double { Double("1e\(exponent)") ?? 1 }
}
