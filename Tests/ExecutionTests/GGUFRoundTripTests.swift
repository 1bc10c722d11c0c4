import Core
import Execution
import Foundation
import Kernels
import ModelFiles
import Testing

/// Every golden checkpoint written as GGUF and read back computes the same logits, bit for bit.
@Suite struct GGUFRoundTripTests {
    static let checkpoints: [String] = {
        let index = GGUFFiles.goldens.appending(path: "index.json")
        let json = try? JSON(parsing: Data(contentsOf: index))
        return (json?["models"]?.array ?? []).compactMap(\.string)
    }()

    /// Whose scales are no powers of two: a weight that is multiplied with its scale is rounded, and
    /// kernels of 8-bit floats multiply sums.
    private static let rounded: Set<String> = ["deepseek_v3-fp8"]

    @Test func goldensAreFound() { #expect(Self.checkpoints.count > 70) }

    @Test(arguments: checkpoints)
    func logitsSurvive(_ name: String) throws {
        let folder = GGUFFiles.goldens.appending(path: name)
        let file = try GGUFFiles.written(name)
        defer { try? FileManager.default.removeItem(atPath: file.path) }
        let expected = try GGUFFiles.logits(ModelSource.open(folder.path), name)
        let found = try GGUFFiles.logits(ModelSource.open(file.path), name)
        #expect(expected.count == found.count)
        let tolerance: Float = Self.rounded.contains(name) ? 1e-4 : 0
        let wrong = zip(expected, found).enumerated().first { !(abs($1.0 - $1.1) <= tolerance) }
        if let (index, (old, new)) = wrong {
            Issue.record("\(name): logit \(index) was \(old) and is \(new)")
        }
    }
}

/// GGUF files of the golden checkpoints.
enum GGUFFiles {
    static let goldens = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "goldens")

    /// A checkpoint's file in full precision, for the caller to remove.
    static func written(_ name: String) throws -> GGUFFile {
        let source = try ModelSource.open(goldens.appending(path: name).path)
        let path = NSTemporaryDirectory() + "tokenmill-\(UUID().uuidString).gguf"
        // In blocks where the checkpoint is: 32-bit floats of the same values compute otherwise.
        let isPacked = source.config["quantization_config"]?["quant_method"] == "mxfp4"
        try GGUFConversion(source) { name, _ in
            isPacked && name.contains("_exps.") ? .mxfp4 : .f32
        }.write(to: path)
        return try GGUFFile(path)
    }

    /// Of the first tokens that the checkpoint's reference has.
    static func logits(_ source: ModelSource, _ name: String) throws -> [Float] {
        let reference = goldens.appending(path: "\(name)/reference.json")
        let json = try JSON(parsing: Data(contentsOf: reference))
        let all = try #require(json["tokens"]?.array).compactMap(\.int).map { TokenID($0) }
        let tokens = Array(all.prefix(64))
        let pool = try WorkerPool(threads: 1)
        let executor = try Executor(
            Model(source, pool: pool),
            pool: pool,
            limits: ExecutorLimits(
                rows: tokens.count,
                sampledRows: tokens.count,
                chunks: 1,
                contextLength: 96,
                blocks: 3,
                cacheFormat: .f32
            ),
            level: .exact
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
