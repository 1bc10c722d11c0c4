import Core
import Execution
import Generation
import Kernels
import ModelFiles
import Scheduling
import Testing
import Tokenization

extension EngineTests {
    /// Promise 1, over all at once: requests that arrive at random on an engine with too small a
    /// cache, with shared prefixes, guessing, preemption and several tenants, give the tokens that
    /// each gives alone on an engine without any of these, and with one thread. Log probabilities
    /// are compared to the last bit, since most differences in logits change no token.
    @Suite struct RandomSchedule {
        /// What is played: all number formats of weights and of the cache.
        struct Subject: CustomTestStringConvertible {
            let weights: EveryFormat
            let cache: KVFormat
            let requests: Int
            var testDescription: String { "\(weights), cache \(cache)" }
        }

        private static let subjects = [
            Subject(weights: .blocks, cache: .int8, requests: 200),
            Subject(weights: .codes, cache: .bf16, requests: 60),
            Subject(weights: .shipped, cache: .f32, requests: 60),
        ]

        @Test func everyFormatIsPlayed() {
            let formats = Self.subjects.reduce(into: Set()) { $0.formUnion($1.weights.formats) }
            #expect(formats == Set(WeightFormat.allCases))
            #expect(Set(Self.subjects.map(\.cache)) == Set(KVFormat.allCases))
        }

        @Test(arguments: subjects)
        func aRandomScheduleGivesTheTokensOfEachAlone(_ subject: Subject) async throws {
            let folder = try EngineTests.model.get().source.path
            let (model, single) = try subject.weights.with(folder) { path in
                (
                    try LanguageModel.load(path: path, cacheFormat: subject.cache, threads: 2),
                    try LanguageModel.load(path: path, cacheFormat: subject.cache, threads: 1)
                )
            }
            let formats = subject.weights.formats.union([.f32])
            #expect(Set(model.model.weightCounts.keys) == formats)
            #expect(model.model.configuration.cacheFormat == subject.cache)
            var random = Lehmer(state: 7919)
            let requests = try (0..<subject.requests).map { _ in try request(model, &random) }
            let crowd = try await together(requests, model, &random)
            let alone = try await oneByOne(requests, single)
            for index in requests.indices {
                #expect(crowd.answers[index] == alone.answers[index], "request \(index)")
                #expect(alone.answers[index]?.isEmpty == false)
            }
            let counts = crowd.statistics.scheduling
            #expect(counts.preemptions > 0)
            #expect(counts.prefixHitTokens > 500)
            #expect(crowd.statistics.acceptedDrafts > 0)
            #expect(crowd.statistics.draftedTokens > crowd.statistics.acceptedDrafts)
            #expect(alone.statistics.draftedTokens == 0)
            #expect(alone.statistics.scheduling.prefixHitTokens == 0)
        }

        /// A token, and how likely it and the likeliest were.
        private struct Answer: Equatable {
            let token: TokenID
            let logprobs: TokenLogprobs?
        }

        private struct Run {
            var answers: [Int: [Answer]] = [:]
            var statistics = EngineStatistics()
        }

        private static let texts = [
            "Once upon a time there was a little girl who lived in a house by the sea. ",
            "The king had three sons, and the youngest was called the simpleton. ",
            "one two three four five one two three four five one two three four five ",
        ]

        private func request(
            _ model: LanguageModel,
            _ random: inout Lehmer
        ) throws -> GenerationRequest {
            let tokenizer = try #require(model.tokenizer)
            let text = Self.texts[random.below(3)]
            let copies = 1 + random.below(6)
            var prompt = Array(repeating: try tokenizer.encode(text), count: copies).flatMap { $0 }
            // Some end inside what others share.
            if random.below(2) == 0 { prompt.removeLast(random.below(prompt.count / 2)) }
            var request = GenerationRequest(
                tenant: TenantID("tenant \(random.below(3))"),
                prompt: prompt,
                maxTokens: 8 + random.below(50)
            )
            request.sampling.temperature = [0, 0, 0.6, 1][random.below(4)]
            if random.below(3) == 0 { request.sampling.topP = 0.9 }
            if random.below(4) == 0 { request.sampling.topK = 20 }
            if random.below(4) == 0 { request.sampling.repetitionPenalty = 1.2 }
            request.sampling.seed = UInt64(random.below(1 << 30))
            request.ignoreEOS = random.below(2) == 0
            request.topLogprobs = 1
            return request
        }

        private func together(
            _ requests: [GenerationRequest],
            _ model: LanguageModel,
            _ random: inout Lehmer
        ) async throws -> Run {
            var options = EngineOptions()
            options.contextLength = 512
            options.cacheTokens = 544
            options.maxBatchTokens = 96
            options.maxSequences = 7
            let engine = try Engine(model: model, options: options, journal: UnmeteredJournal())
            defer { engine.shutdown() }
            let pauses = requests.map { _ in random.below(4) == 0 ? random.below(40) : 0 }
            return try await withThrowingTaskGroup(of: (Int, [Answer]).self) { group in
                for (index, request) in requests.enumerated() {
                    try await Task.sleep(for: .milliseconds(pauses[index]))
                    guard case .accepted(let stream) = engine.submit(request) else { continue }
                    group.addTask { (index, await Self.answers(stream)) }
                }
                var run = Run()
                for try await (index, answers) in group { run.answers[index] = answers }
                run.statistics = engine.statistics
                return run
            }
        }

        private func oneByOne(
            _ requests: [GenerationRequest],
            _ model: LanguageModel
        ) async throws -> Run {
            var options = EngineOptions()
            options.contextLength = 512
            options.draftTokens = 0
            options.prefixCaching = false
            options.maxSequences = 1
            let engine = try Engine(model: model, options: options, journal: UnmeteredJournal())
            defer { engine.shutdown() }
            var run = Run()
            for (index, request) in requests.enumerated() {
                guard case .accepted(let stream) = engine.submit(request) else { continue }
                run.answers[index] = await Self.answers(stream)
            }
            run.statistics = engine.statistics
            return run
        }

        private static func answers(_ stream: AsyncStream<GenerationEvent>) async -> [Answer] {
            var answers: [Answer] = []
            for await event in stream {
                guard case .token(let event) = event else { continue }
                answers.append(Answer(token: event.token, logprobs: event.logprobs))
            }
            return answers
        }
    }
}
