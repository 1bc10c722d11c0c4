extension Parser {
    /// Statements up to a tag that starts with one of `ends`; that tag's word is not taken.
    mutating func statements(until ends: [String]) throws(TemplateError) -> [Statement] {
        try nested { (parser) throws(TemplateError) in try parser.sequence(until: ends) }
    }

    private mutating func sequence(until ends: [String]) throws(TemplateError) -> [Statement] {
        var body: [Statement] = []
        while true {
            let start = position
            switch current {
            case .data(let bytes):
                advance()
                body.append(Statement(kind: .text(Text(bytes)), position: start))
            case .variableBegin:
                advance()
                let value = try tuple()
                try expect(.variableEnd)
                body.append(Statement(kind: .output(value), position: start))
            case .blockBegin:
                advance()
                if case .name(let word) = current, ends.contains(word) { return body }
                body.append(Statement(kind: try statement(), position: start))
            case .end where ends.isEmpty: return body
            case .end: throw fail("the template ends inside a block; expected \(ends[0])")
            default: throw unexpected()
            }
        }
    }

    /// The rest of the tag that starts a body, the body, and the closing tag named `end`.
    /// - Parameter declared: names that have a value in the body from its start.
    private mutating func body(
        until end: String,
        in frame: Int? = nil,
        declaring declared: [Target] = []
    ) throws(TemplateError) -> Block {
        try expect(.blockEnd)
        let (statements, frame) = try inFrame(frame) { (p) throws(TemplateError) in
            for target in declared { p.declare(target) }
            return try p.allowingUnknownNames(false) { (p) throws(TemplateError) in
                try p.statements(until: [end])
            }
        }
        advance()
        try expect(.blockEnd)
        return Block(statements: statements, frame: frame)
    }

    private mutating func statement() throws(TemplateError) -> Statement.Kind {
        let start = position
        let word = try expectName()
        switch word {
        case "if":
            return try allowingUnknownNames(true) { (p) throws(TemplateError) in try p.branch() }
        case "for": return .loop(try loop(start))
        case "set": return try set()
        case "with": return try with()
        case "macro": return try macro()
        case "call": return try callBlock()
        case "filter": return try filterBlock()
        case "generation":
            return .generation(
                try inOwnFunction { (p) throws(TemplateError) in
                    try p.body(until: "endgeneration")
                }
            )
        case "break", "continue":
            if loops == 0 { throw fail("'\(word)' outside a loop", at: start) }
            try expect(.blockEnd)
            return word == "break" ? .breakLoop : .continueLoop
        case "include", "import", "from", "extends", "block":
            throw fail("'\(word)' is refused: a chat template is one file", at: start)
        default: throw fail("unknown tag '\(word)'", at: start)
        }
    }

    /// Runs `parse` where no outer loop can be left by `break`.
    private mutating func inOwnFunction<Result>(
        _ parse: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = loops
        loops = 0
        defer { loops = outer }
        return try parse(&self)
    }

    private mutating func branch() throws(TemplateError) -> Statement.Kind {
        var cases: [(Expression, [Statement])] = []
        while true {
            let test = try tuple(isConditional: false)
            try expect(.blockEnd)
            let body = try conditionally { (p) throws(TemplateError) in
                try p.statements(until: ["elif", "else", "endif"])
            }
            cases.append((test, body))
            if !take(word: "elif") { break }
        }
        var otherwise: [Statement] = []
        if take(word: "else") {
            try expect(.blockEnd)
            otherwise = try conditionally { (p) throws(TemplateError) in
                try p.statements(until: ["endif"])
            }
        }
        advance()
        try expect(.blockEnd)
        return .branch(cases, otherwise: otherwise)
    }

    private mutating func loop(_ start: Position) throws(TemplateError) -> ForLoop {
        enclosingLoops += 1
        let target = try target()
        enclosingLoops -= 1
        guard take(word: "in") else { throw fail("expected 'in', found \(current.label)") }
        let items = try tuple(isConditional: false)
        return try allowingUnknownNames(false) { (p) throws(TemplateError) in
            try p.loop(start, target, items)
        }
    }

    /// The loop from behind what it runs over.
    private mutating func loop(
        _ start: Position,
        _ target: Target,
        _ items: Expression
    ) throws(TemplateError) -> ForLoop {
        var test: Expression?
        if take(word: "if") {
            test = try inFrame { (p) throws(TemplateError) in
                p.declare(target)
                return try p.expression()
            }.result
        }
        let isRecursive = take(word: "recursive")
        try expect(.blockEnd)
        let body = try inFrame { (p) throws(TemplateError) in
            p.declare(NameTable.loop)
            p.declare(target)
            p.loops += 1
            p.enclosingLoops += 1
            defer {
                p.loops -= 1
                p.enclosingLoops -= 1
            }
            return try p.statements(until: ["else", "endfor"])
        }
        var otherwise = Block(statements: [], frame: body.frame)
        if take(word: "else") {
            try expect(.blockEnd)
            enclosingLoops += 1
            defer { enclosingLoops -= 1 }
            let rest = try inFrame { (p) throws(TemplateError) in
                try p.statements(until: ["endfor"])
            }
            otherwise = Block(statements: rest.result, frame: rest.frame)
        }
        advance()
        try expect(.blockEnd)
        return ForLoop(
            target: target,
            items: items,
            test: test,
            isRecursive: isRecursive,
            body: Block(statements: body.result, frame: body.frame),
            otherwise: otherwise,
            position: start
        )
    }

    private mutating func set() throws(TemplateError) -> Statement.Kind {
        let target = try target(allowsAttribute: true)
        if take(.assign) {
            let value = try tuple()
            try expect(.blockEnd)
            assign(target)
            return .set(target, value)
        }
        var filters: [Step] = []
        try allowingUnknownNames(false) { (p) throws(TemplateError) in
            try p.filters(into: &filters)
        }
        assign(target)
        return .setBlock(target, filters: filters, body: try body(until: "endset"))
    }

    private mutating func with() throws(TemplateError) -> Statement.Kind {
        var values: [(Target, Expression)] = []
        while current != .blockEnd {
            if !values.isEmpty { try expect(.comma) }
            // A name here is a parameter and may be 'loop'.
            let loops = enclosingLoops
            enclosingLoops = 0
            let target = try target()
            enclosingLoops = loops
            try expect(.assign)
            values.append((target, try expression()))
        }
        let body = try body(until: "endwith", declaring: values.map(\.0))
        return .with(values, body: body)
    }

    private mutating func filterBlock() throws(TemplateError) -> Statement.Kind {
        let filters = try allowingUnknownNames(false) { (p) throws(TemplateError) in
            var filters = [try p.filter(at: p.position)]
            try p.filters(into: &filters)
            return filters
        }
        return .filter(filters, body: try body(until: "endfilter"))
    }

    // MARK: macros

    private mutating func macro() throws(TemplateError) -> Statement.Kind {
        let name = try expectName()
        assign(.name(number(of: name)))
        let (parameters, frame) = try inFrame { (p) throws(TemplateError) in try p.parameters() }
        return .macro(try definition(name, parameters, in: frame, end: "endmacro"))
    }

    private mutating func callBlock() throws(TemplateError) -> Statement.Kind {
        let start = position
        let (parameters, frame) = try inFrame { (p) throws(TemplateError) in
            p.current == .symbol(.leftParenthesis) ? try p.parameters() : []
        }
        let call = try expression()
        guard case .postfix(_, let steps) = call.kind, case .call? = steps.last?.kind else {
            throw fail("expected a call", at: start)
        }
        return .call(try definition(nil, parameters, in: frame, end: "endcall"), call)
    }

    private mutating func definition(
        _ name: String?,
        _ parameters: [MacroDefinition.Parameter],
        in frame: Int,
        end: String
    ) throws(TemplateError) -> MacroDefinition {
        let outer = namesUsed
        let start = position
        namesUsed = []
        defer { namesUsed.formUnion(outer) }
        let body = try inOwnFunction { (p) throws(TemplateError) in 
            try p.body(until: end, in: frame)
        }
        let caller = parameters.first { $0.name == NameTable.caller }
        if namesUsed.contains(NameTable.caller), caller?.hasNoDefault ?? false {
            throw fail("the parameter 'caller' needs a default", at: start)
        }
        /// Whether the body uses a special variable that is no parameter.
        func uses(_ name: Int) -> Bool {
            namesUsed.contains(name) && !parameters.contains { $0.name == name }
        }
        return MacroDefinition(
            name: name ?? "caller",
            nameNumber: name.map { number(of: $0) },
            parameters: parameters,
            body: body,
            usesCaller: namesUsed.contains(NameTable.caller),
            usesVarargs: uses(NameTable.varargs),
            usesKwargs: uses(NameTable.kwargs)
        )
    }

    private mutating func parameters() throws(TemplateError) -> [MacroDefinition.Parameter] {
        var result: [MacroDefinition.Parameter] = []
        try expect(.leftParenthesis)
        while current != .symbol(.rightParenthesis) {
            if !result.isEmpty { try expect(.comma) }
            let name = try expectName()
            let value = take(.assign) ? try expression() : nil
            if result.contains(where: { $0.text == name }) {
                throw fail("parameter '\(name)' is named twice")
            }
            if value == nil && result.last?.defaultValue != nil {
                throw fail("a parameter without default follows one with a default")
            }
            if result.count >= 256 { throw fail("a macro with more than 256 parameters") }
            declare(number(of: name))
            result.append(.init(name: number(of: name), text: name, defaultValue: value))
        }
        try expect(.rightParenthesis)
        return result
    }

    // MARK: assignment

    private mutating func target(allowsAttribute: Bool = false) throws(TemplateError) -> Target
    {
        var items: [Target] = []
        var isTuple = false
        while !isTupleEnd {
            items.append(try singleTarget(allowsAttribute))
            guard take(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let only = items.first { return only }
        if items.isEmpty { throw fail("expected a name to assign to") }
        return .tuple(items)
    }

    private mutating func singleTarget(_ allowsAttribute: Bool) throws(TemplateError) -> Target {
        if take(.leftParenthesis) {
            let inner = try nested { (p) throws(TemplateError) in try p.target() }
            try expect(.rightParenthesis)
            return inner
        }
        let start = position
        let name = try expectName()
        if ["true", "false", "none", "True", "False", "None"].contains(name) {
            throw fail("cannot assign to '\(name)'", at: start)
        }
        if allowsAttribute, take(.dot) {
            return .attribute(number(of: name), Text(try expectName()))
        }
        let number = number(of: name)
        if number == NameTable.loop && enclosingLoops > 0 {
            throw fail("cannot assign to 'loop' in a loop", at: start)
        }
        return .name(number)
    }
}
