internal import Synchronization

/// How far a pull is, for whoever watches.
package final class PullMeter: Sendable {
    package struct Reading: Sendable, Equatable {
        package var files = 0
        package var finishedFiles = 0
        /// Bytes of all files.
        package var bytes = 0
        /// Bytes of them on this disk, whenever they came.
        package var finishedBytes = 0
        /// Bytes that came over the network in this pull, also those that were thrown away.
        package var receivedBytes = 0
        /// Files whose checksums are being computed.
        package var checking = 0
    }

    private let state = Mutex(Reading())
    private let notes: @Sendable (String) -> Void

    /// - Parameter notes: gets a line for whatever a person should know: waits, repeats.
    package init(notes: @escaping @Sendable (String) -> Void = { _ in }) {
        self.notes = notes
    }

    package var reading: Reading { state.withLock { $0 } }

    func note(_ line: String) { notes(line) }

    func change(_ body: (inout Reading) -> Void) { state.withLock { body(&$0) } }
}
