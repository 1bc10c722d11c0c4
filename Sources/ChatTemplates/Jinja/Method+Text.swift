/// Python's methods of `str`.
extension Interpreter {
    func call(
        _ method: TextMethod,
        of text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        try charge(bytes: text.bytes.count)
        try payForCharacters(method, text)
        switch method {
        case .upper: return try self.text(text.uppercased)
        case .lower, .casefold: return try self.text(text.lowercased)
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
        default:
            _ = try bind(given)
            return .bool(text.isAll(method))
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
        guard let characters = try bind(given, "chars")[0], !characters.isNone else {
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
            let cuts = text.occurrences(of: separator, limit: fromEnd ? .max : limit)
            try charge(cuts.count)
            let width = separator.bytes.count
            pieces = text.pieces(
                between: Array(fromEnd ? cuts.suffix(limit) : cuts[...]),
                width: width
            )
        } else if fromEnd && limit < .max {
            throw fail("rsplit with a limit needs a separator")
        } else {
            pieces = text.splitOnSpace(limit: limit)
        }
        return try list(pieces.map(Value.string))
    }

    private func hasEnd(
        _ text: Text,
        _ given: CallArguments,
        atStart: Bool
    ) throws(TemplateError) -> Value {
        let wanted = try bind(given, "prefix", required: 1)[0] ?? .none
        var options = [wanted]
        if case .list(let list) = wanted, list.isTuple { options = list.elements }
        for option in options {
            let part = try string(option)
            if atStart ? text.hasPrefix(part) : text.hasSuffix(part) { return .bool(true) }
        }
        return .bool(false)
    }

    private func replace(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "old", "new", "count", required: 2)
        let count = try integer(values[2], default: -1)
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
        let values = try elements(of: try bind(given, "iterable", required: 1)[0] ?? .none)
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
        let part = try string(try bind(given, "sub", required: 1)[0])
        let fromEnd = method == .rfind || method == .rindex
        let hit = fromEnd ? text.findLast(part) : text.find(part)
        if let hit { return .int(text.slice(0..<hit).count) }
        if method == .find || method == .rfind { return .int(-1) }
        throw fail("the text is not found")
    }

    private func count(_ text: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let part = try string(try bind(given, "sub", required: 1)[0])
        return .int(part.isEmpty ? text.count + 1 : text.occurrences(of: part).count)
    }

    private func remove(
        _ method: TextMethod,
        _ text: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let part = try string(try bind(given, "part", required: 1)[0])
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
        let separator = try string(try bind(given, "sep", required: 1)[0])
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
        let values = try bind(given, "width", "fillchar", required: 1)
        let fill = method == .zfill ? Text("0") : try string(values[1], default: " ")
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
