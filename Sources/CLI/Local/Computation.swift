import Core
import Execution
import Kernels
import ModelFiles

/// A model and an executor without scheduler or tokenizer, for the commands that look at numbers.
struct Computation {
    /// Tokens per step: enough to keep the kernels busy, few enough that the logits of every token
    /// of a step fit in memory for any vocabulary.
    static let stepTokens = 128

    let name: String
    let pool: WorkerPool
    let model: Model
    /// Longest sequence in tokens.
    let contextLength: Int
    /// The cache's format where one was asked for.
    private let chosenCache: KVFormat?

    init(_ path: String, _ compute: ComputeOptions) throws {
        try self.init(
            path,
            threads: compute.threads,
            quantize: compute.weightFormat,
            cacheFormat: compute.cacheType,
            context: compute.context
        )
    }

    init(
        _ path: String,
        threads: Int?,
        quantize: WeightFormat? = nil,
        cacheFormat: KVFormat? = nil,
        context: Int? = nil
    ) throws {
        chosenCache = cacheFormat
        pool = try WorkerPool(threads: threads)
        let source = try ModelSource.open(path)
        name = source.name
        model = try Model(source, pool: pool, quantize: quantize, cacheFormat: cacheFormat)
        let longest = model.configuration.contextLength
        contextLength = context ?? longest
        guard contextLength <= longest else {
            throw CLIError(
                .failed,
                "--context \(contextLength) is more than the \(longest) tokens of \(name)"
            )
        }
    }

    /// The number formats of the weights, the most common first.
    var formats: String {
        let sorted = model.weightCounts.sorted { $0.value > $1.value }
        return sorted.map { $0.key.rawValue }.joined(separator: ", ")
    }

    /// Gives the logits of every token of one sequence, in order.
    /// - Parameter body: takes the position of a step's first token and the step's rows of logits.
    func logits(
        of tokens: [TokenID],
        using executor: Executor,
        _ body: (Int, Logits) throws -> Void
    ) throws {
        let blocks = (0..<KVBlock.count(forTokens: tokens.count)).map { Int32($0) }
        for start in stride(from: 0, to: tokens.count, by: Self.stepTokens) {
            let end = min(start + Self.stepTokens, tokens.count)
            let chunk = StepPlan.Chunk(
                sequence: SequenceID(0),
                tokens: Array(tokens[start..<end]),
                start: start,
                blocks: Array(blocks[..<KVBlock.count(forTokens: end)]),
                samples: true
            )
            try body(start, executor.run(StepPlan(chunks: [chunk]), allRows: true))
        }
    }

    /// An executor that gives the logits of every token of one sequence of `length` tokens.
    /// - Parameters:
    ///   - exact: round nothing but the weights: neither keys and values, unless `--cache-type` asks
    ///     for it, nor what float weights are multiplied with.
    ///   - observer: sees what every matrix reads.
    func executor(
        forSequenceOf length: Int,
        exact: Bool = false,
        observer: SecondMoments? = nil
    ) throws -> Executor {
        guard length <= contextLength else {
            throw CLIError(
                .failed,
                "\(length) tokens are more than the context of \(contextLength); give fewer"
            )
        }
        var limits = ExecutorLimits(
            rows: Self.stepTokens,
            sampledRows: Self.stepTokens,
            chunks: 1,
            contextLength: length,
            blocks: KVBlock.count(forTokens: length)
        )
        if exact, chosenCache == nil { limits.cacheFormat = .f32 }
        let level = exact ? KernelLevel.exact : .best
        return try Executor(model, pool: pool, limits: limits, level: level, observer: observer)
    }
}
