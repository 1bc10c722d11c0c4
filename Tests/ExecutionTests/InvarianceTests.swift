import Core
import Execution
import Kernels
import ModelFiles
import Scheduling
import Testing

/// Promise 1: the logits of a sequence are the same bits whatever else is in the batch, however its
/// prompt is chunked, whether its prefix came from the cache, whether it was preempted, and for any
/// number of threads.
@Suite struct InvarianceTests {
    /// The shipped model in its formats and the cache's, and families with a window in all layers,
    /// in every other and in most; their prompts are several windows long.
    static let subjects =
        [
            Subject(name: "shipped", quantize: nil, cache: .f32),
            Subject(name: "shipped", quantize: nil, cache: .int8),
            Subject(name: "shipped", quantize: .q8_0, cache: .bf16),
            Subject(name: "shipped", quantize: .q4_0, cache: .int8),
        ]
        + ["mistral", "gemma2", "gemma3"].flatMap { name in
            [.f32, .int8].map { Subject(name: name, quantize: nil, cache: $0) }
        }

    @Test(arguments: subjects)
    func theSameRequestHasTheSameLogits(_ subject: Subject) throws {
        let one = try Bench(subject, threads: 1)
        let two = try Bench(subject, threads: 2)
        let expected = try one.run().logits
        #expect(expected.count == Bench.answer)
        #expect(expected.joined().allSatisfy { !Float(bitPattern: $0).isNaN })
        #expect(try two.run().logits == expected, "two threads")
        for chunk in [1, 7, 32, 512] {
            let run = try two.run { $0.maxChunkTokens = chunk }
            #expect(run.logits == expected, "prompt chunks of \(chunk)")
        }
        for bench in [one, two] {
            let crowd = try bench.run(neighbours: 15) { $0.maxBatchTokens = 96 }
            #expect(crowd.logits == expected, "among 15 others")
        }
    }

    /// Attention over several chunks of positions, which workers share when they are many.
    @Test(arguments: subjects.filter { $0.name == "shipped" })
    func longSequencesHaveTheSameLogits(_ subject: Subject) throws {
        let expected = try last(of: 1100, in: [1100], subject, threads: 1)
        #expect(expected.allSatisfy { !Float(bitPattern: $0).isNaN })
        for chunks in [[500, 599, 1], [1, 31, 700, 368], [512, 512, 76]] {
            for threads in [1, 2, 16] {
                let found = try last(of: 1100, in: chunks, subject, threads: threads)
                #expect(found == expected, "chunks \(chunks), \(threads) threads")
            }
        }
    }

    /// The last token's logits.
    private func last(
        of count: Int,
        in chunks: [Int],
        _ subject: Subject,
        threads: Int
    ) throws -> [UInt32] {
        let pool = try WorkerPool(threads: threads)
        let executor = try subject.executor(pool, rows: 1100, contextLength: 1200, blocks: 40)
        executor.cache.poison()
        var start = 0, logits: [UInt32] = []
        for chunk in chunks {
            let found = try executor.run(
                StepPlan(chunks: [
                    .init(
                        sequence: SequenceID(0),
                        tokens: (start..<start + chunk).map { TokenID($0 * 7919 % 4096) },
                        start: start,
                        blocks: (0..<40).map { ($0 * 7) % 40 },
                        samples: true
                    )
                ])
            )
            logits = found.withRow(0) { row in row.indices.map { row[$0].bitPattern } }
            start += chunk
        }
        #expect(start == count)
        return logits
    }

    @Test(arguments: subjects)
    func preemptionAndPrefixHitsDoNotShow(_ subject: Subject) throws {
        let bench = try Bench(subject, threads: 2)
        let expected = try bench.run().logits
        // Too few blocks for all: the newest, which is the watched one, is thrown out and back in.
        let squeezed = try bench.run(neighbours: 5, watchedFirst: false) { $0.blockCount = 18 }
        #expect(squeezed.preempted > 0, "the watched sequence was never preempted")
        #expect(squeezed.logits == expected, "after preemption")
        let cached = try bench.run(twice: true) { $0.prefixCaching = true }
        #expect(cached.cachedTokens > 0, "the second run found nothing in the cache")
        #expect(cached.logits == expected, "with a cached prefix")
    }

    @Test(arguments: subjects.filter { $0.name != "shipped" })
    func aShortageOfWindowBlocksDoesNotShow(_ subject: Subject) throws {
        let bench = try Bench(subject, threads: 2)
        let expected = try bench.run().logits
        var preempted = 0
        for limit in 4...14 {
            let run = try bench.run(neighbours: 5, watchedFirst: false) {
                $0.maxChunkTokens = 8
                $0.windowBlockLimit = limit
            }
            preempted += run.preempted
            #expect(run.logits == expected, "with \(limit) window blocks for all")
        }
        #expect(preempted > 0, "the watched sequence was never preempted")
        // The others leave the watched one's blocks alone, but not all of its window blocks.
        let cached = try bench.run(twice: true, between: 8) {
            $0.prefixCaching = true
            $0.windowBlockLimit = 20
        }
        #expect(cached.cachedTokens < Bench.prompt / KVBlock.size * KVBlock.size)
        #expect(cached.logits == expected, "with a part of the cached prefix")
    }
}

/// A checkpoint, and how it is loaded.
struct Subject: Sendable, CustomTestStringConvertible {
    let name: String
    let quantize: WeightFormat?
    var cache = KVFormat.f32

    var testDescription: String { "\(name) \(quantize?.rawValue ?? "as it is"), cache \(cache)" }
    var folder: String {
        name == "shipped"
            ? repository + "/weights" : repository + "/Tests/ExecutionTests/goldens/" + name
    }

    /// - Parameter windowBlocks: nil takes as many as `blocks`.
    func executor(
        _ pool: WorkerPool,
        rows: Int,
        sampledRows: Int = 1,
        chunks: Int = 1,
        contextLength: Int,
        blocks: Int,
        windowBlocks: Int? = nil
    ) throws -> Executor {
        try Executor(
            Model(ModelSource.open(folder), pool: pool, quantize: quantize),
            pool: pool,
            limits: ExecutorLimits(
                rows: rows,
                sampledRows: sampledRows,
                chunks: chunks,
                contextLength: contextLength,
                blocks: blocks,
                windowBlocks: windowBlocks,
                cacheFormat: cache
            )
        )
    }
}

/// Drives the real scheduler and executor, and keeps the watched sequence's logits.
private struct Bench {
    static let prompt = 210, answer = 24

    struct Run {
        var logits: [[UInt32]] = []
        var preempted = 0
        var cachedTokens = 0
    }

    private let executor: Executor
    private let vocabulary: Int

    init(_ subject: Subject, threads: Int) throws {
        let pool = try WorkerPool(threads: threads)
        executor = try subject.executor(
            pool,
            rows: 512,
            sampledRows: 16,
            chunks: 16,
            contextLength: 512,
            blocks: 256
        )
        vocabulary = executor.model.configuration.vocabularySize
    }

    /// - Parameters:
    ///   - neighbours: other sequences in the batch, of other lengths.
    ///   - watchedFirst: whether the watched one arrives before them.
    ///   - twice: run the watched one to its end, then again; the second is kept.
    ///   - between: other sequences that run after the first time.
    func run(
        neighbours: Int = 0,
        watchedFirst: Bool = true,
        twice: Bool = false,
        between: Int = 0,
        _ change: (inout SchedulerConfiguration) -> Void = { _ in }
    ) throws -> Run {
        var configuration = SchedulerConfiguration(
            blockCount: 256,
            maxBatchTokens: 512,
            maxSequences: 16,
            prefixCaching: false,
            maxQueued: 64,
            maxChunkTokens: 512,
            window: executor.model.configuration.window
        )
        change(&configuration)
        executor.cache.poison()
        var scheduler = Scheduler(configuration)
        let watched = SequenceID(1000)
        if watchedFirst { submit(watched, Self.prompt, &scheduler) }
        for index in 0..<neighbours {
            submit(SequenceID(UInt64(index)), 20 + 13 * index, &scheduler)
        }
        if !watchedFirst { submit(watched, Self.prompt, &scheduler) }
        var run = try finish(&scheduler, watching: watched)
        if twice {
            for index in 0..<between {
                submit(SequenceID(UInt64(index)), 20 + 13 * index, &scheduler)
            }
            _ = try finish(&scheduler, watching: watched)
            submit(SequenceID(1001), Self.prompt, &scheduler, like: watched)
            run = try finish(&scheduler, watching: SequenceID(1001))
        }
        return run
    }

    private func submit(
        _ id: SequenceID,
        _ count: Int,
        _ scheduler: inout Scheduler,
        like: SequenceID? = nil
    ) {
        let seed = Int((like ?? id).number) + 1
        let prompt = (0..<count).map { TokenID((seed &* 7919 &+ $0 &* 104_729) % vocabulary) }
        let admission = scheduler.submit(
            SequenceRequest(id: id, tenant: .local, prompt: prompt, maxTokens: Self.answer)
        )
        #expect(admission == .queued)
    }

    private func finish(
        _ scheduler: inout Scheduler,
        watching watched: SequenceID
    ) throws -> Run {
        var run = Run()
        var produced: [SequenceID: Int] = [:]
        var windows = WindowWatch(executor.cache)
        while !scheduler.isIdle {
            let plan = scheduler.plan()
            // A prefix cache keeps what was given back.
            if !scheduler.configuration.prefixCaching { windows.poisonWhatIsGivenBack(plan) }
            run.preempted += plan.preempted.filter { $0 == watched }.count
            let logits = try executor.run(plan)
            var result = StepResult(sampled: [])
            for (row, chunk) in plan.chunks.filter(\.samples).enumerated() {
                let values = logits.withRow(row) { span in span.indices.map { span[$0] } }
                if chunk.sequence == watched { run.logits.append(values.map(\.bitPattern)) }
                produced[chunk.sequence, default: 0] += 1
                let best = values.indices.max { values[$0] < values[$1] } ?? 0
                result.sampled.append(
                    .init(
                        sequence: chunk.sequence,
                        token: TokenID(best),
                        isLast: produced[chunk.sequence] == Self.answer
                    )
                )
            }
            for chunk in plan.chunks where chunk.sequence == watched {
                run.cachedTokens += chunk.cachedTokens
            }
            windows.ended(scheduler.apply(result))
        }
        return run
    }
}

/// Fills window blocks with NaN when no sequence has them any more.
private struct WindowWatch {
    private let cache: KVStore
    private var tables: [SequenceID: [Int32]] = [:]
    private var live: Set<Int32> = []

    init(_ cache: KVStore) { self.cache = cache }

    mutating func poisonWhatIsGivenBack(_ plan: StepPlan) {
        for id in plan.preempted { tables[id] = nil }
        for chunk in plan.chunks { tables[chunk.sequence] = chunk.windowBlocks }
        let live = Set(tables.values.joined()).subtracting([KVBlock.gone])
        for block in self.live.subtracting(live) { cache.poison(Int(block), windowed: true) }
        self.live = live
    }

    mutating func ended(_ sequences: [SequenceID]) {
        for id in sequences { tables[id] = nil }
    }
}

/// The folder that holds Package.swift.
private let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    .dropLast(3).joined(separator: "/")
