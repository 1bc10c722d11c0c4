import Core
import Execution
import Foundation
import Kernels
import ModelFiles
import Testing

/// What the cache's number formats cost, in bytes and in quality.
@Suite struct CacheFormatTests {
    private static let shipped = Subject(name: "shipped", quantize: nil)

    @Test func aModelChoosesByItsWeights() throws {
        func chosen(_ name: String, _ quantize: WeightFormat? = nil) throws -> KVFormat {
            let pool = try WorkerPool(threads: 1)
            let source = try ModelSource.open(Subject(name: name, quantize: nil).folder)
            let model = try Model(source, pool: pool, quantize: quantize)
            return model.configuration.cacheFormat
        }
        #expect(try chosen("shipped") == .int8)
        #expect(try chosen("shipped", .q4_0) == .int8)
        #expect(try chosen("llama") == .f32, "float32 weights, and heads 16 wide")
        #expect(try chosen("mistral", .q8_0) == .f32, "heads 16 wide")
    }

    @Test func bytesPerToken() throws {
        let pool = try WorkerPool(threads: 1)
        let source = try ModelSource.open(Self.shipped.folder)
        var configuration = try Model(source, pool: pool).configuration
        // Six layers of two heads of 64 keys and 64 values; two scales in int8.
        for (format, head) in [(KVFormat.f32, 512), (.bf16, 256), (.int8, 128 + 8)] {
            configuration.cacheFormat = format
            #expect(configuration.cacheBytesPerToken == 6 * 2 * head)
            let store = try KVStore(configuration, blockCount: 3, windowBlockCount: 0)
            #expect(store.byteCount == 3 * 32 * configuration.cacheBytesPerToken)
            #expect(store.format == format)
        }
        let store = try KVStore(configuration, blockCount: 3, windowBlockCount: 0, format: .f32)
        #expect(store.byteCount == 3 * 32 * 6 * 2 * 512)
    }

    @Test func headsThatAreTooWideAreRefused() throws {
        let llama = URL(filePath: Subject(name: "llama", quantize: nil).folder)
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = try String(contentsOf: llama.appending(path: "config.json"), encoding: .utf8)
            .replacingOccurrences(of: "\"head_dim\": 16,", with: "")
            .replacingOccurrences(of: "\"hidden_size\": 64,", with: "\"hidden_size\": 65536,")
        try config.write(
            to: folder.appending(path: "config.json"),
            atomically: true,
            encoding: .utf8
        )
        let weights = "model.safetensors"
        try FileManager.default.copyItem(
            at: llama.appending(path: weights),
            to: folder.appending(path: weights)
        )
        let source = try ModelSource.open(folder.path), pool = try WorkerPool(threads: 1)
        let error = #expect(throws: ExecutionError.self) { try Model(source, pool: pool) }
        #expect(error?.description.contains("16384") == true)
    }

    /// The distribution over the next token stays where the exact cache has it: mean divergence in
    /// nats, on random tokens. On held-out text it is a third of that.
    @Test(arguments: [(KVFormat.bf16, 5e-4), (.int8, 2.5e-3)])
    func distributionsStay(_ format: KVFormat, _ limit: Double) throws {
        let golden = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "goldens/shipped/reference.json")
        let json = try JSON(parsing: Data(contentsOf: golden))
        let tokens = try #require(json["tokens"]?.array).map { TokenID(try #require($0.int)) }
        let exact = try logProbabilities(.f32, tokens),
            rounded = try logProbabilities(format, tokens)
        let divergences = zip(exact, rounded).map { exact, rounded in
            zip(exact, rounded).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
        }
        let mean = divergences.reduce(0, +) / Double(divergences.count)
        #expect(mean < limit, "\(format): \(mean)")
        #expect(mean > 0, "the cache is not rounded at all")
    }

    private func logProbabilities(_ format: KVFormat, _ tokens: [TokenID]) throws -> [[Double]] {
        var subject = Self.shipped
        subject.cache = format
        let executor = try subject.executor(
            WorkerPool(threads: 2),
            rows: tokens.count,
            sampledRows: tokens.count,
            contextLength: 512,
            blocks: 16
        )
        let chunk = StepPlan.Chunk(
            sequence: SequenceID(0),
            tokens: tokens,
            start: 0,
            blocks: Array(0..<16),
            samples: true
        )
        let logits = try executor.run(StepPlan(chunks: [chunk]), allRows: true)
        return (0..<logits.count).map { row in
            let values = logits.withRow(row) { span in span.indices.map { Double(span[$0]) } }
            let highest = values.max() ?? 0
            let total = log(values.reduce(0) { $0 + exp($1 - highest) }) + highest
            return values.map { $0 - total }
        }
    }
}
