package import Core
package import Kernels
package import ModelFiles

/// A model ready to compute: an architecture with its weights packed.
package final class Model: Sendable {
    package let configuration: DecoderConfiguration
    let decoder: Decoder
    /// Weights by number format.
    package let weightCounts: [WeightFormat: Int]
    /// Bytes of weights that one decode step reads: everything but the embedding look-up.
    package let bytesReadPerStep: Int
    /// Weights that every token is multiplied with, output head apart.
    package let layerWeightCount: Int
    package let headWeightCount: Int
    /// The tensor that each matrix was read from.
    let matrixNames: [ObjectIdentifier: String]

    /// - Parameters:
    ///   - quantize: `.q8_0` or `.q4_0` to quantise float matrices while loading.
    ///   - cacheFormat: nil is exact for a model whose weights are all float32, and int8 for others.
    package init(
        _ source: ModelSource,
        pool: WorkerPool,
        quantize: WeightFormat? = nil,
        cacheFormat: KVFormat? = nil
    ) throws(ExecutionError) {
        let architecture = try makeArchitecture(source.config)
        let widest = max(
            architecture.configuration.headWidth,
            architecture.configuration.valueWidth
        )
        guard widest <= CacheLayer.mostWidth else {
            throw .init(
                .badConfiguration,
                "config.json: heads of \(widest) elements are over the \(CacheLayer.mostWidth) that "
                    + "attention can compute"
            )
        }
        let loader = try WeightLoader(source, pool: pool, quantize: quantize)
        decoder = try architecture.decoder(loader)
        weightCounts = loader.weightCounts
        var configuration = architecture.configuration
        configuration.cacheFormat =
            cacheFormat
            ?? .usual(
                allWeightsFloat32: weightCounts.keys.allSatisfy { $0 == .f32 },
                headWidth: configuration.headWidth
            )
        self.configuration = configuration
        matrixNames = loader.matrixNames
        let matrices = decoder.layers.flatMap(\.matrices), head = decoder.head.weight
        bytesReadPerStep = matrices.reduce(head.byteCount) { $0 + $1.byteCount }
        layerWeightCount = matrices.reduce(0) { $0 + $1.rows * $1.columns }
        headWeightCount = head.rows * head.columns
    }
}

/// How much an executor is made for; all its memory is taken at start.
package struct ExecutorLimits: Sendable {
    /// Tokens in one step.
    package var rows: Int
    /// Rows whose logits one step gives.
    package var sampledRows: Int
    /// Sequences in one step.
    package var chunks: Int
    /// Positions of one sequence.
    package var contextLength: Int
    /// Blocks of 32 tokens in the cache.
    package var blocks: Int
    /// Blocks of 32 tokens in the cache of windowed layers, if the model has any.
    package var windowBlocks: Int

    /// How the cache holds keys and values; nil takes the model's choice.
    package var cacheFormat: KVFormat?

    /// - Parameter windowBlocks: nil takes as many as `blocks`.
    package init(
        rows: Int,
        sampledRows: Int,
        chunks: Int,
        contextLength: Int,
        blocks: Int,
        windowBlocks: Int? = nil,
        cacheFormat: KVFormat? = nil
    ) {
        self.rows = rows
        self.sampledRows = sampledRows
        self.chunks = chunks
        self.contextLength = contextLength
        self.blocks = blocks
        self.windowBlocks = windowBlocks ?? blocks
        self.cacheFormat = cacheFormat
    }
}

/// Computes steps: a plan in, logits out. Owns every byte and knows no requests. One thread at a
/// time.
package final class Executor: Sendable {
    package let model: Model
    package let limits: ExecutorLimits
    package let cache: KVStore
    private let ops: Ops
    private let step: Step
    private let scratch: Scratch
    private let sampled: Rows
    private let logits: Rows

    /// - Parameters:
    ///   - level: the instruction set to compute with.
    ///   - observer: sees the inputs of every matrix; for calibration.
    package init(
        _ model: Model,
        pool: WorkerPool,
        limits: ExecutorLimits,
        level: KernelLevel = .best,
        observer: (any ActivationObserver)? = nil
    ) throws(ExecutionError) {
        let c = model.configuration
        self.model = model
        self.limits = limits
        do throws(KernelError) {
            cache = try KVStore(
                c,
                blockCount: limits.blocks,
                windowBlockCount: limits.windowBlocks,
                format: limits.cacheFormat
            )
            ops = try Ops(
                pool: pool,
                level: level,
                maxRows: limits.rows,
                maxWidth: c.longestRow,
                partFloats: cache.shape.partFloats(
                    threads: pool.count,
                    contextLength: limits.contextLength
                ),
                observer: observer
            )
            step = try Step(
                c,
                cache: cache,
                maxRows: limits.rows,
                maxChunks: limits.chunks,
                contextLength: limits.contextLength
            )
            scratch = try Scratch(c, maxRows: limits.rows)
            sampled = try Rows(capacity: limits.sampledRows, width: c.width)
            logits = try Rows(capacity: limits.sampledRows, width: c.vocabularySize)
        } catch { throw .init(.outOfMemory, "\(error)") }
    }

    /// Computes one step.
    /// - Parameter allRows: give logits of every token, not only of the chunks' last ones.
    /// - Returns: logits in the plan's order: of a sampling chunk's last token and of the drafts
    ///   before its end (or of every token). Valid until the next call.
    package func run(_ plan: StepPlan, allRows: Bool = false) throws(ExecutionError) -> Logits {
        try check(plan)
        try step.prepare(plan, allRows: allRows)
        try copyBlocks(plan.copies)
        let wanted = step.sampledRows
        guard wanted.count <= limits.sampledRows else {
            throw .init(.badInput, "\(wanted.count) rows of logits are over the executor's limit")
        }
        ops.computing {
            model.decoder.forward(step, ops, scratch)
            if wanted.isEmpty { return }
            ops.select(sampled, scratch.x, wanted)
            model.decoder.project(logits, sampled, rows: wanted.count, ops)
        }
        return Logits(rows: logits, count: wanted.count)
    }

    private func copyBlocks(_ copies: [StepPlan.Copy]) throws(ExecutionError) {
        for copy in copies {
            let count = copy.windowed ? cache.windowBlockCount : cache.blockCount
            let from = Int(copy.from), to = Int(copy.to)
            guard 0..<count ~= from, 0..<count ~= to else {
                throw .init(.badInput, "there is no cache block \(from) or no \(to) to copy")
            }
            cache.copyBlock(from, to: to, windowed: copy.windowed)
        }
    }

    private func check(_ plan: StepPlan) throws(ExecutionError) {
        let vocabulary = model.configuration.vocabularySize
        for chunk in plan.chunks {
            for token in chunk.tokens where token < 0 || Int(token) >= vocabulary {
                throw .init(
                    .badInput,
                    "token \(token) is not in the vocabulary (0 to \(vocabulary - 1))"
                )
            }
        }
    }
}

/// What a step gives: rows of unnormalised log probabilities over the vocabulary.
package struct Logits {
    fileprivate let rows: Rows
    package let count: Int

    package func withRow<R>(_ index: Int, _ body: (Span<Float>) throws -> R) rethrows -> R {
        precondition(index < count, "no such row of logits")
        return try body(rows.span(row: index).span)
    }
}
