import Core
import Execution
import Kernels
import ModelFiles
import Testing

/// How often the workers are called together.
@Suite struct PhaseTests {
    /// Queries, keys and values; attention; its projection; the hidden layer; the way back from it.
    @Test(arguments: [1, 16, 200])
    func aLayerTakesFivePhases(_ rows: Int) throws {
        let pool = try WorkerPool(threads: 2)
        let subject = Subject(name: "shipped", quantize: .q4_0, cache: .int8)
        let executor = try subject.executor(pool, rows: rows, contextLength: 256, blocks: 8)
        let plan = StepPlan(chunks: [
            .init(
                sequence: SequenceID(0),
                tokens: (0..<rows).map { TokenID($0 * 7919 % 4096) },
                start: 0,
                blocks: Array(0..<8),
                samples: true
            )
        ])
        _ = try executor.run(plan)
        let before = pool.phaseCount
        _ = try executor.run(plan)
        // Once more for the embeddings, where they are many, and once for the head.
        #expect(pool.phaseCount - before <= 5 * executor.model.configuration.layerCount + 2)
    }
}
