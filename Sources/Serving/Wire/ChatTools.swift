internal import Core

/// `tools` and `tool_choice`: what the model is told about and may call.
struct ChatTools {
    /// Tool objects for the template, as the caller wrote them; empty when none may be called.
    let offered: [JSON]
    let names: Set<String>

    init(_ reader: inout RequestReader) throws(OpenAIError) {
        let tools = try reader.array("tools", maxCount: Limits.tools) ?? []
        var names: Set<String> = []
        for (index, tool) in tools.enumerated() {
            names.insert(try Self.name(tool, path: "tools[\(index)]"))
        }
        guard try Self.mayCall(&reader, hasTools: !tools.isEmpty) else {
            offered = []
            self.names = []
            return
        }
        offered = tools
        self.names = names
    }

    private static func name(_ tool: JSON, path: String) throws(OpenAIError) -> String {
        var reader = try RequestReader(tool, path: path)
        guard try reader.string("type", maxBytes: 32) == "function" else {
            throw .unsupported(
                reader.param("type"),
                "only tools of type \"function\" are supported"
            )
        }
        guard var function = try reader.reader("function") else {
            throw reader.missing("function")
        }
        try reader.finish()
        guard let name = try function.string("name", maxBytes: 64) else {
            throw function.missing("name")
        }
        guard !name.isEmpty, name.utf8.allSatisfy(isNameByte) else {
            throw .invalid(
                function.param("name"),
                "\(function.param("name")) may have letters, digits, _ and - only"
            )
        }
        _ = try function.string("description", maxBytes: .max)
        _ = try function.object("parameters")
        if try function.bool("strict") == true {
            throw .unsupported(function.param("strict"), "strict tools are not supported")
        }
        try function.finish()
        return name
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return character.isASCII && (character.isLetter || character.isNumber)
            || character == "_" || character == "-"
    }

    /// Without grammars a call can be neither forced nor limited to one.
    private static func mayCall(
        _ reader: inout RequestReader,
        hasTools: Bool
    ) throws(OpenAIError) -> Bool {
        if hasTools, try reader.bool("parallel_tool_calls") == false {
            throw .unsupported("parallel_tool_calls", "parallel_tool_calls: false is not supported")
        }
        _ = try reader.bool("parallel_tool_calls")
        switch reader.value("tool_choice") {
        case nil, "auto": return hasTools
        case "none": return false
        default:
            throw .unsupported(
                "tool_choice",
                "only the tool choices \"auto\" and \"none\" are supported"
            )
        }
    }
}
