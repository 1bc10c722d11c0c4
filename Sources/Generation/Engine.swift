package import Core
internal import Execution
internal import Foundation

/// Runs generations on one model: many at a time, one step after the other, on a thread of its own.
///
/// Events of a step are committed to the journal before anybody receives them. Any thread may call
/// any method.
package final class Engine: Sendable {
    package let model: LanguageModel
    /// Positions of one sequence at most, prompt and answer together.
    package let contextLength: Int
    private let inbox: Inbox
    private let delivery: Delivery
    private let loop: EngineLoop

    /// - Parameter journal: where events become durable. `UnmeteredJournal()` keeps none.
    package init(
        model: LanguageModel,
        options: EngineOptions = EngineOptions(),
        journal: any Journal
    ) throws {
        let size = try EngineSize(model: model, options: options)
        let inbox = Inbox()
        let delivery = Delivery(journal: journal) { inbox.cancel($0) }
        self.model = model
        self.inbox = inbox
        self.delivery = delivery
        contextLength = size.contextLength
        loop = EngineLoop(
            model: model,
            executor: try Executor(model.model, pool: model.pool, limits: size.executorLimits),
            scheduling: size.scheduling,
            contextLength: size.contextLength,
            draftTokens: options.draftTokens,
            inbox: inbox,
            delivery: delivery
        )
        Thread(name: "tm-engine", loop.run).start()
    }

    /// Checks the request and queues it. Returns at once.
    package func submit(_ request: GenerationRequest) -> Submission {
        if let error = check(request) { return .rejected(error) }
        let (stream, continuation) = AsyncStream.makeStream(
            of: GenerationEvent.self,
            bufferingPolicy: .bufferingOldest(Limits.unreadEvents)
        )
        let inbox = inbox, id = request.id
        continuation.onTermination = { _ in inbox.cancel(id) }
        delivery.register(id, continuation)
        if let error = inbox.submit(request) {
            delivery.forget(id)
            return .rejected(error)
        }
        return .accepted(stream)
    }

    /// Ends a generation within a step. Its stream still gets what was produced, then `ended`.
    /// Unknown and finished ids are ignored.
    package func cancel(_ id: GenerationID) { inbox.cancel(id) }

    package var statistics: EngineStatistics { loop.statistics }

    /// Cancels everything, waits until the last event is delivered, ends the threads. Only the
    /// first call does.
    package func shutdown() {
        guard inbox.stop() else { return }
        loop.waitUntilFinished()
        delivery.stop()
    }

    private func check(_ request: GenerationRequest) -> SubmissionError? {
        if request.prompt.isEmpty {
            return SubmissionError(.invalid, "the prompt is empty; give at least one token")
        }
        if request.prompt.count >= contextLength {
            return SubmissionError(
                .promptTooLong,
                "the prompt has \(request.prompt.count) tokens, but the context holds "
                    + "\(contextLength), answer included; shorten the prompt"
            )
        }
        let vocabulary = model.vocabularySize
        if let token = request.prompt.first(where: { $0 < 0 || Int($0) >= vocabulary }) {
            return SubmissionError(
                .invalid,
                "token \(token) is not in the vocabulary (0 to \(vocabulary - 1))"
            )
        }
        if request.maxTokens < 1 {
            return SubmissionError(.invalid, "the answer's token limit must be at least 1")
        }
        if !(1...Limits.choices).contains(request.choices) {
            return SubmissionError(.invalid, "choices must be 1 to \(Limits.choices)")
        }
        return nil
    }
}

/// A journal that keeps nothing, for programs that do not meter.
package struct UnmeteredJournal: Journal {
    package init() {}
    package func commit(_ events: [GenerationEvent]) {}
}

extension Thread {
    convenience init(name: String, _ body: @escaping @Sendable () -> Void) {
        self.init(block: body)
        self.name = name
        stackSize = 4 << 20
    }
}
