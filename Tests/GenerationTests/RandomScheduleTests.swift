import Core
import Generation
import Kernels
import ModelFiles
import Scheduling
import Testing
import Tokenization

extension EngineTests {
    /// Promise 1, over all at once: 200 requests that arrive at random on an engine with too small a
    /// cache, with shared prefixes, guessing, preemption and several tenants, give the tokens that
    /// each gives alone on an engine without any of these.
    @Suite struct RandomSchedule {
        private struct Run {
            var tokens: [Int: [TokenID]] = [:]
            var statistics = EngineStatistics()
        }

        @Test(arguments: [nil, WeightFormat.q8_0, .q4_0])
        func aRandomScheduleGivesTheTokensOfEachAlone(format: WeightFormat?) async throws {
            let folder = try EngineTests.model.get().source.path
            let model = try LanguageModel.load(path: folder, quantize: format, threads: 2)
            var random = Lehmer(state: UInt64(format?.rawValue.utf8.count ?? 0) + 7919)
            let requests = try (0..<67).map { _ in try request(model, &random) }
            let crowd = try await together(requests, model, &random)
            let alone = try await oneByOne(requests, model)
            for index in requests.indices {
                #expect(crowd.tokens[index] == alone.tokens[index], "request \(index)")
                #expect(alone.tokens[index]?.isEmpty == false)
            }
            let counts = crowd.statistics.scheduling
            #expect(counts.preemptions > 0)
            #expect(counts.prefixHitTokens > 500)
            #expect(crowd.statistics.acceptedDrafts > 0)
            #expect(crowd.statistics.draftedTokens > crowd.statistics.acceptedDrafts)
            #expect(alone.statistics.draftedTokens == 0)
            #expect(alone.statistics.scheduling.prefixHitTokens == 0)
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
            return try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
                for (index, request) in requests.enumerated() {
                    try await Task.sleep(for: .milliseconds(pauses[index]))
                    guard case .accepted(let stream) = engine.submit(request) else { continue }
                    group.addTask { (index, await Self.tokens(stream)) }
                }
                var run = Run()
                for try await (index, tokens) in group { run.tokens[index] = tokens }
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
                run.tokens[index] = await Self.tokens(stream)
            }
            run.statistics = engine.statistics
            return run
        }

        private static func tokens(_ stream: AsyncStream<GenerationEvent>) async -> [TokenID] {
            var tokens: [TokenID] = []
            for await event in stream {
                if case .token(let token) = event { tokens.append(token.token) }
            }
            return tokens
        }
    }
}

/// A small generator, so that a seed means the same requests every time.
private struct Lehmer {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
