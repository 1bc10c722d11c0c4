import ChatTemplates
import Core
import Foundation
import Testing

/// On demand: `TOKENMILL_TEMPLATES` names files that `tools/goldens/templates.py --shared` or
/// `--fuzz` wrote, with colons between them. Each rendering must give the same bytes, or fail where
/// the reference fails.
@Suite struct ComparisonTests {
    @Test func everyRenderingEqualsTheReference() throws {
        guard let names = ProcessInfo.processInfo.environment["TOKENMILL_TEMPLATES"] else {
            print("skipped: TOKENMILL_TEMPLATES names no file of reference renderings")
            return
        }
        for name in names.split(separator: ":") {
            let data = try Data(contentsOf: URL(filePath: String(name)))
            let cases = try #require(try JSON(parsing: data)["cases"]?.array)
            #expect(!cases.isEmpty)
            var differences = 0
            for entry in cases where render(entry) != entry["expected"]?.string {
                differences += 1
                if differences <= 10 { Issue.record("\(label(entry))") }
            }
            print("\(name): \(cases.count) renderings, \(differences) differences")
            #expect(differences == 0)
        }
    }

    /// The text, or nil if the template fails.
    private func render(_ entry: JSON) -> String? {
        let request = ChatRequest(
            messages: entry["messages"]?.array ?? [],
            tools: entry["tools"]?.array ?? [],
            variables: entry["variables"]?.object ?? JSONObject(),
            addGenerationPrompt: entry["add_generation_prompt"]?.bool ?? true
        )
        let source = entry["template"]?.string ?? ""
        return try? ChatTemplate(source: source).render(request, bosToken: "<s>", eosToken: "</s>")
            .text
    }

    private func label(_ entry: JSON) -> String {
        guard let name = entry["name"]?.string else { return entry["template"]?.string ?? "" }
        return "\(name): \(entry["messages"]?.text() ?? "")"
    }
}
