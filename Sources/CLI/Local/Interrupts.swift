import Foundation
import Synchronization

/// Calls an action for every Ctrl-C. The signal handler only writes a byte to a pipe; the action
/// runs on a thread that reads the pipe, so it may do anything.
final class Interrupts: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Takes over the interrupt signal for the rest of the process; make one.
    init() throws(CLIError) {
        guard interruptPipe.read >= 0 else {
            throw CLIError(.failed, "cannot watch for Ctrl-C: \(Terminal.errorText())")
        }
        Thread.detachNewThread { [self] in watch() }
        signal(SIGINT) { _ in
            let before = errno
            var byte: UInt8 = 0
            _ = write(interruptPipe.write, &byte, 1)
            errno = before
        }
    }

    /// What the next Ctrl-C does, instead of what the last one would have done.
    func onInterrupt(_ action: @escaping @Sendable () -> Void) {
        self.action.withLock { $0 = action }
    }

    private func watch() {
        var byte: UInt8 = 0
        while true {
            let count = read(interruptPipe.read, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { return }
            action.withLock { $0 }?()
        }
    }
}

/// Made once, before the handler that uses it is installed: the handler sees only this constant.
private let interruptPipe: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    return pipe(&ends) == 0 ? (ends[0], ends[1]) : (-1, -1)
}()
