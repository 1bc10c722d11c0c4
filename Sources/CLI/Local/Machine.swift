import Core
import Kernels

/// What this machine can do at most, measured beside a benchmark, and how near to that a run came.
struct Machine {
    let readBytesPerSecond: Double
    let int8OperationsPerSecond: Double
    /// Products of bfloat16; as fast as floats where the processor has no others.
    let bf16OperationsPerSecond: Double
    let floatOperationsPerSecond: Double

    init(_ pool: WorkerPool, _ level: KernelLevel) throws {
        readBytesPerSecond = try Probes.readBytesPerSecond(pool)
        int8OperationsPerSecond = Probes.int8OperationsPerSecond(pool, level)
        bf16OperationsPerSecond = Probes.bf16OperationsPerSecond(pool, level)
        floatOperationsPerSecond = Probes.floatOperationsPerSecond(pool, level)
    }

    /// What keeps a step from being faster.
    enum Bound: String {
        case reads, int8, bf16, f32

        /// Products with weights of that format.
        init(productsOf format: WeightFormat) {
            self = format.isQuantized ? .int8 : format == .bf16 ? .bf16 : .f32
        }

        var note: String {
            switch self {
            case .reads: "memory reads"
            case .int8: "int8 products"
            case .bf16: "bfloat16 products"
            case .f32: "float products"
            }
        }
    }

    /// Seconds that a step takes at least (Williams et al. 2009, the roofline): memory and
    /// arithmetic overlap perfectly and the slower of them decides.
    /// - Parameter products: what the operations are.
    func leastSeconds(
        bytesRead: Double,
        operations: Double,
        products: Bound
    ) -> (seconds: Double, bound: Bound) {
        let reading = bytesRead / readBytesPerSecond
        let computing = operations / operationsPerSecond(products)
        return reading > computing ? (reading, .reads) : (computing, products)
    }

    private func operationsPerSecond(_ products: Bound) -> Double {
        switch products {
        case .int8: int8OperationsPerSecond
        case .bf16: bf16OperationsPerSecond
        case .f32, .reads: floatOperationsPerSecond
        }
    }

    var json: JSONObject {
        [
            "read_gb_per_s": .double(readBytesPerSecond / 1e9),
            "int8_tops": .double(int8OperationsPerSecond / 1e12),
            "bf16_tflops": .double(bf16OperationsPerSecond / 1e12),
            "f32_tflops": .double(floatOperationsPerSecond / 1e12),
        ]
    }
}
