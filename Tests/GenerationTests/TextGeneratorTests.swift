import Generation
import Testing

/// The library as another program uses it: public symbols only.
@Suite(.serialized) struct TextGeneratorTests {
    @Test func completesAndAnswersTheSameTwice() async throws {
        let generator = try TextGenerator(folder: repository + "/weights", threads: 2)
        var options = TextGenerator.Options()
        options.temperature = 0
        options.maxTokens = 16
        let once = try await text(generator.complete("Once upon a time", options: options))
        let again = try await text(generator.complete("Once upon a time", options: options))
        #expect(!once.isEmpty)
        #expect(once == again)
        let answer = try await text(generator.answer([.user("Hello!")], options: options))
        #expect(!answer.contains("<|im_end|>"))
        #expect(try await text(generator.answer([.user("Hello!")], options: options)) == answer)
    }

    @Test func leavingEarlyLeavesTheGeneratorUsable() async throws {
        let generator = try TextGenerator(folder: repository + "/weights", threads: 2)
        for try await _ in try generator.complete("Once upon a time") { break }
        var options = TextGenerator.Options()
        options.maxTokens = 4
        _ = try await text(generator.complete("Once upon a time", options: options))
    }

    @Test func errorsSayWhatIsWrong() async throws {
        #expect(throws: GenerationFailure.self) { try TextGenerator(folder: "/does/not/exist") }
        let generator = try TextGenerator(folder: repository + "/weights")
        #expect(throws: GenerationFailure.self) { try generator.complete("") }
        var options = TextGenerator.Options()
        options.maxTokens = 0
        #expect(throws: GenerationFailure.self) {
            try generator.complete("Once", options: options)
        }
    }

    private func text(_ stream: AsyncThrowingStream<String, any Error>) async throws -> String {
        try await stream.reduce(into: "") { $0 += $1 }
    }
}

private let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")
