import ChatTemplates
import Core
import Foundation
import Testing

/// What jinja2 makes of each template, written by tools/goldens/templates.py.
@Suite struct GoldenTests {
    let goldens: JSON

    init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "goldens/templates.json")
        goldens = try JSON(parsing: try Data(contentsOf: path))
    }

    @Test func everyFeatureRendersAsTheReferenceDoes() throws {
        let context = try #require(goldens["context"]?.object)
        let cases = try #require(goldens["cases"]?.array)
        #expect(cases.count > 600)
        for entry in cases {
            let source = try #require(entry["template"]?.string)
            let request = ChatRequest(messages: [], variables: context)
            let text = rendered(source, request)
            #expect(text == entry["expected"]?.string, "\(source)")
        }
    }

    @Test func theShippedTemplateRendersEveryConversation() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../tokenizer/chat_template.jinja").standardized
        guard let source = try? String(contentsOf: path, encoding: .utf8) else {
            print("skipped: there is no \(path.path)")
            return
        }
        let expected = try #require(goldens["shipped"]?.array)
        let conversations = try #require(goldens["conversations"]?.array)
        #expect(conversations.count >= 12 && conversations.count == expected.count)
        for (conversation, expected) in zip(conversations, expected) {
            let request = ChatRequest(
                messages: conversation["messages"]?.array ?? [],
                tools: conversation["tools"]?.array ?? [],
                variables: conversation["variables"]?.object ?? JSONObject(),
                addGenerationPrompt: conversation["add_generation_prompt"]?.bool ?? true
            )
            #expect(rendered(source, request) == expected.string, "\(conversation.text())")
        }
    }

    /// The text, or nil if the template fails.
    private func rendered(_ source: String, _ request: ChatRequest) -> String? {
        try? ChatTemplate(source: source).render(request, bosToken: "<s>", eosToken: "</s>").text
    }
}
