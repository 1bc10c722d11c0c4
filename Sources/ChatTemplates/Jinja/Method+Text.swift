/// Python's methods of `str`.
extension Interpreter {
    func call(
        _ method: TextMethod,
        of text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        try charge(bytes: text.bytes.count)
        try payForCharacters(method, text)
        if method.takesNothing { _ = try positional(given, 0...0) }
        switch method {
        case .upper: return try self.text(text.uppercased)
        case .lower: return try self.text(text.lowercased)
        case .casefold: return try self.text(text.caseFolded)
        case .title: return try self.text(text.pythonTitle)
        case .capitalize: return try self.text(text.capitalized)
        case .swapcase: return try self.text(text.swappedCase)
        case .strip: return try strip(text, given, left: true, right: true)
        case .lstrip: return try strip(text, given, left: true, right: false)
        case .rstrip: return try strip(text, given, left: false, right: true)
        case .split, .rsplit: return try split(text, given, fromEnd: method == .rsplit)
        case .splitlines:
            let keep = try bind(given, "keepends")[0]?.isTrue ?? false
            return try list(text.lines(keepEnds: keep).map(Value.string))
        case .startswith, .endswith: return try hasEnd(text, given, atStart: method == .startswith)
        case .replace: return try replace(text, given)
        case .join: return try join(text, given)
        case .find, .rfind, .index, .rindex: return try find(method, text, given)
        case .count: return try count(text, given)
        case .removeprefix, .removesuffix: return try remove(method, text, given)
        case .partition, .rpartition: return try partition(method, text, given)
        case .zfill, .center, .ljust, .rjust: return try pad(method, text, given)
        case .format: return try self.text(try braceFormat(text, given))
        case .format_map: return try self.text(try formatMap(text, given))
        case .expandtabs: return try expandTabs(text, given)
        case .translate: return try translate(text, given)
        case .encode: throw fail("'encode' is refused: a chat template has no bytes")
        default: return .bool(text.isAll(method))
        }
    }

    /// What looks at each character costs by the character; letter case only beyond ASCII.
    private func payForCharacters(_ method: TextMethod, _ text: Text) throws(TemplateError) {
        switch method {
        case .strip, .lstrip, .rstrip, .startswith, .endswith, .removeprefix, .removesuffix: break
        case .split, .rsplit, .splitlines, .replace, .find, .index, .count, .join, .partition:
            try charge(text.bytes.count >> 3)
        case .upper, .lower, .casefold:
            try text.isASCII ? charge(text.bytes.count >> 5) : charge(characters: text)
        default: try charge(characters: text)
        }
    }

    private func strip(
        _ text: Text,
        _ given: CallArguments,
        left: Bool,
        right: Bool
    ) throws(TemplateError) -> Value {
        guard let characters = try positional(given, 0...1).first, !characters.isNone else {
            return .string(text.trimmed(left: left, right: right))
        }
        let set = Set(try string(characters).scalars)
        return .string(text.trimmed(left: left, right: right) { set.contains($0) })
    }

    private func split(
        _ text: Text,
        _ given: CallArguments,
        fromEnd: Bool
    ) throws(TemplateError) -> Value {
        let values = try bind(given, "sep", "maxsplit")
        let count = try integer(values[1], default: -1)
        let limit = count < 0 ? Int.max : count
        var pieces: [Text]
        if let separator = values[0], !separator.isNone {
            let separator = try string(separator)
            if separator.isEmpty { throw fail("the separator is empty") }
            let cuts =
                fromEnd
                ? text.occurrencesFromEnd(of: separator, limit: limit)
                : text.occurrences(of: separator, limit: limit)
            try charge(cuts.count)
            pieces = text.pieces(between: cuts, width: separator.bytes.count)
        } else {
            pieces = fromEnd ? text.splitOnSpaceFromEnd(limit: limit) : text.splitOnSpace(limit: limit)
        }
        return try list(pieces.map(Value.string))
    }

    private func hasEnd(
        _ text: Text,
        _ given: CallArguments,
        atStart: Bool
    ) throws(TemplateError) -> Value {
        let values = try positional(given, 1...3)
        var options = [values[0]]
        if case .list(let list) = values[0], list.isTuple { options = list.elements }
        var parts: [Text] = []
        for option in options { parts.append(try string(option)) }
        guard let region = try part(of: text, values.dropFirst())?.text else { return .bool(false) }
        return .bool(parts.contains { atStart ? region.hasPrefix($0) : region.hasSuffix($0) })
    }

    /// The part of a text between optional bounds, and the characters before it.
    private func part(
        of text: Text,
        _ bounds: ArraySlice<Value>
    ) throws(TemplateError) -> (text: Text, start: Int)? {
        if bounds.isEmpty { return (text, 0) }
        try charge(text.bytes.count >> 5)
        guard let region = try region(bounds, count: text.count),
            let start = text.offset(ofCodePoint: region.lowerBound),
            let end = text.offset(ofCodePoint: region.upperBound)
        else { return nil }
        return (text.slice(start..<end), region.lowerBound)
    }

    private func replace(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try positional(given, 2...3)
        let count = values.count > 2 ? try integer(values[2]) : -1
        return try replace(
            text,
            try string(values[0]),
            with: try string(values[1]),
            limit: count < 0 ? .max : count
        )
    }

    func replace(
        _ text: Text,
        _ old: Text,
        with new: Text,
        limit: Int
    ) throws(TemplateError) -> Value {
        let hits = old.isEmpty ? text.count + 1 : text.occurrences(of: old, limit: limit).count
        try charge(hits)
        let (growth, overflow) = min(hits, limit).multipliedReportingOverflow(by: new.bytes.count)
        try charge(bytes: overflow ? .max : growth)
        return try self.text(text.replacing(old, with: new, limit: limit))
    }

    private func join(_ separator: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try elements(of: try positional(given, 1...1)[0])
        var builder = TextBuilder()
        for (index, value) in values.enumerated() {
            if index > 0 { builder.append(separator) }
            let part = try string(value)
            try charge(bytes: separator.bytes.count + part.bytes.count + 64)
            builder.append(part)
        }
        return .string(builder.text)
    }

    private func find(
        _ method: TextMethod,
        _ text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let values = try positional(given, 1...3)
        let wanted = try string(values[0])
        let fromEnd = method == .rfind || method == .rindex
        if let (region, start) = try part(of: text, values.dropFirst()) {
            if let hit = fromEnd ? region.findLast(wanted) : region.find(wanted) {
                return .int(start + region.slice(0..<hit).count)
            }
        }
        if method == .find || method == .rfind { return .int(-1) }
        throw fail("the text is not found")
    }

    private func count(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try positional(given, 1...3)
        let wanted = try string(values[0])
        guard let region = try part(of: text, values.dropFirst())?.text else { return .int(0) }
        return .int(wanted.isEmpty ? region.count + 1 : region.occurrences(of: wanted).count)
    }

    private func formatMap(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Text {
        guard case .dict(let dict) = try positional(given, 1...1)[0] else {
            throw fail("format_map needs a dictionary")
        }
        var names = CallArguments()
        for (key, value) in dict.entries {
            guard let name = key.textValue else { continue }
            names.keywords.append(.init(name: name.string, value: value, isInput: name.hasInput))
        }
        return try braceFormat(text, names)
    }

    private func expandTabs(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let size = try integer(try bind(given, "tabsize")[0], default: 8)
        var builder = TextBuilder()
        var column = 0
        var start = 0
        for (index, byte) in text.bytes.enumerated() {
            if byte == 0x09 {
                builder.append(text.slice(start..<index))
                start = index + 1
                let count = size > 0 ? size - column % size : 0
                try charge(bytes: count + 64)
                let tab = text.slice(index..<index + 1)
                builder.append(tab.derived(String(repeating: " ", count: count)))
                column += count
            } else if byte == 0x0A || byte == 0x0D {
                column = 0
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        builder.append(text.slice(start..<text.bytes.count))
        return try self.text(builder.text)
    }

    /// Replaces characters by the table's texts or numbers; none removes one.
    private func translate(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let table = try positional(given, 1...1)[0]
        var builder = TextBuilder()
        for character in try characters(of: text) {
            let source = try printed(character)
            let code = source.scalars.first.map { Int($0.value) } ?? 0
            let found = try item(.int(code), of: table)
            switch found {
            case .undefined: builder.append(source)
            case .none: break
            case .int(let code):
                guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else {
                    throw fail("translate needs characters")
                }
                // Numbers do not tell where they came from.
                builder.append(Text(String(scalar), isInput: true))
            default: builder.append(try string(found))
            }
            try charge(bytes: builder.bytes.count >> 8)
        }
        return try self.text(builder.text)
    }

    private func remove(
        _ method: TextMethod,
        _ text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let part = try string(try positional(given, 1...1)[0])
        if method == .removeprefix {
            return .string(
                text.hasPrefix(part) ? text.slice(part.bytes.count..<text.bytes.count) : text
            )
        }
        return .string(
            text.hasSuffix(part) ? text.slice(0..<text.bytes.count - part.bytes.count) : text
        )
    }

    private func partition(
        _ method: TextMethod,
        _ text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let separator = try string(try positional(given, 1...1)[0])
        if separator.isEmpty { throw fail("the separator is empty") }
        let isLast = method == .rpartition
        guard let hit = isLast ? text.findLast(separator) : text.find(separator) else {
            let parts = isLast ? [Text(""), Text(""), text] : [text, Text(""), Text("")]
            return try list(parts.map(Value.string), isTuple: true)
        }
        let end = hit + separator.bytes.count
        let parts = [
            text.slice(0..<hit), text.slice(hit..<end), text.slice(end..<text.bytes.count),
        ]
        return try list(parts.map(Value.string), isTuple: true)
    }

    private func pad(
        _ method: TextMethod,
        _ text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let values = try positional(given, 1...(method == .zfill ? 1 : 2))
        let fill =
            method == .zfill ? Text("0") : values.count > 1 ? try string(values[1]) : Text(" ")
        if fill.count != 1 { throw fail("the fill must be one character") }
        let missing = max(
            0,
            (try integer(values[0])).subtractingReportingOverflow(text.count).partialValue
        )
        try charge(bytes: missing)
        func run(_ count: Int) -> Text {
            Text(Array(repeatElement(fill.bytes, count: count).joined()), fill.marks)
        }
        switch method {
        case .ljust: return .string(text + run(missing))
        case .rjust: return .string(run(missing) + text)
        case .center:
            // Python puts the odd one on the left when the width is odd.
            let left = missing / 2 + (missing & (text.count + missing) & 1)
            return .string(run(left) + text + run(missing - left))
        default:
            let hasSign = text.bytes.first == 0x2B || text.bytes.first == 0x2D
            let sign = hasSign ? text.slice(0..<1) : Text("")
            return .string(sign + run(missing) + text.slice(sign.bytes.count..<text.bytes.count))
        }
    }
}

extension Value {
    var isNone: Bool { if case .none = self { true } else { false } }
}

extension TextMethod {
    fileprivate var takesNothing: Bool {
        switch self {
        case .upper, .lower, .casefold, .title, .capitalize, .swapcase, .isdigit, .isdecimal,
            .isnumeric, .isalpha, .isalnum, .isspace, .isupper, .islower, .isascii, .istitle,
            .isprintable, .isidentifier:
            true
        default: false
        }
    }
}
