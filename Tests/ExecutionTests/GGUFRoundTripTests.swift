import Core
import Execution
import Foundation
import Kernels
import ModelFiles
import Testing

/// Every golden checkpoint written as GGUF and read back computes the same logits, bit for bit.
@Suite struct GGUFRoundTripTests {
    private static let goldens = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "goldens")

    static let checkpoints: [String] = {
        let index = goldens.appending(path: "index.json")
        let json = try? JSON(parsing: Data(contentsOf: index))
        return (json?["models"]?.array ?? []).compactMap(\.string)
    }()

    @Test func goldensAreFound() { #expect(Self.checkpoints.count > 70) }

    @Test(arguments: checkpoints)
    func logitsSurvive(_ name: String) throws {
        let folder = Self.goldens.appending(path: name)
        let source = try ModelSource.open(folder.path)
        let file = NSTemporaryDirectory() + "tokenmill-\(UUID().uuidString).gguf"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try GGUFConversion(source, target: .f32).write(to: file)
        let json = try JSON(
            parsing: Data(contentsOf: folder.appending(path: "reference.json"))
        )
        let all = try #require(json["tokens"]?.array).compactMap(\.int).map { TokenID($0) }
        let tokens = Array(all.prefix(64))
        let expected = try logits(source, tokens)
        let found = try logits(ModelSource.open(file), tokens)
        #expect(expected.count == found.count)
        let wrong = zip(expected, found).enumerated().first { $1.0 != $1.1 }
        if let (index, (old, new)) = wrong {
            Issue.record("\(name): logit \(index) was \(old) and is \(new)")
        }
    }

    private func logits(_ source: ModelSource, _ tokens: [TokenID]) throws -> [Float] {
        let pool = try WorkerPool(threads: 1)
        let executor = try Executor(
            Model(source, pool: pool),
            pool: pool,
            limits: ExecutorLimits(
                rows: tokens.count,
                sampledRows: tokens.count,
                chunks: 1,
                contextLength: 96,
                blocks: 3
            )
        )
        let chunk = StepPlan.Chunk(
            sequence: SequenceID(0),
            tokens: tokens,
            start: 0,
            blocks: [0, 1, 2],
            samples: true
        )
        let logits = try executor.run(StepPlan(chunks: [chunk]), allRows: true)
        return tokens.indices.flatMap { row in
            logits.withRow(row) { span in span.indices.map { span[$0] } }
        }
    }
}
