/// Why a chat template cannot be parsed or rendered, and where in the template.
package struct TemplateError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The template is not valid Jinja, or uses something this engine refuses (`include`).
        case syntax
        /// An operation failed while rendering: a wrong type, an undefined value, a bad argument.
        case runtime
        /// The template refused the conversation itself, with `raise_exception`.
        case raised
        /// A named limit was reached: fuel, output, depth or size.
        case limit
    }

    package var code: Code
    package var message: String
    /// Line in the template, from 1.
    package var line: Int
    /// Column in bytes, from 1.
    package var column: Int
    /// The template's text on that line.
    package var sourceLine: String

    package var description: String {
        "\(message) (template line \(line), column \(column): \(sourceLine))"
    }
}

/// A place in a template's source: line and column from 1.
struct Position: Sendable, Equatable {
    var line: Int32
    var column: Int32
}

extension TemplateError {
    /// An error at `position` of a template split into `lines`.
    init(_ code: Code, _ message: String, _ position: Position, lines: SourceLines) {
        self.init(
            code: code,
            message: message,
            line: Int(position.line),
            column: Int(position.column),
            sourceLine: lines[Int(position.line)]
        )
    }
}

/// A template's text, from which an error quotes its line.
struct SourceLines: Sendable {
    let source: [UInt8]

    /// At most 200 bytes of line `number`, counted from 1.
    subscript(number: Int) -> String {
        var rest = source[...]
        for _ in 1..<max(number, 1) {
            guard let end = rest.firstIndex(of: 0x0A) else { return "" }
            rest = rest[(end + 1)...]
        }
        return String(decoding: rest.prefix { $0 != 0x0A }.prefix(200), as: UTF8.self)
    }
}
