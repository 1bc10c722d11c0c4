/// What follows a primary expression.
extension Parser {
    mutating func postfixes(into steps: inout [Step]) throws(TemplateError) {
        while true {
            let start = position
            switch current {
            case .symbol(.dot): steps.append(Step(kind: try attribute(), position: start))
            case .symbol(.leftBracket): steps.append(Step(kind: try subscripted(), position: start))
            case .symbol(.leftParenthesis):
                steps.append(Step(kind: .call(try arguments()), position: start))
            default: return
            }
        }
    }

    mutating func filters(into steps: inout [Step]) throws(TemplateError) {
        while true {
            let start = position
            if take(.pipe) {
                steps.append(try filter(at: start))
            } else if take(word: "is") {
                steps.append(Step(kind: try test(), position: start))
            } else if current == .symbol(.leftParenthesis) {
                steps.append(Step(kind: .call(try arguments()), position: start))
            } else {
                return
            }
        }
    }

    /// A filter's name and arguments, without the `|`.
    mutating func filter(at start: Position) throws(TemplateError) -> Step {
        let name = try dottedName()
        if !Interpreter.filterNames.contains(name) {
            noteUnknown(fail("there is no filter '\(name)'", at: start))
        }
        let arguments =
            current == .symbol(.leftParenthesis) ? try arguments() : Arguments()
        return Step(kind: .filter(name, arguments), position: start)
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while take(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func attribute() throws(TemplateError) -> Step.Kind {
        let start = position
        try expect(.dot)
        switch current {
        case .name(let name):
            advance()
            return .attribute(MemberName(name))
        case .integer(let value):
            advance()
            return .index(Expression(kind: .literal(.int(value)), position: start))
        default: throw fail("expected a name or number after '.'")
        }
    }

    private mutating func subscripted() throws(TemplateError) -> Step.Kind {
        let start = position
        try expect(.leftBracket)
        var items: [Step.Kind] = []
        while current != .symbol(.rightBracket) {
            if !items.isEmpty { try expect(.comma) }
            items.append(try sliceOrIndex())
        }
        try expect(.rightBracket)
        if items.count == 1 { return items[0] }
        let parts = try items.map { (item) throws(TemplateError) -> Expression in
            guard case .index(let part) = item else {
                throw fail("a slice must stand alone in brackets", at: start)
            }
            return part
        }
        return .index(Expression(kind: .tuple(parts), position: start))
    }

    private mutating func sliceOrIndex() throws(TemplateError) -> Step.Kind {
        var start: Expression?
        if current != .symbol(.colon) {
            let index = try expression()
            if current != .symbol(.colon) { return .index(index) }
            start = index
        }
        try expect(.colon)
        let stop = try sliceBound()
        let step = take(.colon) ? try sliceBound() : nil
        return .slice(start, stop, step)
    }

    private mutating func sliceBound() throws(TemplateError) -> Expression? {
        switch current {
        case .symbol(.colon), .symbol(.rightBracket), .symbol(.comma): nil
        default: try expression()
        }
    }

    private mutating func test() throws(TemplateError) -> Step.Kind {
        let negated = take(word: "not")
        let start = position
        let name = try dottedName()
        if !Interpreter.testNames.contains(name) {
            noteUnknown(fail("there is no test '\(name)'", at: start))
        }
        var given = Arguments()
        if current == .symbol(.leftParenthesis) {
            given = try arguments()
        } else if startsTestArgument {
            if isWord("is") { throw fail("tests cannot be chained with 'is'") }
            given.positional = [try testArgument()]
        }
        return .test(name, given, negated: negated)
    }

    private var startsTestArgument: Bool {
        switch current {
        case .name: !isWord("else", "or", "and")
        case .string, .integer, .bigInteger, .float, .symbol(.leftBracket), .symbol(.leftBrace): true
        default: false
        }
    }

    private mutating func testArgument() throws(TemplateError) -> Expression {
        let start = position
        let base = try nested { (p) throws(TemplateError) in try p.primary() }
        var steps: [Step] = []
        try postfixes(into: &steps)
        return steps.isEmpty ? base : Expression(kind: .postfix(base, steps), position: start)
    }

    mutating func arguments() throws(TemplateError) -> Arguments {
        var result = Arguments()
        try expect(.leftParenthesis)
        var isFirst = true
        while current != .symbol(.rightParenthesis) {
            if !isFirst { try expect(.comma) }
            isFirst = false
            if current == .symbol(.rightParenthesis) { break }
            try argument(into: &result)
        }
        try expect(.rightParenthesis)
        return result
    }

    private mutating func argument(into result: inout Arguments) throws(TemplateError) {
        if take(.multiply) {
            if result.star != nil || result.doubleStar != nil { throw misplacedArgument() }
            result.star = try expression()
        } else if take(.power) {
            if result.doubleStar != nil { throw misplacedArgument() }
            result.doubleStar = try expression()
        } else if case .name(let name) = current, next == .symbol(.assign) {
            if result.doubleStar != nil { throw misplacedArgument() }
            if result.keywords.contains(where: { $0.name == name }) {
                throw fail("argument '\(name)' is given twice")
            }
            if result.keywords.count >= CallArguments.keywordLimit {
                throw fail("a call with more than \(CallArguments.keywordLimit) named arguments")
            }
            advance()
            advance()
            result.keywords.append((name, try expression()))
        } else {
            if result.star != nil || result.doubleStar != nil || !result.keywords.isEmpty {
                throw misplacedArgument()
            }
            result.positional.append(try expression())
        }
    }

    private func misplacedArgument() -> TemplateError {
        fail("arguments come as values, then names, then *list, then **dict")
    }
}
