import Core

/// Runs one rendering of a template. Every operation costs fuel, so every rendering ends.
final class Interpreter {
    let template: Template
    var output = TextBuilder()
    var scope = Scope(parent: nil)
    /// The place of the operation that runs now, for errors.
    var position = Position(line: 1, column: 1)
    private var fuel = Limits.templateFuel
    private var depth = 0
    private let depthLimit = Limits.templateDepth * 8
    var macroDepth = 0
    /// Everything with identity that this rendering made; see `Object`.
    private var objects: [Object] = []

    init(_ template: Template) { self.template = template }

    func run(_ variables: [(name: String, value: Value)]) throws(TemplateError) -> Text {
        for (name, value) in variables {
            if let number = template.names.find(name) { scope.set(number, value) }
        }
        hideNames(of: 0)
        _ = try execute(template.body)
        return output.text
    }

    /// Breaks reference cycles and long chains of objects.
    func clear() {
        for object in objects { object.clear() }
        scope.removeAll()
    }

    // MARK: limits and errors

    func fail(_ message: String, _ code: TemplateError.Code = .runtime) -> TemplateError {
        TemplateError(code, message, position, lines: template.lines)
    }

    func fail(_ missing: Missing) -> TemplateError { fail(missing.message) }

    /// Pays for `count` simple operations.
    func charge(_ count: Int = 1) throws(TemplateError) {
        fuel = fuel.subtractingReportingOverflow(count).partialValue
        if fuel < 0 || count < 0 {
            throw fail("the template does more than \(Limits.templateFuel) operations", .limit)
        }
    }

    /// Pays for work on `count` bytes.
    func charge(bytes count: Int) throws(TemplateError) {
        if count > Limits.templateOutputBytes {
            throw fail("a text of more than \(Limits.templateOutputBytes) bytes", .limit)
        }
        try charge(count >> 6)
    }

    /// Pays for looking at each character of `text`, which costs more than copying it.
    func charge(characters text: Text) throws(TemplateError) {
        try charge(text.bytes.count >> 1)
    }

    /// Counts one level of recursion while `body` runs.
    func nested<Result>(
        _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        if depth >= depthLimit {
            throw fail("the template recurses too deep", .limit)
        }
        depth += 1
        defer { depth -= 1 }
        return try body()
    }

    // MARK: making values

    func register<Made: Object>(_ object: Made) -> Made {
        objects.append(object)
        return object
    }

    func list(_ elements: [Value], isTuple: Bool = false) throws(TemplateError) -> Value {
        try charge(elements.count)
        let list = List(elements, isTuple: isTuple)
        try check(depth: list.depth)
        return .list(list)
    }

    func dict(_ builder: DictBuilder) throws(TemplateError) -> Value {
        let dict = builder.dict
        try charge(dict.entries.count)
        try check(depth: dict.depth)
        return .dict(dict)
    }

    func view(_ kind: DictView.Kind, _ elements: [Value]) throws(TemplateError) -> Value {
        try charge(elements.count)
        let view = DictView(kind, elements)
        try check(depth: view.depth)
        return .object(register(view))
    }

    /// Values made one by one when they are asked for, from `value` or parts of it.
    func generator(
        over value: Value,
        _ source: @escaping () throws(TemplateError) -> Value?
    ) throws(TemplateError) -> Value {
        let generator = Generator(depth: value.depth, source)
        try check(depth: generator.depth)
        return .object(register(generator))
    }

    /// Values that are made together, when the first is asked for.
    func deferred(
        over value: Value,
        _ make: @escaping () throws(TemplateError) -> [Value]
    ) throws(TemplateError) -> Value {
        var rest: ArraySlice<Value>?
        return try generator(over: value) { () throws(TemplateError) in
            if case nil = rest { rest = try make()[...] }
            return rest?.popFirst()
        }
    }

    func text(_ text: Text) throws(TemplateError) -> Value {
        try charge(bytes: text.bytes.count)
        return .string(text)
    }

    private func check(depth: Int) throws(TemplateError) {
        if depth > Limits.templateDepth * 2 { throw fail("a value nests too deep", .limit) }
    }

    /// What a loop over `value` sees.
    func elements(of value: Value) throws(TemplateError) -> [Value] {
        switch value {
        case .undefined: return []
        case .list(let list): return list.elements
        case .dict(let dict): return dict.entries.map(\.key)
        case .string(let text): return try characters(of: text)
        case .object(let view as DictView): return view.elements
        case .object(let range as RangeObject):
            try charge(range.count)
            return range.values
        case .object(let generator as Generator): return try generator.take()
        case .object(let markup as Markup): return try characters(of: markup.text)
        default: throw fail("a value of type \(value.typeName) cannot be iterated")
        }
    }

    func characters(of text: Text) throws(TemplateError) -> [Value] {
        try charge(text.count)
        let offsets = text.offsets
        return zip(offsets, offsets.dropFirst()).map { .string(text.slice($0..<$1)) }
    }

    // MARK: output

    func emit(_ text: Text) throws(TemplateError) {
        try charge(bytes: text.bytes.count)
        output.append(text)
        if output.bytes.count > Limits.templateOutputBytes {
            throw fail("more than \(Limits.templateOutputBytes) bytes of output", .limit)
        }
    }

    /// What `body` prints, kept from the output.
    func capture(_ body: () throws(TemplateError) -> Void) throws(TemplateError) -> Text {
        let outer = output
        output = TextBuilder()
        defer { output = outer }
        try body()
        try charge(bytes: output.bytes.count)
        return output.text
    }

    /// Gives the names that block `frame` assigns first no value yet.
    func hideNames(of frame: Int) {
        for name in template.hiddenNames[frame] {
            scope.set(name, .undefined(.variable(template.names.names[name])))
        }
    }

    /// Runs `body` in a new scope inside `parent`.
    func scoped<Result>(
        in parent: Scope? = nil,
        _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = scope
        scope = Scope(parent: parent ?? outer)
        defer { scope = outer }
        return try body()
    }

    /// Runs a block in a scope of its own.
    func execute(_ block: Block) throws(TemplateError) -> Flow {
        try scoped { () throws(TemplateError) in
            hideNames(of: block.frame)
            return try execute(block.statements)
        }
    }
}
