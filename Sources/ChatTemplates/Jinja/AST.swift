/// A parsed expression and where it starts. A class, as the other nodes are: running one copies
/// a reference and not its parts.
final class Expression: Sendable {
    let kind: Kind
    let position: Position

    init(kind: Kind, position: Position) {
        self.kind = kind
        self.position = position
    }

    /// Left-associative operators are flat lists, so that the tree is never deeper than the source
    /// is nested.
    enum Kind: Sendable {
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
final class Step: Sendable {
    enum Kind: Sendable {
        case attribute(MemberName)
        case index(Expression)
        case slice(Expression?, Expression?, Expression?)
        case call(Arguments)
        case filter(String, Arguments)
        case test(String, Arguments, negated: Bool)
    }
    let kind: Kind
    let position: Position

    init(kind: Kind, position: Position) {
        self.kind = kind
        self.position = position
    }
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

final class Statement: Sendable {
    let kind: Kind
    let position: Position

    init(kind: Kind, position: Position) {
        self.kind = kind
        self.position = position
    }

    enum Kind: Sendable {
        case text(Text)
        case output(Expression)
        case branch([(test: Expression, body: [Statement])], otherwise: [Statement])
        case loop(ForLoop)
        case set(Target, Expression)
        case setBlock(Target, filters: [Step], body: Block)
        case with([(target: Target, value: Expression)], body: Block)
        case macro(MacroDefinition)
        case call(MacroDefinition, Expression)
        case filter([Step], body: Block)
        case generation(Block)
        case breakLoop
        case continueLoop
    }
}

/// Statements with variables of their own.
struct Block: Sendable {
    var statements: [Statement]
    /// Which of the template's `hiddenNames` belong to this block.
    var frame: Int
}

final class ForLoop: Sendable {
    let target: Target
    let items: Expression
    let test: Expression?
    let isRecursive: Bool
    let body: Block
    let otherwise: Block
    let position: Position

    init(
        target: Target,
        items: Expression,
        test: Expression?,
        isRecursive: Bool,
        body: Block,
        otherwise: Block,
        position: Position
    ) {
        self.target = target
        self.items = items
        self.test = test
        self.isRecursive = isRecursive
        self.body = body
        self.otherwise = otherwise
        self.position = position
    }
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
    var body: Block
    var isNamed: Bool { nameNumber != nil }
    var usesCaller: Bool
    var usesVarargs: Bool
    var usesKwargs: Bool
}
