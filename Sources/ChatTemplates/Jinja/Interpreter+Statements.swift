import Core

extension Interpreter {
    /// Whether to go on, or to leave or restart the innermost loop.
    enum Flow { case normal, leave, again }

    func execute(_ body: [Statement]) throws(TemplateError) -> Flow {
        try nested { () throws(TemplateError) in
            for statement in body {
                let flow = try execute(statement)
                if flow != .normal { return flow }
            }
            return .normal
        }
    }

    private func execute(_ statement: Statement) throws(TemplateError) -> Flow {
        position = statement.position
        try charge()
        switch statement.kind {
        case .text(let text): try emit(text)
        case .output(let expression): try emit(try self.printed(evaluate(expression)))
        case .branch(let cases, let otherwise): return try branch(cases, otherwise)
        case .loop(let loop): try run(loop, over: try evaluate(loop.items), depth0: 0)
        case .set(let target, let value): try assign(try evaluate(value), to: target)
        case .setBlock(let target, let filters, let body):
            return try setBlock(target, filters, body)
        case .with(let values, let body): return try with(values, body)
        case .macro(let definition): define(definition)
        case .call(let definition, let call): try callBlock(definition, call)
        case .filter(let filters, let body): return try filterBlock(filters, body)
        case .generation(let body):
            _ = try execute(body)
        case .breakLoop: return .leave
        case .continueLoop: return .again
        }
        return .normal
    }

    private func branch(
        _ cases: [(test: Expression, body: [Statement])],
        _ otherwise: [Statement]
    ) throws(TemplateError) -> Flow {
        for (test, body) in cases where try evaluate(test).isTrue { return try execute(body) }
        return try execute(otherwise)
    }

    private func setBlock(
        _ target: Target,
        _ filters: [Step],
        _ body: Block
    ) throws(TemplateError) -> Flow {
        var flow = Flow.normal
        let text = try capture { () throws(TemplateError) in
            flow = try execute(body)
        }
        if flow == .normal { try assign(try apply(filters, to: .string(text)), to: target) }
        return flow
    }

    private func filterBlock(_ filters: [Step], _ body: Block) throws(TemplateError) -> Flow {
        var flow = Flow.normal
        let text = try capture { () throws(TemplateError) in
            flow = try execute(body)
        }
        if flow == .normal { try emit(try textOnly(try apply(filters, to: .string(text)))) }
        return flow
    }

    private func with(
        _ values: [(target: Target, value: Expression)],
        _ body: Block
    ) throws(TemplateError) -> Flow {
        var evaluated: [(Target, Value)] = []
        for (target, value) in values { evaluated.append((target, try evaluate(value))) }
        return try scoped { () throws(TemplateError) in
            hideNames(of: body.frame)
            for (target, value) in evaluated { try assign(value, to: target) }
            return try execute(body.statements)
        }
    }

    private func define(_ definition: MacroDefinition) {
        guard let number = definition.nameNumber else { return }
        scope.set(number, .object(register(Macro(definition, scope: scope))))
    }

    private func callBlock(
        _ definition: MacroDefinition,
        _ call: Expression
    ) throws(TemplateError) {
        guard case .postfix(let base, let steps) = call.kind, let last = steps.last,
            case .call(let arguments) = last.kind
        else { throw fail("expected a call") }
        let callee = try evaluate(base, followedBy: steps.dropLast())
        var given = try evaluate(arguments)
        let caller = Value.object(register(Macro(definition, scope: scope)))
        given.keywords.append(.init(name: "caller", value: caller))
        position = last.position
        try emit(try textOnly(try self.call(callee, given)))
    }

    /// What a filter or call block prints, which jinja2 does not turn into text.
    private func textOnly(_ value: Value) throws(TemplateError) -> Text {
        guard let text = value.textValue else {
            throw fail("the block makes a value of type \(value.typeName), not a text")
        }
        return text
    }

    // MARK: assignment

    func assign(_ value: Value, to target: Target) throws(TemplateError) {
        switch target {
        case .name(let number): scope.set(number, value)
        case .attribute(let number, let name):
            guard case .object(let namespace as Namespace)? = scope.find(number) else {
                throw fail("only a namespace's attributes can be assigned")
            }
            try checkAttribute(name)
            namespace[name] = value
        case .tuple(let targets):
            let parts = try elements(of: value)
            guard parts.count == targets.count else {
                throw fail("cannot unpack \(parts.count) values into \(targets.count) names")
            }
            for (target, part) in zip(targets, parts) { try assign(part, to: target) }
        }
    }

    /// Transformers refuses underscored attributes on a namespace.
    func checkAttribute(_ name: Text) throws(TemplateError) {
        if name.bytes.first == UInt8(ascii: "_") {
            throw fail("a namespace cannot have the attribute '\(name.string)'")
        }
    }

    // MARK: loops

    /// Runs a `for` over `value`; a recursive call comes here again, one level deeper.
    func run(_ loop: ForLoop, over value: Value, depth0: Int) throws(TemplateError) {
        let (items, failure) = try items(of: loop, value)
        try charge(items.count)
        let end = items.isEmpty ? LoopEnd() : try run(loop, items, depth0: depth0)
        if let failure, !end.wasLeft { throw failure }
        // As jinja2 counts rounds: one that `break` or `continue` ends early is none.
        if !end.hasFinishedRound { _ = try execute(loop.otherwise) }
    }

    /// How a loop ended.
    private struct LoopEnd {
        /// The body ran to its end at least once.
        var hasFinishedRound = false
        var wasLeft = false
    }

    /// What a loop runs over, and the error that comes after that. jinja2 makes the items one by
    /// one, so the error is none if the loop is left before.
    private func items(
        of loop: ForLoop,
        _ value: Value
    ) throws(TemplateError) -> ([Value], TemplateError?) {
        var items: [Value] = []
        var failure: TemplateError?
        if case .object(let generator as Generator) = value {
            do throws(TemplateError) {
                while let item = try generator.next() { items.append(item) }
            } catch {
                failure = error
            }
        } else {
            items = try elements(of: value)
        }
        guard let test = loop.test else { return (items, failure) }
        var kept: [Value] = []
        do throws(TemplateError) {
            for item in items where try holds(test, for: item, loop.target) { kept.append(item) }
        } catch {
            failure = error
        }
        if let failure, failure.code == .limit { throw failure }
        return (kept, failure)
    }

    private func holds(
        _ test: Expression,
        for item: Value,
        _ target: Target
    ) throws(TemplateError) -> Bool {
        try scoped { () throws(TemplateError) in
            try assign(item, to: target)
            return try evaluate(test).isTrue
        }
    }

    private func run(
        _ loop: ForLoop,
        _ items: [Value],
        depth0: Int
    ) throws(TemplateError) -> LoopEnd {
        let state = register(Loop(items, body: loop, depth0: depth0, scope: scope))
        let outer = scope
        defer { scope = outer }
        var end = LoopEnd()
        for (index, item) in items.enumerated() {
            state.index = index
            try charge()
            scope = Scope(parent: outer)
            scope.set(NameTable.loop, .object(state))
            try assign(item, to: loop.target)
            hideNames(of: loop.body.frame)
            switch try execute(loop.body.statements) {
            case .normal: end.hasFinishedRound = true
            case .again: break
            case .leave:
                end.wasLeft = true
                return end
            }
        }
        return end
    }
}
