/// Expressions, loosest first: `if else`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`,
/// `**`, signs, and what follows a primary.
extension Parser {
    mutating func expression(isConditional: Bool = true) throws(TemplateError) -> Expression {
        try nested { (parser) throws(TemplateError) in
            isConditional ? try parser.conditional() : try parser.disjunction()
        }
    }

    private mutating func conditional() throws(TemplateError) -> Expression {
        let start = position
        let known = unknownNames.count
        var result = try disjunction()
        var levels = 0
        while take(word: "if") {
            // Each round nests the tree by one.
            levels += 1
            if levels > 16 { throw fail("too many conditions in a row; use brackets") }
            let test = try disjunction()
            let otherwise =
                take(word: "else")
                ? try nested { (p) throws(TemplateError) in
                    try p.conditional()
                } : nil
            result = Expression(
                kind: .conditional(test: test, then: result, otherwise: otherwise),
                position: start
            )
            forgetUnknownNames(after: known)
        }
        return result
    }

    private mutating func disjunction() throws(TemplateError) -> Expression {
        let start = position
        var operands = [try conjunction()]
        while take(word: "or") { operands.append(try conjunction()) }
        return operands.count == 1 ? operands[0] : Expression(kind: .or(operands), position: start)
    }

    private mutating func conjunction() throws(TemplateError) -> Expression {
        let start = position
        var operands = [try negation()]
        while take(word: "and") { operands.append(try negation()) }
        return operands.count == 1 ? operands[0] : Expression(kind: .and(operands), position: start)
    }

    private mutating func negation() throws(TemplateError) -> Expression {
        let start = position
        guard isWord("not") else { return try comparison() }
        advance()
        let operand = try nested { (parser) throws(TemplateError) in try parser.negation() }
        return Expression(kind: .not(operand), position: start)
    }

    private mutating func comparison() throws(TemplateError) -> Expression {
        let start = position
        let first = try sum()
        var rest: [(Comparison, Expression)] = []
        while let operation = comparisonOperator() { rest.append((operation, try sum())) }
        return rest.isEmpty
            ? first : Expression(kind: .comparison(first, rest), position: start)
    }

    private mutating func comparisonOperator() -> Comparison? {
        let found: Comparison? =
            switch current {
            case .symbol(.equal): .equal
            case .symbol(.notEqual): .notEqual
            case .symbol(.less): .less
            case .symbol(.lessOrEqual): .lessOrEqual
            case .symbol(.greater): .greater
            case .symbol(.greaterOrEqual): .greaterOrEqual
            case .name("in"): .isIn
            case .name("not") where next == .name("in"): .isNotIn
            default: nil
            }
        if found != nil { advance() }
        if found == .isNotIn { advance() }
        return found
    }

    private mutating func sum() throws(TemplateError) -> Expression {
        try chain([.add: .add, .subtract: .subtract]) { (p) throws(TemplateError) in
            try p.concatenation()
        }
    }

    private mutating func concatenation() throws(TemplateError) -> Expression {
        let start = position
        var operands = [try product()]
        while take(.tilde) { operands.append(try product()) }
        return operands.count == 1
            ? operands[0] : Expression(kind: .concatenation(operands), position: start)
    }

    private mutating func product() throws(TemplateError) -> Expression {
        try chain([
            .multiply: .multiply, .divide: .divide, .floorDivide: .floorDivide, .modulo: .modulo,
        ]) { (p) throws(TemplateError) in try p.power() }
    }

    private mutating func power() throws(TemplateError) -> Expression {
        try chain([.power: .power]) { (p) throws(TemplateError) in try p.unary() }
    }

    /// Operands of one precedence, joined from the left.
    private mutating func chain(
        _ operations: KeyValuePairs<Symbol, Arithmetic>,
        _ operand: (inout Parser) throws(TemplateError) -> Expression
    ) throws(TemplateError) -> Expression {
        let start = position
        let first = try operand(&self)
        var rest: [(Arithmetic, Expression)] = []
        while case .symbol(let symbol) = current,
            let operation = operations.first(where: { $0.key == symbol })?.value
        {
            advance()
            rest.append((operation, try operand(&self)))
        }
        return rest.isEmpty
            ? first : Expression(kind: .arithmetic(first, rest), position: start)
    }

    private mutating func unary(hasFilters: Bool = true) throws(TemplateError) -> Expression {
        let start = position
        var result: Expression
        if take(.subtract) {
            let operand = try nested { (p) throws(TemplateError) in try p.unary(hasFilters: false) }
            result = Expression(kind: .negative(operand), position: start)
        } else if take(.add) {
            let operand = try nested { (p) throws(TemplateError) in try p.unary(hasFilters: false) }
            result = Expression(kind: .positive(operand), position: start)
        } else {
            result = try primary()
        }
        var steps: [Step] = []
        try postfixes(into: &steps)
        if hasFilters { try filters(into: &steps) }
        if !steps.isEmpty {
            result = Expression(kind: .postfix(result, steps), position: start)
        }
        return result
    }

    // MARK: primaries

    mutating func primary() throws(TemplateError) -> Expression {
        let start = position
        let token = current
        advance()
        switch token {
        case .name(let name): return Expression(kind: nameOrConstant(name), position: start)
        case .string(var bytes):
            while case .string(let more) = current {
                bytes += more
                advance()
            }
            return Expression(kind: .literal(.string(Text(bytes))), position: start)
        case .bigInteger(let value):
            return Expression(kind: .literal(.big(value)), position: start)
        case .integer(let value): return Expression(kind: .literal(.int(value)), position: start)
        case .float(let value): return Expression(kind: .literal(.float(value)), position: start)
        case .symbol(.leftParenthesis):
            let inner = try tuple(isParenthesized: true)
            try expect(.rightParenthesis)
            return inner
        case .symbol(.leftBracket): return try list(start)
        case .symbol(.leftBrace): return try dict(start)
        default: throw fail("unexpected \(token.label)", at: start)
        }
    }

    private mutating func nameOrConstant(_ name: String) -> Expression.Kind {
        switch name {
        case "true", "True": return .literal(.bool(true))
        case "false", "False": return .literal(.bool(false))
        case "none", "None": return .literal(.none)
        default:
            let number = number(of: name)
            read(number)
            return .name(number)
        }
    }

    /// One expression, or several with commas, which make a tuple.
    mutating func tuple(
        isParenthesized: Bool = false,
        isConditional: Bool = true
    ) throws(TemplateError) -> Expression {
        let start = position
        var items: [Expression] = []
        var isTuple = false
        while !isTupleEnd {
            items.append(try expression(isConditional: isConditional))
            guard take(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let only = items.first { return only }
        if !isTuple && !isParenthesized { throw fail("expected an expression") }
        return Expression(kind: .tuple(items), position: start)
    }

    var isTupleEnd: Bool {
        switch current {
        case .variableEnd, .blockEnd, .symbol(.rightParenthesis): true
        default: false
        }
    }

    private mutating func list(_ start: Position) throws(TemplateError) -> Expression {
        var items: [Expression] = []
        while current != .symbol(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            if current == .symbol(.rightBracket) { break }
            items.append(try expression())
        }
        try expect(.rightBracket)
        return Expression(kind: .list(items), position: start)
    }

    private mutating func dict(_ start: Position) throws(TemplateError) -> Expression {
        var items: [(Expression, Expression)] = []
        while current != .symbol(.rightBrace) {
            if !items.isEmpty { try expect(.comma) }
            if current == .symbol(.rightBrace) { break }
            let key = try expression()
            try expect(.colon)
            items.append((key, try expression()))
        }
        try expect(.rightBrace)
        return Expression(kind: .dict(items), position: start)
    }
}
