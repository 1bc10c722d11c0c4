import Core

/// Builds the tree of a template from its tokens, with jinja2's grammar.
struct Parser {
    private let tokens: [Token]
    private let lines: SourceLines
    private(set) var names = NameTable()
    private(set) var frames = Frames()
    private var index = 0
    private var depth = 0
    /// Loops around the current statement that `break` may leave.
    var loops = 0
    /// Conditions around the current statement in its block.
    private var conditions = 0
    /// Loops around the current statement, also through macros.
    var enclosingLoops = 0
    /// Whether the current code may name a filter that does not exist, as jinja2 allows directly
    /// inside an `if`: it is an error when it runs.
    var allowsUnknownNames = false
    /// Filters and tests that do not exist, outside of conditions.
    private(set) var unknownNames: [TemplateError] = []
    /// Names read so far; a macro learns from it whether its body uses `caller`.
    var namesUsed: Set<Int> = []

    init(_ tokens: [Token], lines: SourceLines) {
        self.tokens = tokens
        self.lines = lines
    }

    mutating func template() throws(TemplateError) -> [Statement] {
        let body = try statements(until: [])
        if current != .end { throw unexpected() }
        if let error = unknownNames.first { throw error }
        return body
    }

    // MARK: variables

    mutating func read(_ number: Int) {
        namesUsed.insert(number)
        frames.read(number)
    }

    /// Notes that the names in `target` are assigned here.
    mutating func assign(_ target: Target) {
        switch target {
        case .name(let number): frames.assign(number, isConditional: conditions > 0)
        case .attribute(let number, _): frames.read(number)
        case .tuple(let targets): for target in targets { assign(target) }
        }
    }

    /// Notes that the names in `target` have a value from the start of the current block.
    mutating func declare(_ target: Target) {
        switch target {
        case .name(let number), .attribute(let number, _): frames.declare(number)
        case .tuple(let targets): for target in targets { declare(target) }
        }
    }

    mutating func declare(_ number: Int) { frames.declare(number) }

    /// Parses a condition's branches.
    mutating func conditionally<Result>(
        _ body: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        conditions += 1
        defer { conditions -= 1 }
        return try body(&self)
    }

    /// Parses inside a block with variables of its own: a new one, or `frame` again. Returns its
    /// number too.
    mutating func inFrame<Result>(
        _ frame: Int? = nil,
        _ body: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> (result: Result, frame: Int) {
        let outer = frames.current
        let outerConditions = conditions
        conditions = 0
        if let frame { frames.leave(to: frame) } else { _ = frames.enter() }
        let inner = frames.current
        defer {
            frames.leave(to: outer)
            conditions = outerConditions
        }
        return (try body(&self), inner)
    }

    // MARK: filters and tests that do not exist

    mutating func noteUnknown(_ error: TemplateError) {
        if !allowsUnknownNames { unknownNames.append(error) }
    }

    /// What was parsed since there were `count` turned out to be part of a condition.
    mutating func forgetUnknownNames(after count: Int) {
        unknownNames.removeLast(unknownNames.count - count)
    }

    /// Parses where unknown names are allowed or not.
    mutating func allowingUnknownNames<Result>(
        _ isAllowed: Bool,
        _ body: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = allowsUnknownNames
        allowsUnknownNames = isAllowed
        defer { allowsUnknownNames = outer }
        return try body(&self)
    }

    // MARK: tokens

    var current: Token.Kind { tokens[index].kind }
    var position: Position { tokens[index].position }
    var next: Token.Kind { tokens[min(index + 1, tokens.count - 1)].kind }

    /// Moves on; the last token stays.
    mutating func advance() { index = min(index + 1, tokens.count - 1) }

    mutating func take(_ symbol: Symbol) -> Bool { take(.symbol(symbol)) }

    mutating func take(word: String) -> Bool { take(.name(word)) }

    private mutating func take(_ kind: Token.Kind) -> Bool {
        guard current == kind else { return false }
        advance()
        return true
    }

    func isWord(_ words: String...) -> Bool {
        if case .name(let name) = current { words.contains(name) } else { false }
    }

    mutating func expect(_ kind: Token.Kind) throws(TemplateError) {
        guard take(kind) else { throw fail("expected \(kind.label), found \(current.label)") }
    }

    mutating func expect(_ symbol: Symbol) throws(TemplateError) { try expect(.symbol(symbol)) }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current else {
            throw fail("expected a name, found \(current.label)")
        }
        advance()
        return name
    }

    func fail(_ message: String, at place: Position? = nil) -> TemplateError {
        TemplateError(.syntax, message, place ?? position, lines: lines)
    }

    func unexpected() -> TemplateError { fail("unexpected \(current.label)") }

    mutating func number(of name: String) -> Int { names.number(of: name) }

    /// Counts one level of nesting while `body` runs.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        if depth >= Limits.templateDepth {
            throw TemplateError(
                .limit,
                "nested deeper than \(Limits.templateDepth) levels",
                position,
                lines: lines
            )
        }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }
}

/// Numbers for variable names, so that scopes compare integers.
struct NameTable: Sendable {
    static let loop = 0
    static let caller = 1
    static let varargs = 2
    static let kwargs = 3

    private(set) var names = ["loop", "caller", "varargs", "kwargs"]
    /// Whether each name is that of a global function.
    private(set) var isFunction = [false, false, false, false]
    private var numbers = ["loop": loop, "caller": caller, "varargs": varargs, "kwargs": kwargs]

    func find(_ name: String) -> Int? { numbers[name] }

    mutating func number(of name: String) -> Int {
        if let number = numbers[name] { return number }
        names.append(name)
        isFunction.append(Function.names.contains(name))
        numbers[name] = names.count - 1
        return names.count - 1
    }
}
