/// A parsed expression and where it starts.
struct Expression: Sendable {
    var kind: Kind
    var position: Position

    /// Left-associative operators are flat lists, so that the tree is never deeper than the source
    /// is nested.
    indirect enum Kind: Sendable {
        case literal(Literal)
        case name(Int)
        case list([Expression])
        case tuple([Expression])
        case dict([(key: Expression, value: Expression)])
        case postfix(Expression, [Step])
        case not(Expression)
        case negative(Expression)
        case positive(Expression)
        case arithmetic(Expression, [(operation: Arithmetic, operand: Expression)])
        case concatenation([Expression])
        case and([Expression])
        case or([Expression])
        case comparison(Expression, [(comparison: Comparison, operand: Expression)])
        case conditional(test: Expression, then: Expression, otherwise: Expression?)
    }
}

enum Literal: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case big(BigInt)
    case float(Double)
    case string(Text)
}

/// What follows a primary expression: `.name`, `[...]`, `(...)`, `| filter`, `is test`.
struct Step: Sendable {
    enum Kind: Sendable {
        case attribute(MemberName)
        case index(Expression)
        case slice(Expression?, Expression?, Expression?)
        case call(Arguments)
        case filter(String, Arguments)
        case test(String, Arguments, negated: Bool)
    }
    var kind: Kind
    var position: Position
}

struct Arguments: Sendable {
    var positional: [Expression] = []
    var keywords: [(name: String, value: Expression)] = []
    /// `*list` and `**dict`.
    var star: Expression?
    var doubleStar: Expression?
}

enum Arithmetic: Sendable {
    case add, subtract, multiply, divide, floorDivide, modulo, power
}

enum Comparison: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn, isNotIn
}

struct Statement: Sendable {
    var kind: Kind
    var position: Position

    indirect enum Kind: Sendable {
        case text(Text)
        case output(Expression)
        case branch([(test: Expression, body: [Statement])], otherwise: [Statement])
        case loop(ForLoop)
        case set(Target, Expression)
        case setBlock(Target, filters: [Step], body: [Statement])
        case with([(target: Target, value: Expression)], body: [Statement])
        case macro(MacroDefinition)
        case call(MacroDefinition, Expression)
        case filter([Step], body: [Statement])
        case generation([Statement])
        case breakLoop
        case continueLoop
    }
}

struct ForLoop: Sendable {
    var target: Target
    var items: Expression
    var test: Expression?
    var isRecursive: Bool
    var body: [Statement]
    var otherwise: [Statement]
    var position: Position
}

/// What an assignment stores into; names are numbers given by the parser.
indirect enum Target: Sendable {
    case name(Int)
    case tuple([Target])
    case attribute(Int, Text)
}

struct MacroDefinition: Sendable {
    struct Parameter: Sendable {
        var name: Int
        var text: String
        var defaultValue: Expression?
        var hasNoDefault: Bool { if case nil = defaultValue { true } else { false } }
    }
    var name: String
    /// The number of `name`; nil for a call block.
    var nameNumber: Int?
    var parameters: [Parameter]
    var body: [Statement]
    var isNamed: Bool { nameNumber != nil }
    var usesCaller: Bool
    var usesVarargs: Bool
    var usesKwargs: Bool
}
