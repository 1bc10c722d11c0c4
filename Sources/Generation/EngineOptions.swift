package import Core
internal import Execution
internal import Kernels
package import Scheduling

/// How an engine is sized. Nil means: as much as the model and the machine's memory allow.
package struct EngineOptions: Sendable {
    /// Positions of one sequence, prompt and answer together.
    package var contextLength: Int?
    /// Tokens the cache holds for all sequences together. Windowed layers keep only those that the
    /// window has not passed.
    package var cacheTokens: Int?
    /// Tokens computed in one step.
    package var maxBatchTokens = 512
    /// Tokens of one sequence computed in one step.
    package var maxChunkTokens = 512
    /// Sequences computed at the same time.
    package var maxSequences = 32
    package var prefixCaching = true
    /// Tokens of one sequence that a step may guess from its own text and check; 0 guesses none.
    /// Answers do not depend on it, only their speed.
    package var draftTokens = 16

    package init() {}
}

/// Counters of an engine at one moment.
package struct EngineStatistics: Sendable {
    package var scheduling = SchedulerCounts()
    package var steps = 0
    package var promptTokens = 0
    package var cachedPromptTokens = 0
    package var generatedTokens = 0
    /// Tokens that were guessed and computed ahead, and those of them that were right. Nobody is
    /// billed for the others.
    package var draftedTokens = 0
    package var acceptedDrafts = 0
    /// Generations that have not begun, by where they stand; a fifth of a second old at most.
    package var queue: [GenerationID: QueuePlace] = [:]
    /// How long it takes until the next answer ends and another can begin; nil while none has.
    package var secondsPerPlace: Double?

    package init() {}
}

/// Options made definite for one model on this machine.
struct EngineSize {
    let contextLength: Int
    let scheduling: SchedulerConfiguration
    let executorLimits: ExecutorLimits

    init(model: LanguageModel, options: EngineOptions) throws(ExecutionError) {
        let configuration = model.model.configuration
        let wanted = options.contextLength ?? model.contextLength
        guard (1...model.contextLength).contains(wanted) else {
            throw .init(
                .badInput,
                "a context of \(wanted) is asked for; this model's is 1 to \(model.contextLength)"
            )
        }
        let share = CacheShare(
            configuration,
            context: wanted,
            options,
            memory: Self.memoryForCache()
        )
        contextLength = min(wanted, share.longestSequence)
        guard options.contextLength == nil || wanted == contextLength else {
            throw .init(
                .outOfMemory,
                "a context of \(wanted) tokens needs \(share.needed >> 20) MiB of cache, but only "
                    + "\(share.held >> 20) MiB are to be had; ask for a smaller context"
            )
        }
        scheduling = SchedulerConfiguration(
            blockCount: share.blocks,
            maxBatchTokens: options.maxBatchTokens,
            maxSequences: options.maxSequences,
            prefixCaching: options.prefixCaching,
            maxQueued: Limits.queuedGenerations * Limits.choices,
            maxChunkTokens: options.maxChunkTokens,
            window: configuration.window,
            windowBlockLimit: share.windowBlocks
        )
        executorLimits = ExecutorLimits(
            rows: options.maxBatchTokens,
            sampledRows: options.maxSequences + (options.draftTokens > 0 ? Limits.draftRows : 0),
            chunks: options.maxSequences,
            contextLength: contextLength,
            blocks: scheduling.blockCount,
            windowBlocks: scheduling.windowBlockCount
        )
    }

    /// A third of what is free now: weights are loaded already, and the pages that files occupy
    /// count as free.
    private static func memoryForCache() -> Int { Topology.availableMemory() / 3 }
}

/// How many blocks of both kinds an engine takes: those of layers that see all positions, and those
/// of windowed layers.
private struct CacheShare {
    let blocks: Int
    let windowBlocks: Int
    /// Window blocks of one sequence at most.
    private let perSequence: Int
    private let context: Int
    private let blockBytes: Int
    private let windowBlockBytes: Int

    /// Bookkeeping, which is all that a block takes in a model without layers that see all.
    private static let leastBlockBytes = 256

    /// - Parameters:
    ///   - context: positions of one sequence.
    ///   - memory: bytes for both together, unless the options say how many tokens to hold.
    init(_ c: DecoderConfiguration, context: Int, _ options: EngineOptions, memory: Int) {
        self.context = context
        blockBytes = max(c.cacheBytesPerToken * KVBlock.size, Self.leastBlockBytes)
        windowBlockBytes = c.windowCacheBytesPerToken * KVBlock.size
        let chunk = min(options.maxChunkTokens, options.maxBatchTokens, context)
        perSequence =
            c.window.map { window in
                let most = KVBlock.most(forChunk: chunk, window: min(window, context))
                return min(most, KVBlock.count(forTokens: context))
            } ?? 0
        if let tokens = options.cacheTokens {
            blocks = KVBlock.count(forTokens: max(tokens, 1))
            windowBlocks = max(1, min(blocks, Self.times(perSequence, options.maxSequences)))
            return
        }
        let all = Self.times(KVBlock.count(forTokens: context), options.maxSequences)
        let affordable = min(all, memory / blockBytes)
        // Windows may have half of the memory, and what the others leave.
        let forWindows = max(memory / 2, memory - affordable * blockBytes)
        let fitting = windowBlockBytes > 0 ? forWindows / windowBlockBytes : 0
        windowBlocks = max(1, min(fitting, Self.times(perSequence, options.maxSequences)))
        let left = memory - windowBlocks * windowBlockBytes
        blocks = max(1, min(affordable, left / blockBytes))
    }

    /// Positions of the longest sequence that fits.
    var longestSequence: Int {
        (windowBlocks >= perSequence ? blocks : min(blocks, windowBlocks)) * KVBlock.size
    }

    /// Bytes that one sequence of the whole context takes.
    var needed: Int {
        KVBlock.count(forTokens: context) * blockBytes + perSequence * windowBlockBytes
    }

    /// Bytes that all blocks take.
    var held: Int { blocks * blockBytes + windowBlocks * windowBlockBytes }

    private static func times(_ a: Int, _ b: Int) -> Int {
        let product = a.multipliedReportingOverflow(by: b)
        return product.overflow ? .max : product.partialValue
    }
}
