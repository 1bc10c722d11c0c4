/// jinja2's tests: what may follow `is`.
extension Interpreter {
    func test(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Bool {
        if let result = try comparisonTest(name, value, given) { return result }
        if let result = try numberTest(name, value, given) { return result }
        _ = try bind(given)
        switch name {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "none": return value.isNone
        case "boolean": if case .bool = value { return true }
        case "true": if case .bool(true) = value { return true }
        case "false": if case .bool(false) = value { return true }
        case "integer": return value.isNumber && value.typeName == "int"
        case "float": if case .float = value { return true }
        case "number": return value.isNumber
        case "string": return value.textValue != nil
        case "mapping": if case .dict = value { return true }
        case "sequence", "iterable": return isSequence(value, orIterable: name == "iterable")
        case "callable": return isCallable(value)
        case "lower", "upper":
            let text = try printed(value)
            try charge(characters: text)
            return text.isAll(name == "lower" ? .islower : .isupper)
        case "escaped": if case .object(is Markup) = value { return true }
        default: throw fail("there is no test named '\(name)'")
        }
        return false
    }

    private func comparisonTest(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Bool? {
        let comparisons: [String] = [
            "eq", "equalto", "==", "ne", "!=", "lt", "lessthan", "<", "le", "<=", "gt",
            "greaterthan", ">", "ge", ">=", "in", "sameas",
        ]
        guard comparisons.contains(name) else { return nil }
        let other = try bind(given, "other", required: 1)[0] ?? .none
        switch name {
        case "eq", "equalto", "==": return try equal(value, other)
        case "ne", "!=": return !(try equal(value, other))
        case "lt", "lessthan", "<": return try ordered(value, other) { $0 < 0 }
        case "le", "<=": return try ordered(value, other) { $0 <= 0 }
        case "gt", "greaterthan", ">": return try ordered(value, other) { $0 > 0 }
        case "ge", ">=": return try ordered(value, other) { $0 >= 0 }
        case "in": return try contains(other, value)
        default: return try isSame(value, other)
        }
    }

    private func isSame(_ a: Value, _ b: Value) throws(TemplateError) -> Bool {
        switch (a, b) {
        case (.undefined, _), (.float, .float): false
        case (.list(let a), .list(let b)): a === b
        case (.dict(let a), .dict(let b)): a === b
        default: a.typeName == b.typeName ? try equal(a, b) : false
        }
    }

    private func numberTest(
        _ name: String,
        _ value: Value,
        _ given: CallArguments
    ) throws(TemplateError) -> Bool? {
        switch name {
        case "odd", "even":
            _ = try bind(given)
            guard case .int(let rest) = try arithmetic(value, .modulo, .int(2)) else {
                return try equal(
                    try arithmetic(value, .modulo, .int(2)),
                    .int(name == "odd" ? 1 : 0)
                )
            }
            return rest == (name == "odd" ? 1 : 0)
        case "divisibleby":
            let divisor = try bind(given, "num", required: 1)[0] ?? .none
            return try equal(try arithmetic(value, .modulo, divisor), .int(0))
        case "filter", "test":
            _ = try bind(given)
            let known = name == "filter" ? Self.filterNames : Self.testNames
            try checkKey(value)
            return value.textValue.map { known.contains($0.string) } ?? false
        default: return nil
        }
    }

    private func isSequence(_ value: Value, orIterable: Bool) -> Bool {
        switch value {
        case .string, .list, .dict, .undefined: return true
        case .object(let object):
            if object is RangeObject || object is Markup { return true }
            return orIterable && (object is DictView || object is Generator || object is Loop)
        default: return false
        }
    }

    private func isCallable(_ value: Value) -> Bool {
        guard case .object(let object) = value else { return value.isUndefined }
        return object is Function || object is Macro || object is BoundMethod || object is Joiner
            || object is Loop
    }

    static let testNames: Set<String> = [
        "boolean", "callable", "defined", "divisibleby", "eq", "equalto", "escaped", "even",
        "false", "filter", "float", "ge", "greaterthan", "gt", "in", "integer", "iterable", "le",
        "lessthan", "lower", "lt", "mapping", "ne", "none", "number", "odd", "sameas", "sequence",
        "string", "test", "true", "undefined", "upper", "==", "!=", "<", "<=", ">", ">=",
    ]
}
