import Core
import Execution
import Kernels
import Testing

/// Damaged weights or caches give logits that are no numbers, which fail a request; never a crash.
@Suite struct NotANumberTests {
    @Test(arguments: ["llama", "mixtral", "qwen2_moe", "deepseek_v3", "gpt_oss"])
    func nansGoThroughToTheLogits(_ name: String) throws {
        let executor = try Subject(name: name, quantize: nil, cache: .f32).executor(
            WorkerPool(threads: 2),
            rows: 90,
            contextLength: 128,
            blocks: 4,
            windowBlocks: 4
        )
        executor.cache.poison()
        let plan = StepPlan(chunks: [
            .init(
                sequence: SequenceID(0),
                tokens: (32..<122).map { TokenID($0 % 150) },
                start: 32,
                blocks: [0, 1, 2, 3],
                windowBlocks: [0, 1, 2, 3],
                samples: true
            )
        ])
        let logits = try executor.run(plan)
        logits.withRow(0) { #expect($0[0].isNaN) }
    }
}
