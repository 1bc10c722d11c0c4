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
        case "first": return try first(of: value, given)
        case "last": return try last(of: value, given)
        case "list":
            _ = try bind(given)
            return try list(try elements(of: value))
        case "reverse": return try reversed(value, given)
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

    private func first(of value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        _ = try bind(given)
        let nothing = Value.undefined(.other("there is no first item"))
        if case .object(let generator as Generator) = value {
            return try generator.next() ?? nothing
        }
        return try elements(of: value).first ?? nothing
    }

    private func last(of value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        _ = try bind(given)
        if case .object(is Generator) = value {
            throw fail("a generator has no last item; use |list first")
        }
        return try elements(of: value).last ?? .undefined(.other("there is no last item"))
    }

    private func reversed(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        _ = try bind(given)
        if case .string(let source) = value {
            let characters = try characters(of: source)
            var builder = TextBuilder()
            for character in characters.reversed() { builder.append(try printed(character)) }
            return try text(builder.text)
        }
        let items = try elements(of: value)
        if case .object(is Generator) = value { return try list(items.reversed()) }
        return try deferred(over: value) { items.reversed() }
    }

    // MARK: attributes of items

    /// The parts of `a.b.0`, or an integer index.
    private func path(_ value: Value) throws(TemplateError) -> [Value] {
        if value.isNone { return [] }
        guard let text = value.textValue else { return [value] }
        try charge(characters: text)
        return text.split(Text(".")).map { part in
            let isNumber = !part.isEmpty && part.isAll(.isdigit)
            return isNumber ? part.pythonInteger(base: 10).map(Value.integer) ?? .string(part) : .string(part)
        }
    }

    /// - Parameter fallback: stands for what is undefined on the way.
    private func follow(
        _ path: [Value],
        from item: Value,
        default fallback: Value? = nil
    ) throws(TemplateError) -> Value {
        var value = item
        for part in path {
            try charge()
            value = try self.item(part, of: value)
            if let fallback, value.isUndefined { value = fallback }
        }
        return value
    }

    func follow(
        _ path: Value,
        _ items: [Value],
        default fallback: Value? = nil
    ) throws(TemplateError) -> [Value] {
        let parts = try self.path(path)
        var result: [Value] = []
        for item in items { result.append(try follow(parts, from: item, default: fallback)) }
        return result
    }

    /// What items are compared by: an attribute or themselves, in lower case unless told otherwise.
    private func sortKeys(
        _ items: [Value],
        attribute: Value?,
        isCaseSensitive: Bool
    ) throws(TemplateError) -> [Value] {
        let keys = try follow(attribute ?? .none, items)
        if isCaseSensitive { return keys }
        var folded: [Value] = []
        for key in keys {
            if let source = key.textValue {
                try charge(characters: source)
                folded.append(try text(source.lowercased))
            } else {
                folded.append(key)
            }
        }
        return folded
    }

    private func sorted(
        _ items: [Value],
        by keys: [Value],
        reverse: Bool
    ) throws(TemplateError) -> [Value] {
        try sortedOrder(keys, reverse: reverse).map { items[$0] }
    }

    /// The places of `keys` in rising order. A stable sort; Python keeps the order of equals also
    /// when it reverses.
    func sortedOrder(_ keys: [Value], reverse: Bool) throws(TemplateError) -> [Int] {
        try charge(keys.count * 4)
        var order = Array(keys.indices)
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
        return order
    }

    /// Keys are lists, as in jinja2, so that equal values need no order.
    private func sort(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "reverse", "case_sensitive", "attribute")
        let items = try elements(of: value)
        let isCaseSensitive = values[1]?.isTrue ?? false
        var attributes = [values[2] ?? .none]
        if let names = values[2]?.textValue { attributes = names.split(Text(",")).map(Value.string) }
        var columns: [[Value]] = []
        for attribute in attributes {
            columns.append(
                try sortKeys(items, attribute: attribute, isCaseSensitive: isCaseSensitive)
            )
        }
        let keys = items.indices.map { row in Value.list(List(columns.map { $0[row] })) }
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
        return try deferred(over: value) { [self] () throws(TemplateError) in
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
            return result
        }
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
        guard var best = items.indices.first else {
            return .undefined(.other("the sequence is empty"))
        }
        for index in items.indices.dropFirst() {
            let isBetter =
                name == "min"
                ? try ordered(keys[index], keys[best]) { $0 < 0 }
                : try ordered(keys[index], keys[best]) { $0 > 0 }
            if isBetter { best = index }
        }
        return items[best]
    }

    private func sum(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "attribute", "start")
        var items = try elements(of: value)
        if let path = values[0], !path.isNone { items = try follow(path, items) }
        var total = values[1] ?? .int(0)
        if total.textValue != nil { throw fail("sum needs numbers, not texts") }
        for item in items {
            total = try arithmetic(total, .add, item)
        }
        return total
    }

    // MARK: map and select

    private func map(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        try each(of: value) { [self] () throws(TemplateError) in
            var given = given
            if given.positional.isEmpty, given.keywords.contains(where: { $0.name == "attribute" }) {
                let values = try bind(given, "attribute", "default")
                let path = try path(values[0] ?? .none)
                let fallback = values[1].flatMap { $0.isNone ? nil : $0 }
                return { (item) throws(TemplateError) in
                    try self.follow(path, from: item, default: fallback)
                }
            }
            if given.positional.isEmpty { throw fail("map needs the name of a filter") }
            let name = try string(given.positional.removeFirst()).string
            return { [given] (item) throws(TemplateError) in try self.filter(name, item, given) }
        }
    }

    private func select(
        _ value: Value,
        _ given: CallArguments,
        keeps: Bool,
        byAttribute: Bool
    ) throws(TemplateError) -> Value {
        try each(of: value) { [self] () throws(TemplateError) in
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
            return { [given, path, testName] (item) throws(TemplateError) in
                let subject = try self.follow(path, from: item)
                guard let testName else { return subject.isTrue == keeps ? item : nil }
                return try self.test(testName, subject, given) == keeps ? item : nil
            }
        }
    }

    /// A generator of what the function that `prepare` makes returns for each item; nil drops it.
    /// As in jinja2, nothing is looked at before the first item is asked for.
    private func each(
        of value: Value,
        _ prepare: @escaping () throws(TemplateError) -> (
            (Value) throws(TemplateError) -> Value?
        )
    ) throws(TemplateError) -> Value {
        var change: ((Value) throws(TemplateError) -> Value?)?
        var rest: ArraySlice<Value> = []
        return try generator(over: value) { [self] () throws(TemplateError) in
            guard value.isTrue else { return nil }
            if case nil = change {
                change = try prepare()
                if case .object(is Generator) = value {} else { rest = try elements(of: value)[...] }
            }
            while let item = try nextItem(of: value, &rest) {
                try charge()
                if let made = try change?(item) { return made }
            }
            return nil
        }
    }

    /// The next item of a generator, or of what is left of other values.
    private func nextItem(
        of value: Value,
        _ rest: inout ArraySlice<Value>
    ) throws(TemplateError) -> Value? {
        if case .object(let generator as Generator) = value { return try generator.next() }
        return rest.popFirst()
    }

    // MARK: groups

    /// Rows of `linecount` items; a row is full when its length equals it, as in jinja2.
    private func batch(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "linecount", "fill_with", required: 1)
        return try deferred(over: value) { [self] () throws(TemplateError) in
            let size = values[0]?.number ?? -1
            var rows: [Value] = []
            var row: [Value] = []
            for item in try elements(of: value) {
                if Double(row.count) == size {
                    rows.append(try list(row))
                    row = []
                }
                row.append(item)
            }
            if row.isEmpty { return rows }
            if let fill = values[1], !fill.isNone {
                let missing = try integer(values[0]) - row.count
                try charge(max(0, missing))
                row += Array(repeating: fill, count: max(0, missing))
            }
            return rows + [try list(row)]
        }
    }

    private func columns(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "slices", "fill_with", required: 1)
        return try deferred(over: value) { [self] () throws(TemplateError) in
            let items = try elements(of: value)
            let count = try integer(values[0])
            if count == 0 { throw fail("slice needs a number above 0") }
            if count < 0 { return [] }
            try charge(count)
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
            return rows
        }
    }

    private func group(_ value: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        let values = try bind(given, "attribute", "default", "case_sensitive", required: 1)
        let items = try elements(of: value)
        let fallback = values[1].flatMap { $0.isNone ? nil : $0 }
        let found = try follow(values[0] ?? .none, items, default: fallback)
        let keys = try sortKeys(
            found,
            attribute: nil,
            isCaseSensitive: values[2]?.isTrue ?? false
        )
        var groups: [Value] = []
        var members: [Value] = []
        var first: Int?
        for place in try sortedOrder(keys, reverse: false) {
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
