internal import Core

/// Reads `messages` into the form that chat templates of the Hugging Face world expect: content is
/// a string, arguments of tool calls are objects.
enum ChatMessages {
    private static let roles: Set<String> = ["system", "developer", "user", "assistant", "tool"]

    static func read(_ reader: inout RequestReader) throws(OpenAIError) -> [JSON] {
        guard let array = try reader.array("messages", maxCount: Limits.messages) else {
            throw reader.missing("messages")
        }
        if array.isEmpty { throw .invalid("messages", "messages must have at least one message") }
        var messages: [JSON] = []
        for (index, value) in array.enumerated() {
            messages.append(try message(value, path: "messages[\(index)]"))
        }
        return messages
    }

    private static func message(_ value: JSON, path: String) throws(OpenAIError) -> JSON {
        var reader = try RequestReader(value, path: path)
        guard let role = try reader.string("role", maxBytes: 32) else {
            throw reader.missing("role")
        }
        guard roles.contains(role) else {
            throw .invalid(
                reader.param("role"),
                "\(reader.param("role")) must be system, developer, user, assistant or tool"
            )
        }
        // `developer` is the newer name of what templates know as `system`.
        var message: JSONObject = ["role": .string(role == "developer" ? "system" : role)]
        let calls = role == "assistant" ? try toolCalls(&reader) : []
        message["content"] = .string(try content(&reader, isOptional: !calls.isEmpty))
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        try details(&reader, role: role, into: &message)
        try reader.finish(allowingEmpty: true)
        return .object(message)
    }

    private static func details(
        _ reader: inout RequestReader,
        role: String,
        into message: inout JSONObject
    ) throws(OpenAIError) {
        if let name = try reader.string("name", maxBytes: 64) { message["name"] = .string(name) }
        if role == "assistant" {
            if let text = try reader.string("reasoning_content", maxBytes: .max) {
                message["reasoning_content"] = .string(text)
            }
        }
        if role == "tool" {
            guard let id = try reader.string("tool_call_id", maxBytes: 128) else {
                throw reader.missing("tool_call_id")
            }
            message["tool_call_id"] = .string(id)
        }
    }

    // MARK: content

    /// A string, or text parts, which become lines.
    private static func content(
        _ reader: inout RequestReader,
        isOptional: Bool
    ) throws(OpenAIError) -> String {
        let path = reader.param("content")
        guard let value = reader.value("content") else {
            if isOptional { return "" }
            throw reader.missing("content")
        }
        if let text = value.string { return text }
        guard let parts = value.array else {
            throw .invalid(
                path,
                "\(path) must be a string or an array of parts",
                code: "invalid_type"
            )
        }
        var lines: [String] = []
        for (index, part) in parts.enumerated() {
            lines.append(try text(part, path: "\(path)[\(index)]"))
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ part: JSON, path: String) throws(OpenAIError) -> String {
        var reader = try RequestReader(part, path: path)
        guard try reader.string("type", maxBytes: 64) == "text" else {
            throw .unsupported(reader.param("type"), "only parts of type \"text\" are supported")
        }
        guard let text = try reader.string("text", maxBytes: .max) else {
            throw reader.missing("text")
        }
        try reader.finish()
        return text
    }

    // MARK: calls

    private static func toolCalls(_ reader: inout RequestReader) throws(OpenAIError) -> [JSON] {
        let path = reader.param("tool_calls")
        var calls: [JSON] = []
        let array = try reader.array("tool_calls", maxCount: Limits.tools) ?? []
        for (index, value) in array.enumerated() {
            calls.append(try toolCall(value, path: "\(path)[\(index)]"))
        }
        return calls
    }

    private static func toolCall(_ value: JSON, path: String) throws(OpenAIError) -> JSON {
        var reader = try RequestReader(value, path: path)
        guard try reader.string("type", maxBytes: 32) ?? "function" == "function" else {
            throw .unsupported(
                reader.param("type"),
                "only calls of type \"function\" are supported"
            )
        }
        let id = try reader.string("id", maxBytes: 128)
        guard var function = try reader.reader("function") else {
            throw reader.missing("function")
        }
        guard let name = try function.string("name", maxBytes: 64) else {
            throw function.missing("name")
        }
        let arguments = try self.arguments(&function)
        try function.finish()
        // Streams number the calls; clients may send the number back.
        _ = try reader.int("index", in: 0...Limits.tools)
        try reader.finish()
        return [
            "id": id.map(JSON.string) ?? .null,
            "type": "function",
            "function": ["name": .string(name), "arguments": .object(arguments)],
        ]
    }

    /// OpenAI has JSON text here; templates want what it says.
    private static func arguments(
        _ function: inout RequestReader
    ) throws(OpenAIError) -> JSONObject {
        guard let text = try function.string("arguments", maxBytes: .max), !text.isEmpty else {
            return JSONObject()
        }
        let path = function.param("arguments")
        guard let object = (try? JSON(parsing: text))?.object else {
            throw .invalid(path, "\(path) must be a JSON object as text")
        }
        return object
    }
}
