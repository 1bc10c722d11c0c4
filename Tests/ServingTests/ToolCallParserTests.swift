import Serving
import Testing

/// Every split of a text into two pieces must read the same.
@Suite struct ToolCallParserTests {
    typealias Output = ToolCallParser.Output

    /// Neighbouring texts joined.
    private func outputs(_ pieces: [String], names: Set<String> = ["f", "g"]) -> [Output] {
        var parser = ToolCallParser(names: names)
        let all = pieces.flatMap { parser.append($0) } + parser.finish()
        return all.reduce(into: []) { joined, output in
            if case .text(let new) = output, case .text(let old) = joined.last {
                joined[joined.count - 1] = .text(old + new)
            } else {
                joined.append(output)
            }
        }
    }

    @Test(arguments: [
        ("hello", [Output.text("hello")]),
        ("a < b <tool", [.text("a < b <tool")]),
        (
            "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}</tool_call>",
            [.call(name: "f", arguments: "{\"a\":1}")]
        ),
        (
            "Well.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n"
                + "<tool_call>{\"name\":\"g\"}</tool_call>\n",
            [
                .text("Well.\n"), .call(name: "f", arguments: "{}"),
                .call(name: "g", arguments: "{}"),
            ]
        ),
        (
            "<tool_call>{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":2}\"}</tool_call>",
            [.call(name: "f", arguments: "{\"a\":2}")]
        ),
        ("<tool_call>{\"name\":\"f\",\"arguments\":{}}", [.call(name: "f", arguments: "{}")]),
    ])
    func readsCalls(text: String, wanted: [Output]) {
        for cut in text.indices {
            #expect(outputs([String(text[..<cut]), String(text[cut...])]) == wanted)
        }
        #expect(outputs(text.map { String($0) }) == wanted)
    }

    /// What is no call of an offered tool is shown as it is.
    @Test(arguments: [
        "<tool_call>{\"name\":\"rm\",\"arguments\":{}}</tool_call>",
        "<tool_call>{\"name\":\"f\",\"arguments\":5}</tool_call>",
        "<tool_call>not JSON</tool_call>",
        "<tool_call>{\"name\":\"f\"",
        "<tool_call></tool_call>",
        "</tool_call><tool_call>",
    ])
    func leavesOtherTextAlone(text: String) {
        #expect(outputs(text.map { String($0) }) == [.text(text)])
    }

    @Test func toleratesDeepNesting() {
        let text = "<tool_call>" + String(repeating: "[", count: 100_000) + "</tool_call>"
        #expect(outputs([text]) == [.text(text)])
    }
}
