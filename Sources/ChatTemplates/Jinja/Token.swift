struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case data([UInt8])
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case string([UInt8])
        case integer(Int)
        case bigInteger(BigInt)
        case float(Double)
        case symbol(Symbol)
        case end
    }

    var kind: Kind
    var position: Position
}

/// Operators and brackets.
enum Symbol: String, Sendable, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case add = "+"
    case subtract = "-"
    case divide = "/"
    case multiply = "*"
    case modulo = "%"
    case tilde = "~"
    case leftBracket = "["
    case rightBracket = "]"
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBrace = "{"
    case rightBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"

    /// The symbol that two bytes start with, the longer one first.
    init?(_ first: UInt8, _ second: UInt8?) {
        if let second, let long = Self.pairs[UInt16(first) << 8 | UInt16(second)] {
            self = long
        } else if let short = Self.singles[first] {
            self = short
        } else {
            return nil
        }
    }

    private static let pairs: [UInt16: Symbol] = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0.rawValue.utf8.count == 2 }.map {
            ($0.rawValue.utf8.reduce(0) { $0 << 8 | UInt16($1) }, $0)
        }
    )

    private static let singles: [UInt8: Symbol] = Dictionary(
        uniqueKeysWithValues: allCases.filter { $0.rawValue.utf8.count == 1 }.map {
            ($0.rawValue.utf8.reduce(0) { $1 | $0 }, $0)
        }
    )
}

extension Token.Kind {
    /// What to call this token in a message.
    var label: String {
        switch self {
        case .data: "template text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .bigInteger, .float: "a number"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
