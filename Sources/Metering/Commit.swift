package import Core
internal import GRDB

extension Ledger {
    /// Commits events in order, in one transaction. On a throw nothing of it is recorded: an event
    /// of a generation that is unknown or over, a token out of order, or any failure of storage.
    package func commit(_ events: [GenerationEvent]) throws(LedgerError) {
        if events.isEmpty { return }
        try write { db in
            var open: [GenerationID: OpenGeneration] = [:]
            for event in events { try Self.record(event, db, &open) }
        }
    }

    private static func record(
        _ event: GenerationEvent,
        _ db: Database,
        _ open: inout [GenerationID: OpenGeneration]
    ) throws {
        let id = event.generation
        if open[id] == nil { open[id] = try OpenGeneration(db, id) }
        switch event {
        case .prefilled(_, let prompt, let cached):
            try open[id]?.prefill(db, prompt: prompt, cached: cached)
        case .token(let token):
            try open[id]?.append(db, token)
        case .ended(_, let ending):
            try open[id]?.settle(db, as: GenerationStatus(ending))
            // A later event of it in this transaction finds it ended.
            open[id] = nil
        }
    }
}

extension GenerationStatus {
    fileprivate init(_ ending: GenerationEvent.Ending) {
        switch ending {
        case .completed: self = .completed
        case .cancelled: self = .cancelled
        case .failed: self = .failed
        }
    }
}
