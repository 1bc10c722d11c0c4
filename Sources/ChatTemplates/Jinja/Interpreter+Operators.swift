import Glibc

/// Arithmetic as Python does it; integers that need more than 64 bits are an error.
extension Interpreter {
    func chain(
        _ first: Expression,
        _ rest: [(operation: Arithmetic, operand: Expression)]
    ) throws(TemplateError) -> Value {
        var left = try evaluate(first)
        for (operation, operand) in rest {
            let right = try evaluate(operand)
            position = operand.position
            try charge()
            left = try arithmetic(left, operation, right)
        }
        return left
    }

    func arithmetic(
        _ left: Value,
        _ operation: Arithmetic,
        _ right: Value
    ) throws(TemplateError) -> Value {
        if case .undefined(let reason) = left { throw fail(reason) }
        if case .string(let format) = left, operation == .modulo {
            return try text(try percentFormat(format, right))
        }
        if case .undefined(let reason) = right { throw fail(reason) }
        if operation == .add, let joined = try joined(left, right) { return joined }
        if operation == .multiply, let repeated = try repeated(left, right) { return repeated }
        if let a = left.integer, let b = right.integer {
            return try integers(a, operation, b)
        }
        if let a = left.number, let b = right.number { return try floats(a, operation, b) }
        throw fail("cannot combine \(left.typeName) and \(right.typeName)")
    }

    private func joined(_ left: Value, _ right: Value) throws(TemplateError) -> Value? {
        switch (left, right) {
        case (.string(let a), .string(let b)): return try text(a + b)
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            try charge(a.elements.count + b.elements.count)
            return try list(a.elements + b.elements, isTuple: a.isTuple)
        default: return nil
        }
    }

    private func repeated(_ left: Value, _ right: Value) throws(TemplateError) -> Value? {
        if case .string(let text) = left, let count = right.integer {
            return try repeated(text, count)
        }
        if case .string(let text) = right, let count = left.integer {
            return try repeated(text, count)
        }
        if case .list(let items) = left, let count = right.integer {
            return try repeated(items, count)
        }
        if case .list(let items) = right, let count = left.integer {
            return try repeated(items, count)
        }
        return nil
    }

    private func repeated(_ text: Text, _ count: Int) throws(TemplateError) -> Value {
        let (size, overflow) = text.bytes.count.multipliedReportingOverflow(by: max(count, 0))
        if size == 0 { return .text("") }
        try charge(bytes: overflow ? .max : size)
        try charge(count >> 3)
        var builder = TextBuilder()
        for _ in 0..<count { builder.append(text) }
        return .string(builder.text)
    }

    private func repeated(_ items: List, _ count: Int) throws(TemplateError) -> Value {
        let (size, overflow) = items.elements.count.multipliedReportingOverflow(by: max(count, 0))
        try charge(overflow ? .max : size)
        let elements = size == 0 ? [] : (0..<count).flatMap { _ in items.elements }
        return try list(elements, isTuple: items.isTuple)
    }

    private func integers(_ a: Int, _ operation: Arithmetic, _ b: Int) throws(TemplateError)
        -> Value
    {
        switch operation {
        case .add: return .int(try checked(a.addingReportingOverflow(b)))
        case .subtract: return .int(try checked(a.subtractingReportingOverflow(b)))
        case .multiply: return .int(try checked(a.multipliedReportingOverflow(by: b)))
        case .divide:
            if b == 0 { throw fail("division by zero") }
            return .float(Double(a) / Double(b))
        case .floorDivide, .modulo:
            if b == 0 { throw fail("division by zero") }
            let quotient = try checked(a.dividedReportingOverflow(by: b))
            let remainder = a - quotient * b
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            if operation == .modulo { return .int(isBelow ? remainder + b : remainder) }
            return .int(isBelow ? quotient - 1 : quotient)
        case .power: return try power(a, b)
        }
    }

    private func checked(_ result: (partialValue: Int, overflow: Bool)) throws(TemplateError) -> Int
    {
        if result.overflow { throw fail("an integer needs more than 64 bits", .limit) }
        return result.partialValue
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Value {
        if exponent < 0 {
            if base == 0 { throw fail("zero cannot be raised to a negative power") }
            return .float(pow(Double(base), Double(exponent)))
        }
        if base == 0 || base == 1 { return .int(exponent == 0 ? 1 : base) }
        if base == -1 { return .int(exponent % 2 == 0 ? 1 : -1) }
        var result = 1
        for _ in 0..<min(exponent, 64) {
            result = try checked(result.multipliedReportingOverflow(by: base))
        }
        return .int(result)
    }

    private func floats(
        _ a: Double,
        _ operation: Arithmetic,
        _ b: Double
    ) throws(TemplateError) -> Value {
        switch operation {
        case .add: return .float(a + b)
        case .subtract: return .float(a - b)
        case .multiply: return .float(a * b)
        case .divide:
            if b == 0 { throw fail("division by zero") }
            return .float(a / b)
        case .floorDivide, .modulo:
            if b == 0 { throw fail("division by zero") }
            var remainder = fmod(a, b)
            if remainder != 0 && (remainder < 0) != (b < 0) { remainder += b }
            if operation == .modulo {
                return .float(remainder == 0 ? copysign(0, b) : remainder)
            }
            let quotient = (a - remainder) / b
            return .float(quotient == 0 ? copysign(0, a / b) : quotient.rounded())
        case .power:
            if a == 0 && b < 0 { throw fail("zero cannot be raised to a negative power") }
            let result = pow(a, b)
            if result.isNaN && !a.isNaN && !b.isNaN { throw fail("the power is not a real number") }
            if result.isInfinite && a.isFinite && b.isFinite {
                throw fail("the power is too large")
            }
            return .float(result)
        }
    }

    func negate(_ value: Value, at expression: Expression) throws(TemplateError) -> Value {
        position = expression.position
        if case .undefined(let reason) = value { throw fail(reason) }
        if case .float(let number) = value { return .float(-number) }
        guard let integer = value.integer else { throw fail("cannot negate \(value.typeName)") }
        return .int(try checked(Int(0).subtractingReportingOverflow(integer)))
    }

    func plus(_ value: Value, at expression: Expression) throws(TemplateError) -> Value {
        position = expression.position
        if case .float = value { return value }
        guard let integer = value.integer else {
            throw fail("'+' needs a number, not \(value.typeName)")
        }
        return .int(integer)
    }
}
