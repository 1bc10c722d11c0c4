internal import Core
internal import Foundation
internal import Synchronization

/// Commits events to the journal, then hands them to whoever waits, on a thread of its own: the
/// engine computes the next step while the last one reaches the disk, and steps that come meanwhile
/// share a commit.
final class Delivery: Sendable {
    private struct State {
        var pending: [GenerationEvent] = []
        var streams: [GenerationID: AsyncStream<GenerationEvent>.Continuation] = [:]
        /// Generations whose events the journal refused, until they end.
        var lost: Set<GenerationID> = []
        var stopping = false
    }

    /// Events that may wait for the journal before the engine does too.
    private static let maxPending = 4096

    private let journal: any Journal
    private let cancel: @Sendable (GenerationID) -> Void
    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)
    private let taken = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)

    /// - Parameter cancel: ends a generation whose events cannot be delivered.
    init(journal: any Journal, cancel: @escaping @Sendable (GenerationID) -> Void) {
        self.journal = journal
        self.cancel = cancel
        Thread(name: "tm-delivery") { [self] in
            while deliver() {}
            finished.signal()
        }.start()
    }

    func register(_ id: GenerationID, _ stream: AsyncStream<GenerationEvent>.Continuation) {
        state.withLock { $0.streams[id] = stream }
    }

    func forget(_ id: GenerationID) {
        state.withLock { _ = $0.streams.removeValue(forKey: id) }
    }

    /// Called by the engine's thread after each step. Waits when the journal is far behind.
    func post(_ events: [GenerationEvent]) {
        if events.isEmpty { return }
        let count = state.withLock { state in
            state.pending.append(contentsOf: events)
            return state.pending.count
        }
        bell.signal()
        if count > Self.maxPending { taken.wait() }
    }

    /// Delivers everything posted, then ends the thread.
    func stop() {
        state.withLock { $0.stopping = true }
        bell.signal()
        finished.wait()
    }

    /// One round; false when there is nothing left and nothing will come.
    private func deliver() -> Bool {
        bell.wait()
        let (events, stopping) = state.withLock { state in
            defer { state.pending.removeAll(keepingCapacity: true) }
            return (state.pending, state.stopping)
        }
        if events.isEmpty { return !stopping }
        commit(events)
        if events.count > Self.maxPending { taken.signal() }
        return true
    }

    private func commit(_ events: [GenerationEvent]) {
        let events = events.compactMap(withoutLost)
        do {
            try journal.commit(events)
            for event in events { hand(over: event) }
        } catch {
            commitApart(events, error)
        }
    }

    /// After a refusal, each generation by itself: what one did wrong is no other's loss.
    private func commitApart(_ events: [GenerationEvent], _ error: any Error) {
        let groups = Dictionary(grouping: events, by: \.generation)
        for (id, own) in groups {
            do {
                if groups.count == 1 { throw error }
                try journal.commit(own)
                for event in own { hand(over: event) }
            } catch { lose(id, error) }
        }
    }

    /// A generation whose events were refused once: its rows have a gap, so all that the journal
    /// still hears is that it failed, which bills nothing.
    private func withoutLost(_ event: GenerationEvent) -> GenerationEvent? {
        let id = event.generation
        return state.withLock { state in
            guard state.lost.contains(id) else { return event }
            guard case .ended = event else { return nil }
            state.lost.remove(id)
            return .ended(id, .failed("its events could not be recorded"))
        }
    }

    private func lose(_ id: GenerationID, _ error: any Error) {
        state.withLock { _ = $0.lost.insert(id) }
        fail(id, "the answer was stopped because it could not be recorded: \(error)")
    }

    private func hand(over event: GenerationEvent) {
        let id = event.generation
        guard let stream = state.withLock({ $0.streams[id] }) else { return }
        // A reader this far behind is as good as gone.
        if case .dropped = stream.yield(event) {
            return fail(id, "the answer was stopped: its reader fell behind")
        }
        if case .ended = event {
            forget(id)
            stream.finish()
        }
    }

    /// Ends the stream here, whatever the engine still produces.
    private func fail(_ id: GenerationID, _ message: String) {
        guard let stream = state.withLock({ $0.streams.removeValue(forKey: id) }) else { return }
        stream.yield(.ended(id, .failed(message)))
        stream.finish()
        cancel(id)
    }
}
