import CLI
import Core
import Testing

@Suite struct ChatInputTests {
    @Test(arguments: [
        ("  Hello there ", ChatInput.message("Hello there")),
        ("", .nothing),
        ("   ", .nothing),
        ("/help", .help),
        ("/clear ", .clear),
        ("/tokens", .tokens),
        ("/quit", .quit),
        ("/exit", .quit),
        ("/system You are  terse.", .system("You are  terse.")),
        ("/system", .system("")),
        ("/save a b.json", .save("a b.json")),
        ("/load x.json", .load("x.json")),
        ("/set temperature  0.5", .set(name: "temperature", value: "0.5")),
    ])
    func linesAreUnderstood(_ line: String, _ expected: ChatInput) {
        #expect(ChatInput(line) == expected)
    }

    @Test(arguments: ["/", "/nope", "/save", "/load ", "/set", "/set seed", "/set seed 1 2"])
    func wrongCommandsSayWhatIsExpected(_ line: String) {
        guard case .wrong(let message) = ChatInput(line) else {
            Issue.record("\(line) was taken for \(ChatInput(line))")
            return
        }
        #expect(message.contains("/"))
    }
}

@Suite struct ChatSettingsTests {
    private let settings = ChatSettings(sampling: .greedy, maxTokens: 10)

    @Test func eachSettingChangesItsField() throws {
        var settings = settings
        try settings.set("temperature", to: "0.5")
        try settings.set("top_p", to: "0.9")
        try settings.set("top_k", to: "40")
        try settings.set("min_p", to: "0.05")
        try settings.set("repetition_penalty", to: "1.1")
        try settings.set("seed", to: "18446744073709551615")
        try settings.set("max_tokens", to: "7")
        #expect(settings.sampling.temperature == 0.5)
        #expect(settings.sampling.topP == 0.9)
        #expect(settings.sampling.topK == 40)
        #expect(settings.sampling.minP == 0.05)
        #expect(settings.sampling.repetitionPenalty == 1.1)
        #expect(settings.sampling.seed == .max)
        #expect(settings.maxTokens == 7)
    }

    @Test(arguments: [
        ("temperature", "nan"), ("temperature", "2.1"), ("temperature", "-1"), ("top_p", "inf"),
        ("top_k", "-1"), ("max_tokens", "0"), ("max_tokens", "99999999999999999999"),
        ("seed", "-1"), ("colour", "red"),
    ])
    func whatIsOutOfRangeChangesNothing(_ name: String, _ value: String) {
        var changed = settings
        #expect(throws: CLIError.self) { try changed.set(name, to: value) }
        #expect(changed == settings)
    }
}
