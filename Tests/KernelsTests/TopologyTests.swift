import Foundation
import Kernels
import Testing

/// Made-up `/proc` and `/sys` trees.
@Suite struct TopologyTests {
    private let root = NSTemporaryDirectory() + "tm-topology-" + UUID().uuidString

    private func write(_ files: [String: String]) throws {
        for (path, text) in files {
            let file = URL(filePath: root + path)
            let folder = file.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: file)
        }
    }

    private func siblings(_ lists: [String]) -> [String: String] {
        var files: [String: String] = [:]
        for (processor, list) in lists.enumerated() {
            files["/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"] = list
        }
        return files
    }

    private func remove() { try? FileManager.default.removeItem(atPath: root) }

    @Test func oneThreadOfEachCore() throws {
        defer { remove() }
        try write(siblings(["0,2", "1,3", "0,2", "1,3"]))
        #expect(Topology(root: root, allowed: [0, 1, 2, 3]).cores == [0, 1])
        #expect(Topology(root: root, allowed: [2, 3]).cores == [2, 3])
        #expect(Topology(root: root, allowed: [0, 2]).workerCount == 1)
        try write(siblings(["0-1", "0-1", "2-3", "2-3"]))
        #expect(Topology(root: root, allowed: [0, 1, 2, 3]).cores == [0, 2])
    }

    @Test func withoutFilesEveryProcessorIsACore() {
        #expect(Topology(root: root, allowed: [4, 5]).cores == [4, 5])
        #expect(Topology(root: root, allowed: []).workerCount == 1)
    }

    @Test func quotaOfAnyParentCounts() throws {
        defer { remove() }
        try write([
            "/proc/self/cgroup": "0::/a/b", "/sys/fs/cgroup/a/cpu.max": "250000 100000",
            "/sys/fs/cgroup/a/b/cpu.max": "max 100000",
        ])
        let topology = Topology(root: root, allowed: [0, 1, 2, 3])
        #expect(topology.quota == 2.5 && topology.workerCount == 2)
    }

    @Test func quotaOfTheFirstVersion() throws {
        defer { remove() }
        try write([
            "/proc/self/cgroup": "3:cpuset:/\n2:cpu,cpuacct:/x",
            "/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "50000",
            "/sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
            "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
        ])
        let topology = Topology(root: root, allowed: [0, 1])
        #expect(topology.quota == 0.5 && topology.workerCount == 1)
    }

    @Test func memoryIsTheLeastOfAllLimits() throws {
        defer { remove() }
        try write(["/proc/meminfo": "MemTotal: 900 kB\nMemAvailable:     800 kB"])
        #expect(Topology.availableMemory(root: root) == 800 << 10)
        try write([
            "/proc/self/cgroup": "0::/", "/sys/fs/cgroup/memory.max": "500000",
            "/sys/fs/cgroup/memory.current": "100000",
        ])
        #expect(Topology.availableMemory(root: root) == 400_000)
        try write(["/sys/fs/cgroup/memory.max": "max"])
        #expect(Topology.availableMemory(root: root) == 800 << 10)
    }

    @Test func thisMachineHasACore() {
        #expect(Topology().workerCount >= 1)
        #expect(Topology.availableMemory() > 0)
    }
}
