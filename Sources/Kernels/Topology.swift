internal import CLinux
internal import Foundation

/// What of this machine the process may use: its CPU affinity mask, one hardware thread per core,
/// and the limits of its control groups (cgroups 1 and 2, the group's own and its parents').
package struct Topology: Sendable {
    /// Hardware threads to compute on, in the system's numbering: one of each core.
    package let cores: [Int]
    /// Processors' worth of time that the control groups allow; nil when they set no limit.
    package let quota: Double?

    /// - Parameters:
    ///   - root: where `/proc` and `/sys` are.
    ///   - allowed: the hardware threads of the affinity mask; nil asks the system.
    package init(root: String = "", allowed: [Int]? = nil) {
        let allowed = allowed ?? Self.affinity()
        var seen: Set<Int> = []
        cores = allowed.filter { processor in
            let siblings = Self.siblings(of: processor, root)
            defer { seen.insert(processor) }
            return seen.isDisjoint(with: siblings)
        }
        quota = Self.groups("cpu", root).compactMap(Self.quota).min()
    }

    /// Workers that pay: a thread on a core's second half, or beyond the quota, only takes time from
    /// another that all wait for.
    package var workerCount: Int {
        max(1, min(cores.count, quota.map { Int($0) } ?? .max))
    }

    /// Bytes that can be taken now: what the system has available, and what the control groups
    /// still allow.
    package static func availableMemory(root: String = "") -> Int {
        let meminfo = text(root + "/proc/meminfo") ?? ""
        let line = meminfo.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let limits = groups("memory", root).compactMap(memoryLeft)
        return max(0, ([(kilobytes ?? 1 << 20) * 1024] + limits).min() ?? 0)
    }

    private static func affinity() -> [Int] {
        (0..<clinux_processor_count()).map { Int(clinux_processor($0)) }
    }

    /// The hardware threads of a processor's core, as in `0,8` or `0-1`.
    private static func siblings(of processor: Int, _ root: String) -> [Int] {
        let path = "\(root)/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"
        return (text(path) ?? "").split(separator: ",").flatMap { part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else {
                return [Int]()
            }
            return Array(first...last)
        }
    }

    /// The folders of the process's control group and its parents that a controller's limits may
    /// stand in.
    private static func groups(_ controller: String, _ root: String) -> [String] {
        let lines = (text(root + "/proc/self/cgroup") ?? "").split(separator: "\n")
        return lines.flatMap { line -> [String] in
            let fields = line.split(
                separator: ":",
                maxSplits: 2,
                omittingEmptySubsequences: false
            )
            guard fields.count == 3 else { return [] }
            let names = fields[1].split(separator: ",")
            guard names.isEmpty || names.contains(Substring(controller)) else { return [] }
            let mount = root + "/sys/fs/cgroup" + (names.isEmpty ? "" : "/" + controller)
            return parents(of: fields[2]).map { mount + $0 }
        }
    }

    /// `/a/b` gives `/a/b`, `/a` and the empty path.
    private static func parents(of path: Substring) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { count in
            parts[..<count].map { "/" + $0 }.joined()
        }
    }

    private static func quota(_ folder: String) -> Double? {
        let own = (text(folder + "/cpu.max") ?? "").split(separator: " ").map { Double($0) }
        let times =
            own.count == 2
            ? own
            : [number(folder + "/cpu.cfs_quota_us"), number(folder + "/cpu.cfs_period_us")]
        guard let time = times[0], let period = times[1], time > 0, period > 0 else { return nil }
        return time / period
    }

    private static func memoryLeft(_ folder: String) -> Int? {
        for (limit, used) in [
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ] {
            guard let limit = number(folder + "/" + limit), limit < 0x1p60 else { continue }
            return Int(limit - (number(folder + "/" + used) ?? 0))
        }
        return nil
    }

    private static func number(_ path: String) -> Double? { text(path).flatMap { Double($0) } }

    private static func text(_ path: String) -> String? {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
