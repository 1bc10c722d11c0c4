struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case data([UInt8])
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case string([UInt8])
        case integer(Int)
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

    /// The symbol that starts at the front of `bytes`, the longest first.
    init?(prefixOf bytes: ArraySlice<UInt8>) {
        let pair = String(decoding: bytes.prefix(2), as: UTF8.self)
        if pair.utf8.count == 2, let symbol = Symbol(rawValue: pair) {
            self = symbol
        } else if let first = bytes.first,
            let symbol = Symbol(rawValue: String(Unicode.Scalar(first)))
        {
            self = symbol
        } else {
            return nil
        }
    }
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
        case .integer, .float: "a number"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}
