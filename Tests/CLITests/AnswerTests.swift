import CLI
import Core
import Testing

@Suite struct AnswerTests {
    private let id = GenerationID("gen-1")

    private func token(
        _ token: TokenID,
        _ text: String,
        _ finish: FinishReason? = nil
    ) -> GenerationEvent {
        .token(
            TokenEvent(
                generation: id,
                choice: 0,
                index: 0,
                token: token,
                text: text,
                finish: finish
            )
        )
    }

    @Test func eventsAddUpToTheDocumentedJSON() throws {
        var answer = Answer(promptTokens: 5)
        #expect(try answer.add(.prefilled(id, promptTokens: 5, cachedTokens: 2)).isEmpty)
        #expect(try answer.add(token(7, "Hel")) == "Hel")
        #expect(try answer.add(token(8, "lo", .length)) == "lo")
        #expect(!answer.isOver)
        #expect(try answer.add(.ended(id, .completed)).isEmpty)
        #expect(answer.isOver)
        answer.cost = "0.000001"
        #expect(
            answer.json == [
                "prompt_tokens": 5, "tokens": [7, 8], "text": "Hello", "finish_reason": "length",
                "usage": [
                    "prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7,
                    "prompt_tokens_details": ["cached_tokens": 2], "cost": "0.000001",
                ],
            ]
        )
    }

    @Test func aCancelledAnswerSaysSo() throws {
        var answer = Answer(promptTokens: 1)
        _ = try answer.add(token(7, "Hel"))
        _ = try answer.add(.ended(id, .cancelled))
        #expect(answer.finish == .cancelled)
        #expect(answer.text == "Hel")
    }

    @Test func aFailureThrowsItsReason() {
        var answer = Answer(promptTokens: 1)
        #expect(throws: CLIError(.failed, "disk full")) {
            try answer.add(.ended(id, .failed("disk full")))
        }
    }
}
