import Glibc

extension Interpreter {
    /// Python's `==`. Values nest no deeper than the interpreter allows.
    func equal(_ a: Value, _ b: Value) throws(TemplateError) -> Bool {
        switch (a, b) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let a), .string(let b)):
            guard a.bytes.count == b.bytes.count else { return false }
            try charge(a.bytes.count >> 8)
            return a.bytes == b.bytes
        case (.list(let a), .list(let b)):
            guard a.isTuple == b.isTuple, a.elements.count == b.elements.count else { return false }
            try charge(a.elements.count)
            for (x, y) in zip(a.elements, b.elements) where !(try equal(x, y)) { return false }
            return true
        case (.dict(let a), .dict(let b)): return try equal(a, b)
        case (.int(let a), .int(let b)): return a == b
        case (.object(let a as DictView), .object(let b as DictView)):
            return a === b || a.kind == b.kind && a.kind != .values ? try equal(a, b) : false
        case (.object(let a as RangeObject), .object(let b as RangeObject)):
            return a.count == b.count && (a.count == 0 || a.start == b.start)
                && (a.count < 2 || a.step == b.step)
        case (.object(let markup as Markup), _): return try equal(.string(markup.text), b)
        case (_, .object(let markup as Markup)): return try equal(a, .string(markup.text))
        case (.object(let a), .object(let b)): return a === b
        default: return numberOrder(a, b) == 0
        }
    }

    /// Views of keys and items are sets.
    private func equal(_ a: DictView, _ b: DictView) throws(TemplateError) -> Bool {
        guard a.elements.count == b.elements.count else { return false }
        let members = Value.list(List(b.elements))
        for element in a.elements where !(try contains(members, element)) { return false }
        return true
    }

    /// How two numbers compare, exactly; nil with a NaN or what is no number.
    private func numberOrder(_ a: Value, _ b: Value) -> Int? {
        if let a = a.integer, let b = b.integer { return a < b ? -1 : a > b ? 1 : 0 }
        if case .float(let x) = a, case .float(let y) = b {
            return x < y ? -1 : x > y ? 1 : x == y ? 0 : nil
        }
        if case .float(let x) = a { return b.bigInteger?.order(against: x).map { -$0 } }
        if case .float(let y) = b { return a.bigInteger?.order(against: y) }
        guard let a = a.bigInteger, let b = b.bigInteger else { return nil }
        return a < b ? -1 : a > b ? 1 : 0
    }

    private func equal(_ a: Dict, _ b: Dict) throws(TemplateError) -> Bool {
        guard a.entries.count == b.entries.count else { return false }
        try charge(a.entries.count)
        for (key, value) in a.entries {
            guard let other = b.get(key), try equal(value, other) else { return false }
        }
        return true
    }

    /// Negative, zero or positive, as `a` sorts before, with or after `b`.
    func order(_ a: Value, _ b: Value) throws(TemplateError) -> Int {
        try charge()
        switch (a, b) {
        case (.undefined(let reason), _), (_, .undefined(let reason)): throw fail(reason)
        case (.string(let a), .string(let b)):
            let shared = min(a.bytes.count, b.bytes.count)
            try charge(shared >> 8)
            let first = memcmp(a.bytes, b.bytes, shared)
            return first != 0 ? Int(first) : a.bytes.count - b.bytes.count
        case (.object(let markup as Markup), _): return try order(.string(markup.text), b)
        case (_, .object(let markup as Markup)): return try order(a, .string(markup.text))
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            for (x, y) in zip(a.elements, b.elements) where !(try equal(x, y)) {
                return try order(x, y)
            }
            return a.elements.count - b.elements.count
        default:
            guard a.isNumber && b.isNumber else {
                throw fail("cannot order \(a.typeName) and \(b.typeName)")
            }
            return numberOrder(a, b) ?? 0
        }
    }

    func ordered(
        _ a: Value,
        _ b: Value,
        _ holds: (Int) -> Bool
    ) throws(TemplateError) -> Bool {
        let result = holds(try order(a, b))
        // Nothing is ordered against a NaN.
        if case .float(let number) = a, number.isNaN { return false }
        if case .float(let number) = b, number.isNaN { return false }
        return result
    }

    /// Python's `item in container`.
    func contains(_ container: Value, _ item: Value) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard let part = item.textValue else {
                throw fail("'in' a text needs a text, not \(item.typeName)")
            }
            try charge((text.bytes.count + part.bytes.count) >> 5)
            return text.find(part) != nil
        case .dict(let dict):
            try checkKey(item)
            if case .string(let name) = item { try charge(name.bytes.count >> 6) }
            return dict.get(item) != nil
        case .object(let markup as Markup):
            return try contains(.string(markup.text), item)
        default:
            let values = try elements(of: container)
            try charge(values.count)
            for value in values where try equal(value, item) { return true }
            return false
        }
    }

    /// Refuses a list or dictionary as a key.
    func checkKey(_ value: Value) throws(TemplateError) {
        switch value {
        case .string, .int, .none, .bool: return
        default:
            guard case nil = Key(value) else { return }
            throw fail("a \(value.typeName) cannot be a dictionary key")
        }
    }
}

extension Value {
    var isNumber: Bool {
        switch self {
        case .bool, .int, .big, .float: true
        default: false
        }
    }
}
