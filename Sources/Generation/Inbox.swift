internal import Core
internal import Foundation
internal import Synchronization

/// How other threads reach the engine's: requests and cancellations wait here for its next step.
final class Inbox: Sendable {
    struct Mail {
        var submitted: [GenerationRequest] = []
        var cancelled: [GenerationID] = []
        var stopping = false
        /// Generations accepted and not yet ended.
        var open = 0
        /// As the engine saw it last.
        var waiting = 0
        var secondsPerPlace: Double?
    }

    private let mail = Mutex(Mail())
    private let bell = DispatchSemaphore(value: 0)

    func submit(_ request: GenerationRequest) -> SubmissionError? {
        let error: SubmissionError? = mail.withLock { mail in
            if mail.stopping {
                return SubmissionError(.shuttingDown, "the engine is shutting down")
            }
            if mail.open >= Limits.queuedGenerations {
                return .queueFull(mail.open, waiting: mail.waiting, mail.secondsPerPlace)
            }
            mail.open += 1
            mail.submitted.append(request)
            return nil
        }
        if error == nil { bell.signal() }
        return error
    }

    /// What a request that is refused is told.
    func tell(waiting: Int, secondsPerPlace: Double?) {
        mail.withLock { mail in
            mail.waiting = waiting
            mail.secondsPerPlace = secondsPerPlace
        }
    }

    func cancel(_ id: GenerationID) {
        mail.withLock { $0.cancelled.append(id) }
        bell.signal()
    }

    /// Returns whether this was the first call.
    func stop() -> Bool {
        let isFirst = mail.withLock { mail in
            defer { mail.stopping = true }
            return !mail.stopping
        }
        bell.signal()
        return isFirst
    }

    /// Takes what has come. With `wait`, sleeps until something does.
    func take(wait: Bool) -> Mail {
        if wait { bell.wait() } else { _ = bell.wait(timeout: .now()) }
        return mail.withLock { mail in
            defer {
                mail.submitted.removeAll()
                mail.cancelled.removeAll()
            }
            return mail
        }
    }

    /// A generation ended; its place in the queue is free.
    func release() { mail.withLock { $0.open -= 1 } }
}
