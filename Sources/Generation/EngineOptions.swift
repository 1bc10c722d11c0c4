internal import Core
internal import Execution
internal import Foundation
package import Scheduling

/// How an engine is sized. Nil means: as much as the model and the machine's memory allow.
package struct EngineOptions: Sendable {
    /// Positions of one sequence, prompt and answer together.
    package var contextLength: Int?
    /// Tokens the cache holds for all sequences together.
    package var cacheTokens: Int?
    /// Tokens computed in one step.
    package var maxBatchTokens = 512
    /// Tokens of one sequence computed in one step.
    package var maxChunkTokens = 512
    /// Sequences computed at the same time.
    package var maxSequences = 32
    package var prefixCaching = true

    package init() {}
}

/// Counters of an engine at one moment.
package struct EngineStatistics: Sendable {
    package var scheduling = SchedulerCounts()
    package var steps = 0
    package var promptTokens = 0
    package var cachedPromptTokens = 0
    package var generatedTokens = 0
}

/// Options made definite for one model on this machine.
struct EngineSize {
    let contextLength: Int
    let blockCount: Int
    let options: EngineOptions

    init(model: LanguageModel, options: EngineOptions) throws(ExecutionError) {
        let configuration = model.model.configuration
        let perToken = configuration.cacheBytesPerToken
        let wanted = options.contextLength ?? model.contextLength
        guard (1...model.contextLength).contains(wanted) else {
            throw .init(
                .badInput,
                "a context of \(wanted) is asked for; this model's is 1 to \(model.contextLength)"
            )
        }
        let affordable = Self.memoryForCache() / perToken
        let all = wanted.multipliedReportingOverflow(by: options.maxSequences)
        let most = all.overflow ? affordable : min(all.partialValue, affordable)
        let tokens = max(options.cacheTokens ?? most, KVBlock.size)
        blockCount = KVBlock.count(forTokens: tokens)
        let held = blockCount * KVBlock.size
        guard options.contextLength == nil || wanted <= held else {
            throw .init(
                .outOfMemory,
                "a context of \(wanted) tokens needs \(wanted * perToken >> 20) MiB of cache, but "
                    + "only \(held * perToken >> 20) MiB are to be had; ask for a smaller context"
            )
        }
        contextLength = min(wanted, held)
        self.options = options
    }

    var scheduling: SchedulerConfiguration {
        SchedulerConfiguration(
            blockCount: blockCount,
            maxBatchTokens: options.maxBatchTokens,
            maxSequences: options.maxSequences,
            prefixCaching: options.prefixCaching,
            maxQueued: Limits.queuedGenerations * Limits.choices,
            maxChunkTokens: options.maxChunkTokens
        )
    }

    var executorLimits: ExecutorLimits {
        ExecutorLimits(
            rows: options.maxBatchTokens,
            sampledRows: options.maxSequences,
            chunks: options.maxSequences,
            contextLength: contextLength,
            blocks: blockCount
        )
    }

    /// A third of what is free now: weights are loaded already, and the pages that files occupy
    /// count as free.
    private static func memoryForCache() -> Int {
        let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (kilobytes ?? 1 << 20) * 1024 / 3
    }
}
