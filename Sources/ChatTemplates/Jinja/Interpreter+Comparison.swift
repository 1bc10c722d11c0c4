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
        case (.object(let a), .object(let b)):
            guard let a = a as? Sequence, let b = b as? Sequence, a.kind == b.kind,
                a.kind == .range || a.kind == .keys
            else { return a === b }
            return try equal(try list(a.take()), try list(b.take()))
        default:
            if let a = a.integer, let b = b.integer { return a == b }
            if let a = a.number, let b = b.number { return a == b }
            return false
        }
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
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            for (x, y) in zip(a.elements, b.elements) where !(try equal(x, y)) {
                return try order(x, y)
            }
            return a.elements.count - b.elements.count
        default:
            if let a = a.integer, let b = b.integer { return a < b ? -1 : a > b ? 1 : 0 }
            guard let x = a.number, let y = b.number else {
                throw fail("cannot order \(a.typeName) and \(b.typeName)")
            }
            return x < y ? -1 : x > y ? 1 : 0
        }
    }

    func ordered(
        _ a: Value,
        _ b: Value,
        _ holds: (Int) -> Bool
    ) throws(TemplateError) -> Bool {
        let result = holds(try order(a, b))
        // Nothing is ordered against a NaN.
        return result && !(a.number?.isNaN ?? false) && !(b.number?.isNaN ?? false)
    }

    /// Python's `item in container`.
    func contains(_ container: Value, _ item: Value) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = item else {
                throw fail("'in' a text needs a text, not \(item.typeName)")
            }
            try charge((text.bytes.count + part.bytes.count) >> 5)
            return text.find(part) != nil
        case .dict(let dict):
            guard Key(item) != nil || item.isUndefined else {
                throw fail("a \(item.typeName) cannot be a dictionary key")
            }
            if case .string(let name) = item { try charge(name.bytes.count >> 6) }
            return dict.get(item) != nil
        default:
            let values = try elements(of: container)
            try charge(values.count)
            for value in values where try equal(value, item) { return true }
            return false
        }
    }
}
