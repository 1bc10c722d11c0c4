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

    init(_ path: String, _ compute: ComputeOptions) throws {
        try self.init(
            path,
            threads: compute.threads,
            quantize: compute.weightFormat,
            context: compute.context
        )
    }

    init(
        _ path: String,
        threads: Int?,
        quantize: WeightFormat? = nil,
        context: Int? = nil
    ) throws {
        pool = try WorkerPool(threads: threads)
        let source = try ModelSource.open(path)
        name = source.name
        model = try Model(source, pool: pool, quantize: quantize)
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
    /// - Parameter observer: sees what every matrix reads.
    func executor(
        forSequenceOf length: Int,
        observer: SecondMoments? = nil
    ) throws -> Executor {
        guard length <= contextLength else {
            throw CLIError(
                .failed,
                "\(length) tokens are more than the context of \(contextLength); give fewer"
            )
        }
        let limits = ExecutorLimits(
            rows: Self.stepTokens,
            sampledRows: Self.stepTokens,
            chunks: 1,
            contextLength: length,
            blocks: KVBlock.count(forTokens: length)
        )
        return try Executor(model, pool: pool, limits: limits, observer: observer)
    }
}
