/// A conversation to be rendered by a chat template. Messages stay JSON: templates read fields that
/// no fixed type foresees (`tool_calls`, `reasoning_content`, `name`).
package struct ChatRequest: Sendable {
    /// JSON objects with at least `role`.
    package var messages: [JSON]
    /// OpenAI tool objects, or empty.
    package var tools: [JSON]
    /// Further template variables (`chat_template_kwargs`), by name.
    package var variables: JSONObject
    package var addGenerationPrompt: Bool

    package init(
        messages: [JSON],
        tools: [JSON] = [],
        variables: JSONObject = JSONObject(),
        addGenerationPrompt: Bool = true
    ) {
        self.messages = messages
        self.tools = tools
        self.variables = variables
        self.addGenerationPrompt = addGenerationPrompt
    }
}

/// A template's output, with the parts that came from the request marked: those parts can never
/// become control tokens (promise 4).
package struct RenderedPrompt: Sendable, Equatable {
    package var text: String
    /// UTF-8 byte offsets into `text`, ascending, disjoint, not empty.
    package var inputRanges: [Range<Int>]

    package init(text: String, inputRanges: [Range<Int>]) {
        self.text = text
        self.inputRanges = inputRanges
    }

    /// A prompt that came from the request as a whole.
    package static func input(_ text: String) -> RenderedPrompt {
        RenderedPrompt(text: text, inputRanges: text.isEmpty ? [] : [0..<text.utf8.count])
    }
}
