import Core
import Foundation
import Generation
import Scheduling
import Synchronization
import Testing
import Tokenization

/// The engine on the shipped model, with the real scheduler, executor and tokenizer.
@Suite(.serialized) struct EngineTests {
    static let model = Result { try LanguageModel.load(path: repository + "/weights", threads: 2) }

    @Test func eventsComeInOrderAndAreCommittedFirst() async throws {
        let journal = RecordingJournal()
        let engine = try Engine(model: Self.model.get(), journal: journal)
        defer { engine.shutdown() }
        let events = try await collect(engine, request("Once upon a time", maxTokens: 20)) {
            event in
            #expect(journal.holds(event), "delivered before it was committed")
        }
        guard case .prefilled(_, let promptTokens, _) = events.first else {
            Issue.record("no prefilled event first")
            return
        }
        #expect(promptTokens == (try encode("Once upon a time")).count)
        guard case .ended(_, .completed) = events.last else {
            Issue.record("the last event is \(String(describing: events.last))")
            return
        }
        let tokens = tokenEvents(events)
        #expect(tokens.count == 20)
        #expect(tokens.map(\.index) == Array(0..<20))
        #expect(tokens.dropLast().allSatisfy { $0.finish == nil })
        #expect(tokens.last?.finish == .length)
        let tokenizer = try #require(try Self.model.get().tokenizer)
        #expect(tokens.map(\.text).joined() == tokenizer.decode(tokens.map(\.token)))
    }

    @Test func sixteenAtOnceSayWhatEachSaysAlone() async throws {
        let engine = try Engine(model: Self.model.get(), journal: UnmeteredJournal())
        defer { engine.shutdown() }
        let prompts = (0..<16).map { "Chapter \($0). There was once " }
        var alone: [[TokenID]] = []
        for (index, prompt) in prompts.enumerated() {
            alone.append(
                tokenEvents(
                    try await collect(engine, sampled(prompt, seed: UInt64(index)))
                ).map(\.token)
            )
        }
        let together = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask {
                    let events = try await collect(engine, sampled(prompt, seed: UInt64(index)))
                    return (index, tokenEvents(events).map(\.token))
                }
            }
            return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
        }
        for index in prompts.indices { #expect(together[index] == alone[index]) }
    }

    @Test func cancellingEndsTheStreamAndTheWork() async throws {
        let journal = RecordingJournal()
        let engine = try Engine(model: Self.model.get(), journal: journal)
        defer { engine.shutdown() }
        var long = try request("Once upon a time", maxTokens: 1500)
        long.ignoreEOS = true
        let id = long.id
        var received = 0
        let events = try await collect(engine, long) { event in
            if case .token = event { received += 1 }
            if received == 5 { engine.cancel(id) }
        }
        guard case .ended(_, .cancelled) = events.last else {
            Issue.record("ended as \(String(describing: events.last))")
            return
        }
        #expect(tokenEvents(events).count < 1000)
        #expect(engine.statistics.scheduling.running == 0)
        #expect(engine.statistics.scheduling.blocksUsed == 0)
    }

    @Test func droppingTheStreamCancels() async throws {
        let journal = RecordingJournal()
        let engine = try Engine(model: Self.model.get(), journal: journal)
        defer { engine.shutdown() }
        var long = try request("Once upon a time", maxTokens: 1500)
        long.ignoreEOS = true
        let id = long.id
        let task = Task { [long] in try await collect(engine, long) }
        while !journal.sawToken(of: id) { try await Task.sleep(for: .milliseconds(2)) }
        task.cancel()
        while journal.ending(of: id) == nil { try await Task.sleep(for: .milliseconds(2)) }
        #expect(journal.ending(of: id) == .cancelled)
    }

    @Test func stopStringsEndTheAnswerAndStayHidden() async throws {
        let engine = try Engine(model: Self.model.get(), journal: UnmeteredJournal())
        defer { engine.shutdown() }
        let free = text(try await collect(engine, request("Once upon a time", maxTokens: 40)))
        let middle = free.index(free.startIndex, offsetBy: free.count / 2)
        let stop = String(free[middle...].prefix(7))
        var stopped = try request("Once upon a time", maxTokens: 40)
        stopped.stop = ["never this", stop]
        let events = try await collect(engine, stopped)
        let expected = free.range(of: stop).map { String(free[..<$0.lowerBound]) }
        #expect(text(events) == expected)
        #expect(tokenEvents(events).last?.finish == .stop)
    }

    @Test func choicesShareThePromptAndDiffer() async throws {
        let engine = try Engine(model: Self.model.get(), journal: UnmeteredJournal())
        defer { engine.shutdown() }
        var three = sampled("Once upon a time", seed: 3)
        three.choices = 3
        let events = try await collect(engine, three)
        let prefills = events.filter { if case .prefilled = $0 { true } else { false } }
        #expect(prefills.count == 1)
        let answers = (0..<3).map { choice in
            tokenEvents(events).filter { $0.choice == choice }.map(\.token)
        }
        #expect(Set(answers).count == 3)
        let single = try await collect(engine, sampled("Once upon a time", seed: 3))
        #expect(tokenEvents(single).map(\.token) == answers[0])
    }

    @Test func logprobsAreOfTheChosenTokens() async throws {
        let engine = try Engine(model: Self.model.get(), journal: UnmeteredJournal())
        defer { engine.shutdown() }
        var request = try request("Once upon a time", maxTokens: 8)
        request.topLogprobs = 3
        for token in tokenEvents(try await collect(engine, request)) {
            let logprobs = try #require(token.logprobs)
            #expect(logprobs.top.count == 3)
            // Greedy: the chosen token is the likeliest.
            #expect(logprobs.top.first?.token == token.token)
            #expect(logprobs.top.first?.logprob == logprobs.logprob)
            #expect(logprobs.logprob <= 0)
        }
    }

    @Test func badRequestsAreRefusedWithReasons() async throws {
        let engine = try Engine(model: Self.model.get(), journal: UnmeteredJournal())
        defer { engine.shutdown() }
        let limit = engine.contextLength
        let long = GenerationRequest(prompt: [TokenID](repeating: 5, count: limit), maxTokens: 1)
        expectRejection(engine.submit(long), .promptTooLong, mentions: ["\(limit)"])
        expectRejection(engine.submit(.init(prompt: [], maxTokens: 1)), .invalid)
        expectRejection(engine.submit(.init(prompt: [1], maxTokens: 0)), .invalid)
        expectRejection(
            engine.submit(.init(prompt: [-1], maxTokens: 1)),
            .invalid,
            mentions: ["-1"]
        )
        expectRejection(engine.submit(.init(prompt: [1 << 20], maxTokens: 1)), .invalid)
        var many = GenerationRequest(prompt: [1], maxTokens: 1)
        many.choices = 1 << 20
        expectRejection(engine.submit(many), .invalid)
    }

    @Test func theContextEndsTheAnswer() async throws {
        var options = EngineOptions()
        options.contextLength = 64
        let engine = try Engine(
            model: Self.model.get(),
            options: options,
            journal: UnmeteredJournal()
        )
        defer { engine.shutdown() }
        var request = try request("Once upon a time", maxTokens: 1000)
        request.ignoreEOS = true
        let tokens = tokenEvents(try await collect(engine, request))
        #expect(tokens.count == 64 - request.prompt.count)
        #expect(tokens.last?.finish == .length)
    }

    @Test func whatCannotBeRecordedIsNotShownAndHurtsNobodyElse() async throws {
        let bad = try request("Once upon a time", maxTokens: 50)
        let journal = RecordingJournal(refusing: bad.id)
        let engine = try Engine(model: Self.model.get(), journal: journal)
        defer { engine.shutdown() }
        async let good = collect(engine, request("Once upon a time", maxTokens: 50))
        let events = try await collect(engine, bad)
        #expect(tokenEvents(events).isEmpty)
        guard case .ended(_, .failed) = events.last else {
            Issue.record("ended as \(String(describing: events.last))")
            return
        }
        #expect(tokenEvents(try await good).count == 50)
    }

    @Test func aFullQueueIsRefused() async throws {
        let engine = try Engine(model: Self.model.get(), journal: UnmeteredJournal())
        defer { engine.shutdown() }
        var streams: [AsyncStream<GenerationEvent>] = []
        var refused = 0
        for _ in 0..<Limits.queuedGenerations + 8 {
            var request = try request("Once", maxTokens: 500)
            request.ignoreEOS = true
            switch engine.submit(request) {
            case .accepted(let stream): streams.append(stream)
            case .rejected(let error):
                #expect(error.code == .queueFull)
                #expect(error.message.contains("in line"))
                refused += 1
            }
        }
        #expect(refused > 0)
        #expect(streams.count >= Limits.queuedGenerations)
    }

    @Test func whoWaitsKnowsThePlaceAndTheTime() async throws {
        var options = EngineOptions()
        options.maxSequences = 2
        let engine = try Engine(
            model: Self.model.get(),
            options: options,
            journal: UnmeteredJournal()
        )
        defer { engine.shutdown() }
        // Its end tells how long an answer takes.
        _ = try await collect(engine, request("Once", maxTokens: 5))
        var ids: [GenerationID] = []
        var streams: [AsyncStream<GenerationEvent>] = []
        for _ in 0..<6 {
            var request = try request("Once", maxTokens: 1200)
            request.ignoreEOS = true
            ids.append(request.id)
            if case .accepted(let stream) = engine.submit(request) { streams.append(stream) }
        }
        // The engine may look at the queue before all have arrived, or while one is being admitted.
        while engine.statistics.queue.count != 4 { try await Task.sleep(for: .milliseconds(2)) }
        let queue = engine.statistics.queue
        #expect(ids.compactMap { queue[$0]?.position } == [0, 1, 2, 3])
        let seconds = ids.compactMap { queue[$0]?.seconds }
        #expect(seconds.count == 4 && seconds == seconds.sorted() && seconds[0] > 0)
        for id in ids { engine.cancel(id) }
        for stream in streams { for await _ in stream {} }
        #expect(engine.statistics.queue.isEmpty)
    }
}

// MARK: helpers

private func encode(_ text: String) throws -> [TokenID] {
    try #require(try EngineTests.model.get().tokenizer).encode(text)
}

private func request(_ prompt: String, maxTokens: Int) throws -> GenerationRequest {
    var request = GenerationRequest(prompt: try encode(prompt), maxTokens: maxTokens)
    request.sampling = .greedy
    return request
}

private func sampled(_ prompt: String, seed: UInt64) -> GenerationRequest {
    var request = GenerationRequest(prompt: (try? encode(prompt)) ?? [], maxTokens: 24)
    request.sampling.seed = seed
    request.ignoreEOS = true
    return request
}

private func collect(
    _ engine: Engine,
    _ request: GenerationRequest,
    _ look: (GenerationEvent) -> Void = { _ in }
) async throws -> [GenerationEvent] {
    guard case .accepted(let stream) = engine.submit(request) else {
        throw Refused()
    }
    var events: [GenerationEvent] = []
    for await event in stream {
        look(event)
        events.append(event)
    }
    return events
}

private struct Refused: Error {}

private func tokenEvents(_ events: [GenerationEvent]) -> [TokenEvent] {
    events.compactMap { if case .token(let event) = $0 { event } else { nil } }
}

private func text(_ events: [GenerationEvent]) -> String {
    tokenEvents(events).map(\.text).joined()
}

private func expectRejection(
    _ submission: Submission,
    _ code: SubmissionError.Code,
    mentions: [String] = []
) {
    guard case .rejected(let error) = submission else {
        Issue.record("accepted")
        return
    }
    #expect(error.code == code)
    for word in mentions { #expect(error.message.contains(word)) }
}

/// Keeps what it is given, and refuses one generation.
private final class RecordingJournal: Journal {
    private let events = Mutex<[GenerationEvent]>([])
    private let refused: GenerationID?

    init(refusing refused: GenerationID? = nil) { self.refused = refused }

    func commit(_ new: [GenerationEvent]) throws {
        if new.contains(where: { $0.generation == refused }) { throw Refused() }
        events.withLock { $0.append(contentsOf: new) }
    }

    func holds(_ event: GenerationEvent) -> Bool {
        events.withLock { $0.contains { "\($0)" == "\(event)" } }
    }

    func sawToken(of id: GenerationID) -> Bool {
        events.withLock { events in
            events.contains { if case .token = $0 { $0.generation == id } else { false } }
        }
    }

    func ending(of id: GenerationID) -> GenerationEvent.Ending? {
        events.withLock { events in
            events.lazy.compactMap { event in
                if case .ended(id, let ending) = event { ending } else { nil }
            }.first
        }
    }
}

private let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")
