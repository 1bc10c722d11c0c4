import Glibc

/// Arithmetic as Python does it.
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
        if operation == .modulo, let format = left.textValue {
            return try percent(left, format, right)
        }
        if case .undefined(let reason) = right { throw fail(reason) }
        if operation == .add, let joined = try joined(left, right) { return joined }
        if operation == .multiply, let repeated = try repeated(left, right) { return repeated }
        if let a = left.integer, let b = right.integer,
            let result = try integers(a, operation, b)
        {
            return result
        }
        if let a = left.bigInteger, let b = right.bigInteger {
            return try integers(a, operation, b)
        }
        return try floats(try float(left), operation, try float(right))
    }

    /// A number as a float; an integer that is too large is an error, as in Python.
    func float(_ value: Value) throws(TemplateError) -> Double {
        guard let number = value.number else {
            throw fail("expected a number, not \(value.typeName)")
        }
        if number.isInfinite, case .big = value { throw fail("the integer is too large for a float") }
        return number
    }

    /// `format % value`; for HTML the value is escaped.
    private func percent(
        _ left: Value,
        _ format: Text,
        _ right: Value
    ) throws(TemplateError) -> Value {
        guard case .object = left else { return try text(try percentFormat(format, right)) }
        return .object(register(Markup(try percentFormat(format, escaped(right)))))
    }

    /// `value` with the texts in it escaped for HTML.
    private func escaped(_ value: Value) -> Value {
        switch value {
        case .string(let text): .string(text.escapedForHTML)
        case .list(let list) where list.isTuple:
            .list(List(list.elements.map(escaped), isTuple: true))
        default: value
        }
    }

    private func joined(_ left: Value, _ right: Value) throws(TemplateError) -> Value? {
        switch (left, right) {
        case (.string(let a), .string(let b)): return try text(a + b)
        case (.object(let a as Markup), _):
            guard let b = right.textValue else { return nil }
            if case .string = right { return markup(a.text + b.escapedForHTML) }
            return markup(a.text + b)
        case (.string(let a), .object(let b as Markup)): return markup(a.escapedForHTML + b.text)
        case (.list(let a), .list(let b)) where a.isTuple == b.isTuple:
            try charge(a.elements.count + b.elements.count)
            return try list(a.elements + b.elements, isTuple: a.isTuple)
        default: return nil
        }
    }

    func markup(_ text: Text) -> Value { .object(register(Markup(text))) }

    private func repeated(_ left: Value, _ right: Value) throws(TemplateError) -> Value? {
        switch (left.plain, right.plain) {
        case (.string(let text), let count), (let count, .string(let text)):
            return try self.count(count).map { (count) throws(TemplateError) in
                try repeated(text, count)
            }
        case (.list(let items), let count), (let count, .list(let items)):
            return try self.count(count).map { (count) throws(TemplateError) in
                try repeated(items, count)
            }
        default: return nil
        }
    }

    /// How often something is repeated; nil if `value` is no integer.
    private func count(_ value: Value) throws(TemplateError) -> Int? {
        guard case .big(let count) = value else { return value.integer }
        return count.isNegative ? 0 : .max
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

    /// Nil if the result may need more than 64 bits.
    private func integers(
        _ a: Int,
        _ operation: Arithmetic,
        _ b: Int
    ) throws(TemplateError) -> Value? {
        func checked(_ result: (partialValue: Int, overflow: Bool)) -> Value? {
            result.overflow ? nil : .int(result.partialValue)
        }
        switch operation {
        case .add: return checked(a.addingReportingOverflow(b))
        case .subtract: return checked(a.subtractingReportingOverflow(b))
        case .multiply: return checked(a.multipliedReportingOverflow(by: b))
        case .divide:
            if b == 0 { throw fail("division by zero") }
            let exact = 1 << 53
            guard a.magnitude <= exact && b.magnitude <= exact else { return nil }
            return .float(Double(a) / Double(b))
        case .floorDivide, .modulo:
            if b == 0 { throw fail("division by zero") }
            guard b != -1 else { return nil }
            let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
            if operation == .modulo { return .int(isBelow ? remainder + b : remainder) }
            return .int(isBelow ? quotient - 1 : quotient)
        case .power: return nil
        }
    }

    private func integers(
        _ a: BigInt,
        _ operation: Arithmetic,
        _ b: BigInt
    ) throws(TemplateError) -> Value {
        try charge((a.words.count * b.words.count) >> 4)
        if b.isZero, [.divide, .floorDivide, .modulo].contains(operation) {
            throw fail("division by zero")
        }
        switch operation {
        case .add: return try integer(a + b)
        case .subtract: return try integer(a - b)
        case .multiply: return try integer(a * b)
        case .divide:
            let quotient = BigInt.ratio(a, b)
            if quotient.isInfinite { throw fail("the quotient is too large for a float") }
            return .float(quotient)
        case .floorDivide: return .integer(BigInt.floorDivide(a, b).quotient)
        case .modulo: return .integer(BigInt.floorDivide(a, b).remainder)
        case .power: return try power(a, b)
        }
    }

    /// An integer of bounded size.
    private func integer(_ value: BigInt) throws(TemplateError) -> Value {
        if value.words.count > BigInt.wordLimit {
            throw fail("an integer of more than \(BigInt.wordLimit * 32) bits", .limit)
        }
        return .integer(value)
    }

    private func power(_ base: BigInt, _ exponent: BigInt) throws(TemplateError) -> Value {
        if exponent.isNegative {
            return try floats(base.double, .power, exponent.double)
        }
        if base.magnitude.small ?? 2 < 2 {
            if exponent.isZero { return .int(1) }
            return .integer(exponent.isOdd ? base : base.magnitude)
        }
        guard let count = exponent.small, count <= BigInt.wordLimit * 32 else {
            throw fail("an integer of more than \(BigInt.wordLimit * 32) bits", .limit)
        }
        var result = BigInt(1)
        for bit in stride(from: Int.bitWidth - 1 - count.leadingZeroBitCount, through: 0, by: -1) {
            result = result * result
            if count >> bit & 1 == 1 { result = result * base }
            try charge(result.words.count)
            _ = try integer(result)
        }
        return .integer(result)
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
            if quotient == 0 { return .float(copysign(0, a / b)) }
            let floor = quotient.rounded(.down)
            return .float(quotient - floor > 0.5 ? floor + 1 : floor)
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
        switch value {
        case .undefined(let reason): throw fail(reason)
        case .float(let number): return .float(-number)
        default:
            guard let integer = value.bigInteger else {
                throw fail("cannot negate \(value.typeName)")
            }
            return .integer(-integer)
        }
    }

    func plus(_ value: Value, at expression: Expression) throws(TemplateError) -> Value {
        position = expression.position
        switch value {
        case .float, .int, .big: return value
        case .bool(let value): return .int(value ? 1 : 0)
        case .undefined(let reason): throw fail(reason)
        default: throw fail("'+' needs a number, not \(value.typeName)")
        }
    }
}
