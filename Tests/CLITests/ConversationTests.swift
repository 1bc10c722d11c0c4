import CLI
import Core
import Testing

@Suite struct ConversationTests {
    @Test func messagesComeInOrderAfterTheSystemMessage() {
        var conversation = Conversation(system: "Be brief.")
        conversation.add(role: "user", "Hi")
        conversation.add(role: "assistant", "Hello.")
        #expect(
            conversation.messages == [
                ["role": "system", "content": "Be brief."],
                ["role": "user", "content": "Hi"],
                ["role": "assistant", "content": "Hello."],
            ]
        )
        conversation.clear()
        #expect(conversation.messages == [["role": "system", "content": "Be brief."]])
    }

    @Test func whatWasSavedLoadsUnchanged() throws {
        var conversation = Conversation(system: "S")
        conversation.add(role: "user", "a \"quoted\" line\nand another")
        let text = conversation.saved(model: "m").text(pretty: true)
        #expect(try Conversation(saved: JSON(parsing: text)) == conversation)
    }

    @Test func aBareArrayLoadsToo() throws {
        let messages = try JSON(parsing: #"[{"role": "user", "content": "Hi"}]"#)
        #expect(try Conversation(saved: messages).messages.count == 1)
    }

    @Test(arguments: [
        "{}", "3", #"["Hi"]"#, #"[{"role": "user"}]"#, #"[{"role": 1, "content": "Hi"}]"#,
        #"{"messages": {}}"#,
    ])
    func whatIsNoConversationIsRefused(_ text: String) throws {
        let json = try JSON(parsing: text)
        #expect(throws: CLIError.self) { try Conversation(saved: json) }
    }
}
