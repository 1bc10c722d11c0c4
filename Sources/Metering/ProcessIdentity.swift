internal import Glibc

/// A process on this machine, told from a later one with the same number: by its start time, and
/// from one before a reboot by the kernel's boot id. The ledger's processes must share one process
/// namespace: across containers a live process looks gone.
package struct ProcessIdentity: Sendable, Hashable {
    package var pid: Int
    /// Clock ticks from boot to the process's start; field 22 of `/proc/PID/stat`.
    package var startTicks: Int
    package var bootID: String

    package init(pid: Int, startTicks: Int, bootID: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.bootID = bootID
    }

    package static var current: ProcessIdentity {
        let pid = Int(getpid())
        return ProcessIdentity(
            pid: pid,
            startTicks: startTicks(of: pid) ?? 0,
            bootID: currentBootID
        )
    }

    /// Whether the process still runs.
    package var isAlive: Bool {
        bootID == Self.currentBootID && Self.startTicks(of: pid) == startTicks
    }

    private static var currentBootID: String {
        (read("/proc/sys/kernel/random/boot_id") ?? "").filter { !$0.isWhitespace }
    }

    /// Nil for a process that is gone or only waits to be collected.
    private static func startTicks(of pid: Int) -> Int? {
        // The command in parentheses may itself hold spaces and parentheses.
        guard let stat = read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else {
            return nil
        }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return Int(fields[19])
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
