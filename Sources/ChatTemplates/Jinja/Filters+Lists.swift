/// Filters that take sequences.
extension Interpreter {
    static let listFilters = [
        "first", "last", "list", "reverse", "sort", "unique", "min", "max", "sum", "map", "select",
        "reject", "selectattr", "rejectattr", "batch", "slice", "groupby",
    ]

    func listFilter(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value? {
        switch name {
        case "first":
            return try elements(of: value).first ?? .undefined("there is no first item")
        case "last": return try last(of: value)
        case "list": return try list(try elements(of: value))
        case "reverse": return try reversed(value)
        case "sort": return try sort(value, given)
        case "unique": return try unique(value, given)
        case "min", "max": return try extreme(name, value, given)
        case "sum": return try sum(value, given)
        case "map": return try map(value, given)
        case "select", "reject":
            return try select(value, given, keeps: name == "select", byAttribute: false)
        case "selectattr", "rejectattr":
            return try select(value, given, keeps: name == "selectattr", byAttribute: true)
        case "batch": return try batch(value, given)
        case "slice": return try columns(value, given)
        case "groupby": return try group(value, given)
        default: return nil
        }
    }

    private func last(of value: Value) throws(TemplateError) -> Value {
        if case .object(let sequence as Sequence) = value, sequence.kind == .generator {
            throw fail("a generator has no last item; use |list first")
        }
        return try elements(of: value).last ?? .undefined("there is no last item")
    }

    private func reversed(_ value: Value) throws(TemplateError) -> Value {
        if case .string(let source) = value {
            let characters = try characters(of: source)
            var builder = TextBuilder()
            for character in characters.reversed() { builder.append(try printed(character)) }
            return try text(builder.text)
        }
        return try generator(Array(try elements(of: value).reversed()))
    }

    // MARK: attributes of items

    /// The parts of `a.b.0`, or an integer index.
    private func path(_ value: Value) throws(TemplateError) -> [Value] {
        guard case .string(let text) = value else { return [value] }
        try charge(characters: text)
        return text.split(Text(".")).map { part in Int(part.string).map(Value.int) ?? .string(part)
        }
    }

    private func follow(_ path: [Value], from item: Value) throws(TemplateError) -> Value {
        var value = item
        for part in path {
            try charge()
            value = try self.item(part, of: value)
        }
        return value
    }

    func follow(_ path: Value, _ items: [Value]) throws(TemplateError) -> [Value] {
        let parts = try self.path(path)
        var result: [Value] = []
        for item in items { result.append(try follow(parts, from: item)) }
        return result
    }

    /// What items are compared by: an attribute or themselves, in lower case unless told otherwise.
    private func sortKeys(
        _ items: [Value],
        attribute: Value?,
        isCaseSensitive: Bool
    ) throws(TemplateError) -> [Value] {
        let path = attribute.flatMap { $0.isNone ? nil : $0 }
        var keys = items
        if let path { keys = try follow(path, items) }
        if isCaseSensitive { return keys }
        var folded: [Value] = []
        for key in keys {
            if case .string(let source) = key {
                try charge(characters: source)
                folded.append(try text(source.lowercased))
            } else {
                folded.append(key)
            }
        }
        return folded
    }

    /// A stable sort; Python keeps the order of equals also when it reverses.
    private func sorted(
        _ items: [Value],
        by keys: [Value],
        reverse: Bool
    ) throws(TemplateError) -> [Value] {
        try charge(items.count * 4)
        var order = Array(items.indices)
        var failure: TemplateError?
        order.sort { a, b in
            if failure != nil { return a < b }
            do throws(TemplateError) {
                let comparison = try self.order(keys[a], keys[b])
                return comparison == 0 ? a < b : (comparison < 0) != reverse
            } catch {
                failure = error
                return a < b
            }
        }
        if let failure { throw failure }
        return order.map { items[$0] }
    }

    private func sort(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "reverse", "case_sensitive", "attribute")
        let items = try elements(of: value)
        let isCaseSensitive = values[1]?.isTrue ?? false
        var keys: [Value]
        if let names = values[2]?.textValue, names.find(Text(",")) != nil {
            var columns: [[Value]] = []
            for name in names.split(Text(",")) {
                columns.append(
                    try sortKeys(items, attribute: .string(name), isCaseSensitive: isCaseSensitive)
                )
            }
            keys = items.indices.map { row in .list(List(columns.map { $0[row] })) }
        } else {
            keys = try sortKeys(items, attribute: values[2], isCaseSensitive: isCaseSensitive)
        }
        return try list(try sorted(items, by: keys, reverse: values[0]?.isTrue ?? false))
    }

    func dictSort(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        guard case .dict(let dict) = value else { throw fail("dictsort needs a dictionary") }
        let values = try bind(given, "case_sensitive", "by", "reverse")
        let by = try string(values[1], default: "key").string
        guard by == "key" || by == "value" else { throw fail("dictsort sorts by key or value") }
        let keys = try sortKeys(
            dict.entries.map { by == "key" ? $0.key : $0.value },
            attribute: nil,
            isCaseSensitive: values[0]?.isTrue ?? false
        )
        let reverse = values[2]?.isTrue ?? false
        return try list(try sorted(pairs(of: dict), by: keys, reverse: reverse))
    }

    private func unique(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "case_sensitive", "attribute")
        let items = try elements(of: value)
        let keys = try sortKeys(
            items,
            attribute: values[1],
            isCaseSensitive: values[0]?.isTrue ?? false
        )
        var seen: Set<Key> = []
        var result: [Value] = []
        for (item, key) in zip(items, keys) {
            if case .string(let text) = key { try charge(characters: text) }
            guard let key = Key(key) else { throw fail("unique needs hashable values") }
            if seen.insert(key).inserted { result.append(item) }
        }
        return try generator(result)
    }

    private func extreme(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Value {
        let values = try bind(given, "case_sensitive", "attribute")
        let items = try elements(of: value)
        let keys = try sortKeys(
            items,
            attribute: values[1],
            isCaseSensitive: values[0]?.isTrue ?? false
        )
        guard var best = items.indices.first else { return .undefined("the sequence is empty") }
        for index in items.indices.dropFirst() {
            let comparison = try order(keys[index], keys[best])
            if name == "min" ? comparison < 0 : comparison > 0 { best = index }
        }
        return items[best]
    }

    private func sum(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "attribute", "start")
        var items = try elements(of: value)
        if let path = values[0], !path.isNone { items = try follow(path, items) }
        var total = values[1] ?? .int(0)
        for item in items {
            if item.textValue != nil { throw fail("sum needs numbers, not texts") }
            total = try arithmetic(total, .add, item)
        }
        return total
    }

    // MARK: map and select

    private func map(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        var given = given
        var result: [Value] = []
        let items = try elements(of: value)
        if given.positional.isEmpty {
            let values = try bind(given, "attribute", "default", required: 1)
            let path = try path(values[0] ?? .none)
            for item in items {
                let found = try follow(path, from: item)
                result.append(found.isUndefined ? values[1] ?? found : found)
            }
        } else {
            let name = try string(given.positional.removeFirst()).string
            for item in items {
                try charge()
                result.append(try filter(name, item, given))
            }
        }
        return try generator(result)
    }

    private func select(
        _ value: Value,
        _ given: CallArguments,
        keeps: Bool,
        byAttribute: Bool
    ) throws(TemplateError) -> Value {
        var given = given
        var path: [Value] = []
        if byAttribute {
            if given.positional.isEmpty { throw fail("the attribute's name is missing") }
            path = try self.path(given.positional.removeFirst())
        }
        var testName: String?
        if !given.positional.isEmpty {
            testName = try string(given.positional.removeFirst()).string
        }
        var result: [Value] = []
        for item in try elements(of: value) {
            try charge()
            let subject = try follow(path, from: item)
            let holds = try testName.map { (name) throws(TemplateError) in
                try test(name, subject, given)
            }
            if (holds ?? subject.isTrue) == keeps { result.append(item) }
        }
        return try generator(result)
    }

    // MARK: groups

    private func batch(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "linecount", "fill_with", required: 1)
        let size = try integer(values[0])
        if size < 1 { throw fail("batch needs a size above 0") }
        var rest = try elements(of: value)[...]
        var rows: [Value] = []
        while !rest.isEmpty {
            var row = Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            if let fill = values[1], !fill.isNone, row.count < size {
                try charge(size)
                row += Array(repeating: fill, count: size - row.count)
            }
            rows.append(try list(row))
        }
        return try generator(rows)
    }

    private func columns(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "slices", "fill_with", required: 1)
        let count = try integer(values[0])
        if count < 1 { throw fail("slice needs a number above 0") }
        try charge(count)
        let items = try elements(of: value)
        let (size, longer) = items.count.quotientAndRemainder(dividingBy: count)
        var rows: [Value] = []
        var start = 0
        for index in 0..<count {
            let end = start + size + (index < longer ? 1 : 0)
            var row = Array(items[start..<end])
            if let fill = values[1], !fill.isNone, index >= longer { row.append(fill) }
            rows.append(try list(row))
            start = end
        }
        return try generator(rows)
    }

    private func group(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "attribute", "default", "case_sensitive", required: 1)
        let items = try elements(of: value)
        var found: [Value] = []
        for item in try follow(values[0] ?? .none, items) {
            found.append(item.isUndefined ? values[1] ?? item : item)
        }
        let keys = try sortKeys(
            found,
            attribute: nil,
            isCaseSensitive: values[2]?.isTrue ?? false
        )
        let order = try sorted(items.indices.map(Value.int), by: keys, reverse: false)
        var groups: [Value] = []
        var members: [Value] = []
        var first: Int?
        for place in order.compactMap(\.integer) {
            if let start = first, !(try equal(keys[start], keys[place])) {
                groups.append(try groupTuple(found[start], members))
                members = []
                first = nil
            }
            first = first ?? place
            members.append(items[place])
        }
        if let first { groups.append(try groupTuple(found[first], members)) }
        return try list(groups)
    }

    private func groupTuple(_ key: Value, _ members: [Value]) throws(TemplateError) -> Value {
        let parts = [key, try list(members)]
        return .list(List(parts, isTuple: true, fields: ["grouper", "list"]))
    }
}
