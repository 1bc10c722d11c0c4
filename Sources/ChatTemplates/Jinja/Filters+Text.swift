/// Filters that make texts.
extension Interpreter {
    static let textFilters = [
        "upper", "lower", "capitalize", "title", "trim", "replace", "indent", "string", "format",
        "center", "truncate", "urlencode", "wordcount", "wordwrap", "safe", "join", "escape", "e",
        "forceescape",
    ]

    func textFilter(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value? {
        switch name {
        case "join": return try joinFilter(value.plain, given)
        case "escape", "e", "forceescape", "safe": return try html(name, value, given)
        case "upper", "lower", "capitalize", "title", "string", "wordcount":
            _ = try bind(given)
        case "truncate" where value.textValue == nil: return try truncate(value, given)
        case "indent", "truncate", "wordwrap":
            if value.textValue == nil { throw fail("\(name) needs a text, not \(value.typeName)") }
        case "urlencode":
            _ = try bind(given)
            return try urlEncode(value.plain)
        case "trim", "replace", "format", "center": break
        default: return nil
        }
        let source = try printed(value)
        try charge(bytes: source.bytes.count)
        try payForCharacters(name, source)
        return try textFilter(name, of: source, given)
    }

    private func textFilter(
        _ name: String,
        of source: Text,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        switch name {
        case "upper": return try text(source.uppercased)
        case "lower": return try text(source.lowercased)
        case "capitalize": return try text(source.capitalized)
        case "title": return try text(source.jinjaTitle)
        case "trim":
            let characters = try bind(given, "chars")[0] ?? .none
            return try call(.strip, of: source, CallArguments(positional: [characters]))
        case "replace": return try replaceFilter(source, given)
        case "indent": return try indent(source, given)
        case "format": return try text(try formatFilter(source, given))
        case "center":
            let width = try bind(given, "width")[0] ?? .int(80)
            return try call(.center, of: source, CallArguments(positional: [width]))
        case "truncate": return try truncate(source, given)
        case "wordcount": return .int(try words(in: source))
        case "wordwrap": return try wrap(source, given)
        default: return .string(source)
        }
    }

    private func replaceFilter(_ source: Text, _ given: CallArguments) throws(TemplateError) -> Value
    {
        let values = try bind(given, "old", "new", "count", required: 2)
        var limit = Int.max
        if let count = values[2], !count.isNone { limit = try integer(count) }
        return try replace(
            source,
            try printed(values[0] ?? .none),
            with: try printed(values[1] ?? .none),
            limit: limit < 0 ? .max : limit
        )
    }

    private func html(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        _ = try bind(given)
        if name != "forceescape", case .object(is Markup) = value { return value }
        let source = try printed(value)
        try charge(bytes: source.bytes.count * 5)
        return markup(name == "safe" ? source : source.escapedForHTML)
    }

    private func wrap(_ source: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(
            given,
            "width",
            "break_long_words",
            "wrapstring",
            "break_on_hyphens"
        )
        let width = try integer(values[0], default: 79)
        var separator = Text("\n")
        if let text = values[2], !text.isNone { separator = try string(text) }
        var lines: [Value] = []
        for line in source.lines() {
            try charge(line.bytes.count)
            if line.isEmpty {
                lines.append(.string(line))
                continue
            }
            if width < 1 { throw fail("wordwrap needs a width above 0") }
            let wrapped = TextWrap(
                line,
                width: width,
                breaksLongWords: values[1]?.isTrue ?? true,
                breaksOnHyphens: values[3]?.isTrue ?? true
            ).lines
            // A line of white space alone becomes an empty one.
            lines += wrapped.isEmpty ? [.text("")] : wrapped.map(Value.string)
        }
        return try joined(lines, separator)
    }

    /// What looks at each character costs by the character; letter case only beyond ASCII.
    private func payForCharacters(_ name: String, _ text: Text) throws(TemplateError) {
        switch name {
        case "upper", "lower":
            try text.isASCII ? charge(text.bytes.count >> 5) : charge(characters: text)
        case "title", "capitalize", "wordcount", "truncate", "center", "wordwrap":
            try charge(characters: text)
        case "replace", "indent": try charge(text.bytes.count >> 3)
        default: break
        }
    }

    private func words(in text: Text) throws(TemplateError) -> Int {
        var count = 0
        var inWord = false
        for scalar in text.string.unicodeScalars {
            let isWord = scalar.isPythonWord
            if isWord && !inWord { count += 1 }
            inWord = isWord
        }
        return count
    }

    private func formatFilter(_ format: Text, _ given: CallArguments) throws(TemplateError) -> Text
    {
        if given.keywords.isEmpty {
            return try percentFormat(format, given.positional, named: .none)
        }
        if !given.positional.isEmpty { throw fail("format takes values or names, not both") }
        var builder = DictBuilder()
        for keyword in given.keywords { builder.set(keyword.key, keyword.value) }
        let names = try dict(builder)
        return try percentFormat(format, [], named: names)
    }

    private func indent(_ source: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "width", "first", "blank")
        var margin = Text("    ")
        if let text = values[0]?.textValue {
            margin = text
        } else if let width = values[0] {
            let count = max(0, try integer(width))
            try charge(bytes: count)
            margin = Text(String(repeating: " ", count: count))
        }
        let indentsBlank = values[2]?.isTrue ?? false
        var builder = TextBuilder()
        // jinja2 adds a line end first, so that a text that ends in one keeps it.
        let whole = source + Text("\n")
        let ends = whole.lines(keepEnds: true)
        for (index, line) in whole.lines().enumerated() {
            if index > 0 {
                let before = ends[index - 1]
                builder.append(before.slice(before.bytes.count - 1..<before.bytes.count).derived("\n"))
            }
            let isIndented = index == 0 ? values[1]?.isTrue ?? false : indentsBlank || !line.isEmpty
            try charge(bytes: line.bytes.count + margin.bytes.count + 64)
            if isIndented { builder.append(margin) }
            builder.append(line)
        }
        return .string(builder.text)
    }

    private func truncate(_ source: Text, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "length", "killwords", "end", "leeway")
        let length = try integer(values[0], default: 255)
        let end = try string(values[2], default: "...")
        let leeway = try integer(values[3].flatMap { $0.isNone ? nil : $0 }, default: 5)
        let offsets = source.offsets
        let endCount = end.count
        guard length >= endCount, leeway >= 0 else { throw fail("truncate's length is too small") }
        let (limit, overflow) = length.addingReportingOverflow(leeway)
        if overflow || offsets.count - 1 <= limit { return .string(source) }
        let kept = source.slice(0..<offsets[length - endCount])
        if values[1]?.isTrue ?? false { return .string(kept + end) }
        let cut = kept.findLast(Text(" ")) ?? kept.bytes.count
        return .string(kept.slice(0..<cut) + end)
    }

    /// What is no text is returned as it is, if it is short enough, and else is an error.
    private func truncate(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let stand = Text(String(repeating: "-", count: min(try length(of: value), 1 << 20)))
        let short = try truncate(stand, given)
        guard short.textValue?.bytes.count == stand.bytes.count else {
            throw fail("truncate needs a text, not \(value.typeName)")
        }
        return value
    }

    private func urlEncode(_ value: Value) throws(TemplateError) -> Value {
        if case .object(let object) = value, !(object is DictView || object is Generator) {
            return try encoded(try printed(value))
        }
        switch value {
        case .list, .dict, .object, .undefined:
            var pairs = try elements(of: value)
            if case .dict(let dict) = value { pairs = self.pairs(of: dict) }
            var builder = TextBuilder()
            for (index, pair) in pairs.enumerated() {
                let parts = try elements(of: pair)
                guard parts.count == 2 else { throw fail("urlencode needs pairs") }
                if index > 0 { builder.append("&") }
                builder.append(try percentEncoded(try printed(parts[0]), isQuery: true))
                builder.append("=")
                builder.append(try percentEncoded(try printed(parts[1]), isQuery: true))
            }
            return try text(builder.text)
        default: return try encoded(try printed(value))
        }
    }

    private func encoded(_ source: Text) throws(TemplateError) -> Value {
        try text(try percentEncoded(source, isQuery: false))
    }

    private func percentEncoded(_ source: Text, isQuery: Bool) throws(TemplateError) -> Text {
        try charge(source.bytes.count)
        var output: [UInt8] = []
        let safe = isQuery ? Array("_.-~".utf8) : Array("_.-~/".utf8)
        for byte in source.bytes {
            let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
            if isLetter || byte &- UInt8(ascii: "0") < 10 || safe.contains(byte) {
                output.append(byte)
            } else if isQuery && byte == 0x20 {
                output.append(UInt8(ascii: "+"))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                output += Array(("%" + (hex.utf8.count < 2 ? "0" : "") + hex).utf8)
            }
        }
        return source.derived(output)
    }

    private func joinFilter(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "d", "attribute")
        let separator = try printed(values[0] ?? .text(""))
        var items = try elements(of: value)
        if let path = values[1], !path.isNone { items = try follow(path, items) }
        return try joined(items, separator)
    }

    private func joined(_ items: [Value], _ separator: Text) throws(TemplateError) -> Value {
        var builder = TextBuilder()
        for (index, item) in items.enumerated() {
            if index > 0 { builder.append(separator) }
            let part = try printed(item)
            try charge(bytes: part.bytes.count + separator.bytes.count + 64)
            builder.append(part)
        }
        return .string(builder.text)
    }
}
