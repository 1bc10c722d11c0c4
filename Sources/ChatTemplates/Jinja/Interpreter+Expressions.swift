import Core

extension Interpreter {
    func evaluate(_ expression: Expression) throws(TemplateError) -> Value {
        try charge()
        switch expression.kind {
        case .literal(let literal): return literal.value
        case .name(let number):
            position = expression.position
            return variable(number)
        default:
            return try nested { () throws(TemplateError) in try compute(expression) }
        }
    }

    private func compute(_ expression: Expression) throws(TemplateError) -> Value {
        position = expression.position
        switch expression.kind {
        case .literal(let literal): return literal.value
        case .name(let number): return variable(number)
        case .list(let items): return try list(try evaluate(items))
        case .tuple(let items): return try list(try evaluate(items), isTuple: true)
        case .dict(let items): return try dict(items)
        case .postfix(let base, let steps): return try evaluate(base, followedBy: steps[...])
        case .not(let operand): return .bool(!(try evaluate(operand).isTrue))
        case .negative(let operand): return try negate(try evaluate(operand), at: expression)
        case .positive(let operand): return try plus(try evaluate(operand), at: expression)
        case .arithmetic(let first, let rest): return try chain(first, rest)
        case .concatenation(let operands): return try concatenate(operands)
        case .and(let operands): return try firstWith(truth: false, operands)
        case .or(let operands): return try firstWith(truth: true, operands)
        case .comparison(let first, let rest): return try compare(first, rest)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test).isTrue { return try evaluate(then) }
            guard let otherwise else {
                return .undefined(.other("the condition is false and there is no 'else'"))
            }
            return try evaluate(otherwise)
        }
    }

    func evaluate(_ expressions: [Expression]) throws(TemplateError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private func variable(_ number: Int) -> Value {
        if let value = scope.find(number) { return value }
        let name = template.names.names[number]
        if template.names.isFunction[number] { return .object(Function(name)) }
        return .undefined(.variable(name))
    }

    private func dict(
        _ items: [(key: Expression, value: Expression)]
    ) throws(TemplateError) -> Value {
        var builder = DictBuilder()
        for (key, value) in items {
            let name = try evaluate(key)
            if case .string(let text) = name { try charge(characters: text) }
            let value = try evaluate(value)
            try checkKey(name)
            builder.set(name, value)
        }
        return try dict(builder)
    }

    private func firstWith(truth: Bool, _ operands: [Expression]) throws(TemplateError) -> Value {
        var value = Value.none
        for operand in operands {
            value = try evaluate(operand)
            if value.isTrue == truth { break }
        }
        return value
    }

    private func concatenate(_ operands: [Expression]) throws(TemplateError) -> Value {
        var builder = TextBuilder()
        for operand in operands {
            builder.append(try printed(try evaluate(operand)))
            try charge(bytes: builder.bytes.count / operands.count)
        }
        return .string(builder.text)
    }

    private func compare(
        _ first: Expression,
        _ rest: [(comparison: Comparison, operand: Expression)]
    ) throws(TemplateError) -> Value {
        var left = try evaluate(first)
        for (comparison, operand) in rest {
            let right = try evaluate(operand)
            position = operand.position
            if !(try holds(left, comparison, right)) { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    private func holds(
        _ left: Value,
        _ comparison: Comparison,
        _ right: Value
    ) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: return try equal(left, right)
        case .notEqual: return !(try equal(left, right))
        case .less: return try ordered(left, right) { $0 < 0 }
        case .lessOrEqual: return try ordered(left, right) { $0 <= 0 }
        case .greater: return try ordered(left, right) { $0 > 0 }
        case .greaterOrEqual: return try ordered(left, right) { $0 >= 0 }
        case .isIn: return try contains(right, left)
        case .isNotIn: return !(try contains(right, left))
        }
    }

    // MARK: what follows a primary

    func evaluate(
        _ base: Expression,
        followedBy steps: ArraySlice<Step>
    ) throws(TemplateError) -> Value {
        var value = try evaluate(base)
        var index = steps.startIndex
        while index < steps.endIndex {
            let step = steps[index]
            index += 1
            position = step.position
            try charge()
            // A method that is called at once needs no object of its own.
            if case .attribute(let name) = step.kind, index < steps.endIndex,
                case .call(let arguments) = steps[index].kind, let method = Method(value, name)
            {
                let given = try evaluate(arguments)
                position = step.position
                value = try call(method, of: value, given)
                index += 1
            } else {
                value = try apply(step, to: value)
            }
        }
        return value
    }

    func apply(_ filters: [Step], to value: Value) throws(TemplateError) -> Value {
        var value = value
        for step in filters {
            try charge()
            value = try apply(step, to: value)
        }
        return value
    }

    private func apply(_ step: Step, to value: Value) throws(TemplateError) -> Value {
        switch step.kind {
        case .attribute(let name): return try attribute(name, of: value)
        case .index(let index):
            let index = try evaluate(index)
            position = step.position
            return try item(index, of: value)
        case .slice(let start, let stop, let stride):
            return try slice(value, start, stop, stride, at: step.position)
        case .call(let arguments):
            let given = try evaluate(arguments)
            position = step.position
            return try call(value, given)
        case .filter(let name, let arguments):
            let given = try evaluate(arguments)
            position = step.position
            return try filter(name, value, given)
        case .test(let name, let arguments, let negated):
            let given = try evaluate(arguments)
            position = step.position
            return .bool(try test(name, value, given) != negated)
        }
    }

    func evaluate(_ arguments: Arguments) throws(TemplateError) -> CallArguments {
        var given = CallArguments(positional: try evaluate(arguments.positional))
        for (name, value) in arguments.keywords {
            given.keywords.append(.init(name: name, value: try evaluate(value)))
        }
        if let star = arguments.star {
            given.positional += try elements(of: try evaluate(star))
        }
        if let doubleStar = arguments.doubleStar {
            guard case .dict(let dict) = try evaluate(doubleStar) else {
                throw fail("** needs a dictionary")
            }
            for (key, value) in dict.entries {
                guard let text = key.textValue else { throw fail("** needs text keys") }
                let name = text.string
                if given.keywords.contains(where: { $0.name == name }) {
                    throw fail("argument '\(name)' is given twice")
                }
                given.keywords.append(.init(name: name, value: value, isInput: text.hasInput))
                try checkKeywordCount(given)
            }
        }
        try charge(given.positional.count + given.keywords.count)
        return given
    }

    private func checkKeywordCount(_ given: CallArguments) throws(TemplateError) {
        let limit = CallArguments.keywordLimit
        if given.keywords.count > limit {
            throw fail("a call with more than \(limit) named arguments", .limit)
        }
    }
}

extension Literal {
    var value: Value {
        switch self {
        case .none: .none
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .big(let value): .big(value)
        case .float(let value): .float(value)
        case .string(let text): .string(text)
        }
    }
}
