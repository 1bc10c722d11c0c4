package import Core

/// A chat template, compiled once: turns a conversation into the text a model was trained on.
///
/// The language is Jinja as Hugging Face transformers configures jinja2 for chat templates
/// (sandboxed and immutable, `trim_blocks` and `lstrip_blocks` on, loop controls, `{% generation %}`,
/// `raise_exception`, `strftime_now`, a `tojson` that escapes no HTML).
package struct ChatTemplate: Sendable {
    private let template: Template

    /// Parses `source`. Errors have code `syntax` or `limit`.
    package init(source: String) throws(TemplateError) {
        template = try Template(source: source)
    }

    /// Renders a conversation.
    ///
    /// The template sees `messages`, `tools` (none when there are none), `documents` (none),
    /// `add_generation_prompt`, `bos_token`, `eos_token` and the request's variables, which win over
    /// all of these except the messages. Everything from the request is marked as input.
    package func render(
        _ request: ChatRequest,
        bosToken: String?,
        eosToken: String?
    ) throws(TemplateError) -> RenderedPrompt {
        var variables: [(name: String, value: Value)] = []
        func set(_ name: String, _ value: Value) { variables.append((name, value)) }
        set("messages", Value.input(.array(request.messages)))
        set("tools", request.tools.isEmpty ? .none : Value.input(.array(request.tools)))
        set("documents", .none)
        set("add_generation_prompt", .bool(request.addGenerationPrompt))
        set("bos_token", .string(Text(bosToken ?? "")))
        set("eos_token", .string(Text(eosToken ?? "")))
        for member in request.variables.members where member.key != "messages" {
            set(member.key, Value.input(member.value))
        }
        let text = try template.render(variables)
        return RenderedPrompt(
            text: String(decoding: text.bytes, as: UTF8.self),
            inputRanges: text.inputRanges
        )
    }
}
