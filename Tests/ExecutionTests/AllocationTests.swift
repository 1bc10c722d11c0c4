import CAllocations
import Core
import Execution
import Kernels
import Testing

/// A warm step takes no memory: all of it is there from the start.
@Suite struct AllocationTests {
    @Test(arguments: ["shipped", "qwen3", "mixtral", "gemma3", "deepseek_v3", "gpt_oss"], [1, 2])
    func aWarmDecodeStepAllocatesNothing(_ name: String, _ threads: Int) throws {
        for sequences in [1, 4, 16] {
            let subject = Subject(name: name, quantize: nil, cache: .int8)
            let executor = try subject.executor(
                WorkerPool(threads: threads),
                rows: sequences,
                sampledRows: sequences,
                chunks: sequences,
                contextLength: 64,
                blocks: 2 * sequences
            )
            let plans = (0..<40).map { plan(sequences, at: $0) }
            // Swift makes what it knows of a type when it first meets it, and attention is shared
            // among workers from some length on.
            for step in 0..<20 { _ = try executor.run(plans[step]) }
            let before = tm_test_allocations()
            for step in 20..<40 { _ = try executor.run(plans[step]) }
            #expect(tm_test_allocations() - before == 0, "\(sequences) sequences")
        }
    }

    @Test func allocationsAreCounted() {
        let before = tm_test_allocations()
        let made = (0..<10).map { [Int](repeating: $0, count: 100 + $0) }
        #expect(made.count == 10)
        #expect(tm_test_allocations() - before >= 10)
    }

    private func plan(_ sequences: Int, at position: Int) -> StepPlan {
        StepPlan(
            chunks: (0..<sequences).map { index in
                let blocks = [Int32(2 * index), Int32(2 * index + 1)]
                return .init(
                    sequence: SequenceID(UInt64(index)),
                    tokens: [TokenID((index + position) % 150)],
                    start: position,
                    blocks: blocks,
                    windowBlocks: blocks,
                    samples: true
                )
            }
        )
    }
}
