import Core
import Kernels

/// What this machine can do at most, measured beside a benchmark, and how near to that a run came.
struct Machine {
    let readBytesPerSecond: Double
    let int8OperationsPerSecond: Double
    let floatOperationsPerSecond: Double

    init(_ pool: WorkerPool, _ level: KernelLevel) throws {
        readBytesPerSecond = try Probes.readBytesPerSecond(pool)
        int8OperationsPerSecond = Probes.int8OperationsPerSecond(pool, level)
        floatOperationsPerSecond = Probes.floatOperationsPerSecond(pool, level)
    }

    /// What keeps a step from being faster.
    enum Bound: String {
        case reads, int8, f32

        var note: String {
            switch self {
            case .reads: "memory reads"
            case .int8: "int8 products"
            case .f32: "float products"
            }
        }
    }

    /// Seconds that a step takes at least (Williams et al. 2009, the roofline): memory and
    /// arithmetic overlap perfectly and the slower of them decides.
    func leastSeconds(
        bytesRead: Double,
        operations: Double,
        quantized: Bool
    ) -> (seconds: Double, bound: Bound) {
        let peak = quantized ? int8OperationsPerSecond : floatOperationsPerSecond
        let reading = bytesRead / readBytesPerSecond
        let computing = operations / peak
        if reading > computing { return (reading, .reads) }
        return (computing, quantized ? .int8 : .f32)
    }

    var json: JSONObject {
        [
            "read_gb_per_s": .double(readBytesPerSecond / 1e9),
            "int8_tops": .double(int8OperationsPerSecond / 1e12),
            "f32_tflops": .double(floatOperationsPerSecond / 1e12),
        ]
    }
}
