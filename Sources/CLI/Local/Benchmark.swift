import Core
import Execution
import Kernels

/// Times steps of one model on made-up tokens: what the numbers are does not change how long they
/// take.
struct Benchmark {
    private let computation: Computation
    private let machine: Machine
    private let executor: Executor
    /// What most weights are multiplied with.
    private let products: Machine.Bound

    private static let stepTokens = 512
    private static let passes = 3

    /// - Parameters:
    ///   - length: longest sequence in tokens.
    ///   - batch: most sequences at once.
    init(_ computation: Computation, _ machine: Machine, length: Int, batch: Int) throws {
        self.computation = computation
        self.machine = machine
        let limits = ExecutorLimits(
            rows: max(Self.stepTokens, batch),
            sampledRows: batch,
            chunks: batch,
            contextLength: length,
            blocks: batch * KVBlock.count(forTokens: length)
        )
        let formats = computation.model.weightCounts
        let most = formats.max { $0.value < $1.value }
        products = Machine.Bound(productsOf: most?.key ?? .f32)
        executor = try Executor(computation.model, pool: computation.pool, limits: limits)
    }

    /// One prompt, in steps of 512 tokens; the median of three passes.
    func prefill(_ count: Int) throws -> BenchRow {
        let starts = stride(from: 0, to: count, by: Self.stepTokens)
        try step(batch: 1, start: 0, count: min(count, Self.stepTokens))
        let seconds = try (0..<Self.passes).map { _ in
            try timed {
                for start in starts {
                    try step(batch: 1, start: start, count: min(Self.stepTokens, count - start))
                }
            }
        }.sorted()[Self.passes / 2]
        let least = starts.map { start in
            leastSeconds(batch: 1, rows: min(Self.stepTokens, count - start), depth: start)
        }
        return BenchRow(.prefill, count, batch: 1, depth: 0, seconds: seconds, least: least)
    }

    /// `count` tokens for each of `batch` sequences that already hold `depth` tokens.
    func decode(_ count: Int, batch: Int, depth: Int) throws -> BenchRow {
        try fill(batch: batch, depth: depth)
        try step(batch: batch, start: depth, count: 1)
        let seconds = try timed {
            for position in depth..<depth + count {
                try step(batch: batch, start: position, count: 1)
            }
        }
        let least = (depth..<depth + count).map { position in
            leastSeconds(batch: batch, rows: 1, depth: position)
        }
        return BenchRow(.decode, count, batch: batch, depth: depth, seconds: seconds, least: least)
    }

    /// Computes what the sequences hold: memory never written to reads faster than it should.
    private func fill(batch: Int, depth: Int) throws {
        let count = max(1, Self.stepTokens / batch)
        for start in stride(from: 0, to: depth, by: count) {
            try step(batch: batch, start: start, count: min(count, depth - start))
        }
    }

    private func step(batch: Int, start: Int, count: Int) throws {
        let vocabulary = computation.model.configuration.vocabularySize
        let blocks = KVBlock.count(forTokens: start + count)
        let chunks = (0..<batch).map { sequence in
            StepPlan.Chunk(
                sequence: SequenceID(UInt64(sequence)),
                tokens: (0..<count).map { Self.token($0 + sequence, below: vocabulary) },
                start: start,
                blocks: (0..<blocks).map { Int32($0 * batch + sequence) },
                samples: true
            )
        }
        _ = try executor.run(StepPlan(chunks: chunks))
    }

    /// Scatters look-ups over the vocabulary.
    private static func token(_ index: Int, below vocabulary: Int) -> TokenID {
        TokenID(index * 7919 % vocabulary)
    }

    /// The least time for a step of `rows` tokens of each of `batch` sequences. Weights are read
    /// once; each sequence's cache once; the output head computes one row per sequence.
    private func leastSeconds(
        batch: Int,
        rows: Int,
        depth: Int
    ) -> (seconds: Double, bound: Machine.Bound) {
        let model = computation.model
        let cache = model.configuration.cacheBytesRead(after: depth) * batch
        let count = batch * (rows * model.layerWeightCount + model.headWeightCount)
        return machine.leastSeconds(
            bytesRead: Double(model.bytesReadPerStep + cache),
            operations: 2 * Double(count),
            products: products
        )
    }
}

/// Seconds that `body` takes.
func timed(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
}

/// One line of a benchmark's report.
struct BenchRow {
    enum Test: String { case prefill, decode }

    let test: Test
    /// Per sequence.
    let tokens: Int
    let batch: Int
    let depth: Int
    /// Over all sequences.
    let tokensPerSecond: Double
    /// How much of the machine's measured limit was reached; above 1 when the weights stay in the
    /// processor's cache.
    let shareOfLimit: Double
    /// What sets that limit in most of the time.
    let bound: Machine.Bound

    /// - Parameter least: what each step takes at least, and why.
    init(
        _ test: Test,
        _ tokens: Int,
        batch: Int,
        depth: Int,
        seconds: Double,
        least: [(seconds: Double, bound: Machine.Bound)]
    ) {
        self.test = test
        self.tokens = tokens
        self.batch = batch
        self.depth = depth
        tokensPerSecond = Double(tokens * batch) / seconds
        let total = least.reduce(0) { $0 + $1.seconds }
        shareOfLimit = total / seconds
        let reading = least.reduce(0) { $0 + ($1.bound == .reads ? $1.seconds : 0) }
        let computing = least.first { $0.bound != .reads }?.bound
        bound = computing.map { reading > total / 2 ? .reads : $0 } ?? .reads
    }

    var json: JSON {
        [
            "test": .string(test.rawValue),
            "tokens": .int(tokens),
            "batch": .int(batch),
            "depth": .int(depth),
            "tokens_per_second": .double(tokensPerSecond),
            "share_of_limit": .double(shareOfLimit),
            "bound_by": .string(bound.rawValue),
        ]
    }
}
