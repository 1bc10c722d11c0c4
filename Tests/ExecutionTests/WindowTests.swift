import Core
import Execution
import Kernels
import ModelFiles
import Testing

/// What windowed layers take of the cache, and what of it is read.
@Suite struct WindowTests {
    /// Two heads of 16 floats, keys and values.
    private static let layerBytes = 2 * 2 * 16 * 4

    @Test func windowedLayersTakeBlocksOfTheirOwn() throws {
        let mistral = try executor("mistral", blocks: 1000, windowBlocks: 4)
        #expect(mistral.cache.byteCount == 2 * 4 * 32 * Self.layerBytes)
        let gemma = try executor("gemma3", blocks: 16, windowBlocks: 4)
        #expect(gemma.cache.byteCount == (16 + 5 * 4) * 32 * Self.layerBytes)
        let llama = try executor("llama", blocks: 16, windowBlocks: 4)
        #expect(llama.cache.byteCount == 16 * 32 * llama.model.configuration.cacheBytesPerToken)
    }

    @Test func theConfigurationSaysWhatASequenceTakes() throws {
        let mistral = try executor("mistral", blocks: 1, windowBlocks: 1).model.configuration
        #expect(mistral.window == 32)
        #expect(mistral.cacheBytesPerToken == 0)
        #expect(mistral.windowCacheBytesPerSequence == 32 * 2 * Self.layerBytes)
        let gemma = try executor("gemma3", blocks: 1, windowBlocks: 1).model.configuration
        #expect(gemma.cacheBytesPerToken == Self.layerBytes)
        #expect(gemma.windowCacheBytesPerToken == 5 * Self.layerBytes)
        #expect(gemma.windowCacheBytesPerSequence == 32 * 5 * Self.layerBytes)
        #expect(gemma.cacheBytesRead(after: 10) == 10 * 6 * Self.layerBytes)
        #expect(gemma.cacheBytesRead(after: 100) == (100 + 5 * 32) * Self.layerBytes)
        let llama = try executor("llama", blocks: 1, windowBlocks: 1).model.configuration
        #expect(llama.window == nil)
        #expect(llama.windowCacheBytesPerSequence == 0)
    }

    /// Position 100 sees the last 32, which lie in blocks 2 and 3.
    @Test(arguments: ["mistral", "gemma2", "gemma3"], KVFormat.allCases)
    func blocksBeforeTheWindowAreNotRead(_ name: String, _ format: KVFormat) throws {
        let executor = try executor(name, blocks: 4, windowBlocks: 4, format)
        executor.cache.poison()
        _ = try executor.run(plan(100, start: 0, windowBlocks: [2, 0, 3, 1]))
        let whole = try logits(executor, plan(1, start: 100, windowBlocks: [2, 0, 3, 1]))
        #expect(whole.allSatisfy { !Float(bitPattern: $0).isNaN })
        executor.cache.poison(2, windowed: true)
        executor.cache.poison(0, windowed: true)
        let gone = plan(1, start: 100, windowBlocks: [KVBlock.gone, KVBlock.gone, 3, 1])
        #expect(try logits(executor, gone) == whole)
        executor.cache.poison(3, windowed: true)
        let poisoned = try logits(executor, gone)
        #expect(poisoned.allSatisfy { Float(bitPattern: $0).isNaN })
    }

    @Test(arguments: [
        [], [0, 1, 2], [0, 1, KVBlock.gone, 3], [0, 1, 2, KVBlock.gone], [0, 1, 4, 3],
    ])
    func aTableWithoutTheWindowIsRefused(_ table: [Int32]) throws {
        let executor = try executor("gemma2", blocks: 4, windowBlocks: 4)
        #expect(throws: ExecutionError.self) {
            try executor.run(plan(1, start: 100, windowBlocks: table))
        }
    }

    private func plan(_ count: Int, start: Int, windowBlocks: [Int32]) -> StepPlan {
        StepPlan(chunks: [
            .init(
                sequence: SequenceID(0),
                tokens: (start..<start + count).map { TokenID($0 % 150) },
                start: start,
                blocks: [0, 1, 2, 3],
                windowBlocks: windowBlocks,
                samples: true
            )
        ])
    }

    private func logits(_ executor: Executor, _ plan: StepPlan) throws -> [UInt32] {
        try executor.run(plan).withRow(0) { row in row.indices.map { row[$0].bitPattern } }
    }

    private func executor(
        _ name: String,
        blocks: Int,
        windowBlocks: Int,
        _ format: KVFormat = .f32
    ) throws -> Executor {
        try Subject(name: name, quantize: nil, cache: format).executor(
            WorkerPool(threads: 1),
            rows: 100,
            contextLength: 128,
            blocks: blocks,
            windowBlocks: windowBlocks
        )
    }
}
