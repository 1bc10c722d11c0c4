internal import CKernels

/// What this machine can do at most, measured: the denominators of every speed claim.
package enum Probes {
    /// Bytes per second that all workers together read from memory, best of several passes.
    package static func readBytesPerSecond(_ pool: WorkerPool, megabytes: Int = 512)
        throws(KernelError)
        -> Double
    {
        let size = megabytes << 20
        guard let memory = Memory(byteCount: size) else { throw .outOfMemory(size) }
        pool.stripes(of: megabytes) { range in
            let part = memory.base + range.lowerBound << 20
            part.initializeMemory(as: UInt8.self, repeating: 1, count: range.count << 20)
        }
        return best(of: 5) {
            pool.stripes(of: megabytes) { range in
                keep(tm_probe_read(memory.base + range.lowerBound << 20, range.count << 20))
            }
            return Double(size)
        }
    }

    /// Operations per second (two per multiply-add) of the level's int8 instruction on all workers.
    package static func int8OperationsPerSecond(_ pool: WorkerPool, _ level: KernelLevel) -> Double
    {
        best(of: 5) {
            onAll(pool) {
                var sink: Int32 = 0
                let operations = tm_probe_int8(tm_level(level.rawValue), 4_000_000, &sink)
                keep(UInt64(truncatingIfNeeded: sink))
                return operations
            }
        }
    }

    /// The same for float multiply-adds.
    package static func floatOperationsPerSecond(_ pool: WorkerPool, _ level: KernelLevel) -> Double
    {
        best(of: 5) {
            onAll(pool) {
                var sink: Float = 0
                let operations = tm_probe_f32(tm_level(level.rawValue), 4_000_000, &sink)
                keep(UInt64(sink.bitPattern))
                return operations
            }
        }
    }

    /// The same for products of bfloat16, or of floats where the level has no others.
    package static func bf16OperationsPerSecond(_ pool: WorkerPool, _ level: KernelLevel) -> Double
    {
        best(of: 5) {
            onAll(pool) {
                var sink: Float = 0
                let operations = tm_probe_bf16(tm_level(level.rawValue), 4_000_000, &sink)
                keep(UInt64(sink.bitPattern))
                return operations
            }
        }
    }

    /// The sum of what every worker did.
    private static func onAll(_ pool: WorkerPool, _ body: () -> Double) -> Double {
        let done = UnsafeMutablePointer<Double>.allocate(capacity: pool.count)
        defer { done.deallocate() }
        pool.run { worker in done[worker] = body() }
        return (0..<pool.count).reduce(0) { $0 + done[$1] }
    }

    /// Units per second of the fastest pass.
    private static func best(of passes: Int, _ pass: () -> Double) -> Double {
        var fastest = 0.0
        for _ in 0..<passes {
            let clock = ContinuousClock()
            let start = clock.now
            let units = pass()
            let seconds = (clock.now - start) / .seconds(1)
            fastest = max(fastest, units / seconds)
        }
        return fastest
    }
}

/// Makes the compiler believe that `value` is used.
@inline(never) private func keep(_ value: UInt64) {
    withExtendedLifetime(value) {}
}
