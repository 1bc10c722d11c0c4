import Core

/// A parsed template. Rendering does not change it, so many threads may share one.
struct Template: Sendable {
    let body: [Statement]
    let names: NameTable
    /// For each block the names that are undefined until they are assigned.
    let hiddenNames: [[Int]]
    let lines: SourceLines

    init(source: String) throws(TemplateError) {
        if source.utf8.count > Limits.templateBytes {
            throw TemplateError(
                code: .limit,
                message: "the template has \(source.utf8.count) bytes, more than "
                    + "\(Limits.templateBytes)",
                line: 1,
                column: 1,
                sourceLine: ""
            )
        }
        var lexer = Lexer(Lexer.normalized(source))
        let tokens = try lexer.run()
        lines = SourceLines(source: lexer.source)
        var parser = Parser(tokens, lines: lines)
        body = try parser.template()
        names = parser.names
        hiddenNames = parser.frames.hiddenNames()
    }

    /// The text the template makes of `variables`.
    func render(_ variables: [(name: String, value: Value)]) throws(TemplateError) -> Text {
        let interpreter = Interpreter(self)
        defer { interpreter.clear() }
        return try interpreter.run(variables)
    }
}
