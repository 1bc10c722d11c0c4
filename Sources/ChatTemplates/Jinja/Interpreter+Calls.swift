import Core

extension Interpreter {
    func call(_ callee: Value, _ given: CallArguments) throws(TemplateError) -> Value {
        switch callee {
        case .object(let macro as Macro): return try call(macro, given)
        case .object(let function as Function): return try call(function, given)
        case .object(let bound as BoundMethod):
            guard let method = Method(bound.receiver, MemberName(bound.name)) else {
                throw fail("there is no method '\(bound.name)'")
            }
            return try call(method, of: bound.receiver, given)
        case .object(let loop as Loop): return try recurse(loop, given)
        case .object(let joiner as Joiner): return joiner.next()
        case .undefined(let reason): throw fail(reason)
        default: throw fail("a value of type \(callee.typeName) cannot be called")
        }
    }

    private func recurse(_ loop: Loop, _ given: CallArguments) throws(TemplateError) -> Value {
        guard loop.body.isRecursive, let scope = loop.scope else {
            throw fail("only a loop marked 'recursive' can be called")
        }
        let items = try bind(given, "iterable", required: 1)[0] ?? .none
        let text = try capture { () throws(TemplateError) in
            let outer = self.scope
            self.scope = scope
            defer { self.scope = outer }
            try nested { () throws(TemplateError) in
                try run(loop.body, over: items, depth0: loop.depth0 + 1)
            }
        }
        return .string(text)
    }

    // MARK: macros

    private func call(_ macro: Macro, _ given: CallArguments) throws(TemplateError) -> Value {
        if macroDepth >= Limits.templateDepth { throw fail("macros call too deep", .limit) }
        macroDepth += 1
        defer { macroDepth -= 1 }
        let definition = macro.definition
        try charge(definition.parameters.count * (1 + given.keywords.count) >> 2)
        let text = try capture { () throws(TemplateError) in
            try scoped(in: macro.scope) { () throws(TemplateError) in
                hideNames(of: definition.body.frame)
                try bindParameters(definition, given)
                _ = try execute(definition.body.statements)
            }
        }
        return .string(text)
    }

    private func bindParameters(
        _ definition: MacroDefinition,
        _ given: CallArguments
    ) throws(TemplateError) {
        let parameters = definition.parameters
        try bindExtra(definition, given)
        for (index, parameter) in parameters.enumerated() {
            let keyword = given.keywords.first { $0.name == parameter.text }
            if index < given.positional.count {
                scope.set(parameter.name, given.positional[index])
            } else if let keyword {
                scope.set(parameter.name, keyword.value)
            } else if let value = parameter.defaultValue {
                scope.set(parameter.name, try evaluate(value))
            } else {
                scope.set(parameter.name, .undefined(.variable(parameter.text)))
            }
        }
    }

    /// `caller`, `varargs` and `kwargs`; what no parameter takes is an error.
    private func bindExtra(
        _ definition: MacroDefinition,
        _ given: CallArguments
    ) throws(TemplateError) {
        let names = definition.parameters.map(\.text)
        let named = names.dropFirst(given.positional.count)
        var extra = given.keywords.filter { !named.contains($0.name) }
        if definition.usesCaller, !names.contains("caller") {
            let caller = extra.first { $0.name == "caller" }?.value
            extra.removeAll { $0.name == "caller" }
            scope.set(NameTable.caller, caller ?? .undefined(.other("no caller is defined")))
        }
        if definition.usesKwargs {
            var builder = DictBuilder()
            for keyword in extra { builder.set(keyword.key, keyword.value) }
            scope.set(NameTable.kwargs, try dict(builder))
        } else if let first = extra.first {
            throw fail("macro '\(definition.name)' takes no argument '\(first.name)'")
        }
        let rest = given.positional.dropFirst(names.count)
        if definition.usesVarargs {
            scope.set(NameTable.varargs, try list(Array(rest), isTuple: true))
        } else if !rest.isEmpty {
            throw fail("macro '\(definition.name)' takes at most \(names.count) arguments")
        }
    }

    // MARK: global functions

    private func call(_ function: Function, _ given: CallArguments) throws(TemplateError) -> Value {
        switch function.name {
        case "range": return try range(given)
        case "dict": return try makeDict(given)
        case "namespace": return try makeNamespace(given)
        case "cycler":
            if given.positional.isEmpty { throw fail("cycler needs at least one item") }
            _ = try positional(given, 0...Int.max)
            let cycler = register(Cycler(given.positional))
            _ = try list(given.positional)
            return .object(cycler)
        case "joiner":
            let separator = try bind(given, "sep")[0]
            return .object(register(Joiner(separator ?? .text(", "))))
        case "raise_exception":
            let message = try bind(given, "message", required: 1)[0] ?? .none
            throw fail(try printed(message).string, .raised)
        case "lipsum": throw fail("'lipsum' is refused: a prompt has no filler text")
        default:
            let format = try string(try bind(given, "format", required: 1)[0])
            return .string(format.derived(try clock(format)))
        }
    }

    private func range(_ given: CallArguments) throws(TemplateError) -> Value {
        guard given.keywords.isEmpty, (1...3).contains(given.positional.count) else {
            throw fail("range takes one to three integers")
        }
        var numbers: [Int] = []
        for value in given.positional { numbers.append(try integer(value)) }
        let step = numbers.count == 3 ? numbers[2] : 1
        if step == 0 { throw fail("range's step cannot be 0") }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let stop = numbers.count == 1 ? numbers[0] : numbers[1]
        let count = Self.rangeCount(start, stop, step)
        // jinja2's sandbox has the same bound.
        guard count <= 100_000 else { throw fail("range is longer than 100000", .limit) }
        return .object(register(RangeObject(start, stop, step, count: Int(count))))
    }

    /// How many numbers lie from `start` up to but without `stop`.
    private static func rangeCount(_ start: Int, _ stop: Int, _ step: Int) -> UInt {
        guard step > 0 ? start < stop : start > stop else { return 0 }
        let distance =
            step > 0
            ? UInt(bitPattern: stop) &- UInt(bitPattern: start)
            : UInt(bitPattern: start) &- UInt(bitPattern: stop)
        return (distance - 1) / step.magnitude + 1
    }

    private func makeDict(_ given: CallArguments) throws(TemplateError) -> Value {
        var builder = DictBuilder()
        if given.positional.count > 1 { throw fail("dict takes at most one value") }
        if case .dict(let dict)? = given.positional.first {
            for (key, value) in dict.entries { builder.set(key, value) }
        } else if let pairs = given.positional.first {
            for pair in try elements(of: pairs) {
                let parts = try elements(of: pair)
                guard parts.count == 2 else { throw fail("dict needs pairs of a key and a value") }
                try checkKey(parts[0])
                builder.set(parts[0], parts[1])
            }
        }
        for keyword in given.keywords { builder.set(keyword.key, keyword.value) }
        return try dict(builder)
    }

    private func makeNamespace(_ given: CallArguments) throws(TemplateError) -> Value {
        let namespace = register(Namespace())
        guard case .dict(let members) = try makeDict(given) else { return .object(namespace) }
        for (key, value) in members.entries {
            let name = try printed(key)
            try checkAttribute(name)
            namespace[name] = value
        }
        return .object(namespace)
    }
}
