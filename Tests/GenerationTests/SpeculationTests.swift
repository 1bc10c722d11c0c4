import Core
import Generation
import Scheduling
import Testing
import Tokenization

extension EngineTests {
    /// Guessing from the text itself, on the shipped model: the same answers in fewer steps.
    @Suite struct Speculation {
        /// Ends where the model is about to repeat what it has read.
        private static let passage = """
            The old clock in the hall struck seven, and the children ran down the stairs to see what \
            the postman had brought. There was a long blue letter for their mother, and a small box \
            tied with red string, and nobody knew what was in it.
            """

        private func run(
            _ request: GenerationRequest,
            draftTokens: Int
        ) async throws -> (tokens: [TokenID], statistics: EngineStatistics) {
            var options = EngineOptions()
            options.draftTokens = draftTokens
            options.prefixCaching = false
            let engine = try Engine(
                model: EngineTests.model.get(),
                options: options,
                journal: UnmeteredJournal()
            )
            defer { engine.shutdown() }
            guard case .accepted(let stream) = engine.submit(request) else { return ([], .init()) }
            var tokens: [TokenID] = []
            for await case .token(let event) in stream { tokens.append(event.token) }
            return (tokens, engine.statistics)
        }

        /// Steps that an answer takes if every step checks as many drafts as there may be.
        private static func steps(for answer: [TokenID], after prompt: [TokenID]) -> Int {
            var lookup = PromptLookup(prompt, room: answer.count)
            var drafts: [TokenID] = []
            var produced = 0
            var steps = 0
            while produced < answer.count {
                steps += 1
                lookup.draft(16, into: &drafts)
                let right = zip(drafts, answer[produced...]).prefix { $0 == $1 }.count
                for token in answer[produced...].prefix(right + 1) { lookup.append(token) }
                produced += right + 1
            }
            return steps
        }

        private func copying(temperature: Float) throws -> GenerationRequest {
            let tokenizer = try #require(try EngineTests.model.get().tokenizer)
            let prompt = Self.passage + "\n\n" + Self.passage + "\n\nThe old clock in the hall"
            var request = GenerationRequest(prompt: try tokenizer.encode(prompt), maxTokens: 160)
            request.sampling.temperature = temperature
            request.sampling.seed = 5
            request.ignoreEOS = true
            return request
        }

        @Test(arguments: [Float(0), 0.7])
        func guessingChangesStepsAndNotTokens(temperature: Float) async throws {
            let request = try copying(temperature: temperature)
            let plain = try await run(request, draftTokens: 0)
            let guessed = try await run(request, draftTokens: 16)
            #expect(plain.tokens.count == 160)
            #expect(guessed.tokens == plain.tokens)
            #expect(plain.statistics.draftedTokens == 0)
            #expect(guessed.statistics.generatedTokens == 160)
            let steps = (plain: plain.statistics.steps, guessed: guessed.statistics.steps)
            let saved = guessed.statistics.acceptedDrafts
            #expect(steps.plain - steps.guessed == saved, "each right guess saves a step")
            // How often it guesses depends on how fast steps are; what it could save does not.
            if temperature == 0 {
                let steps = Self.steps(for: plain.tokens, after: request.prompt)
                #expect(steps * 2 <= plain.tokens.count, "\(steps)")
            }
        }
    }
}
