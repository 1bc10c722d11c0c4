import Core
import Execution
import Foundation
import Kernels
import ModelFiles
import Testing

/// Promise 7 for logits: 300 tokens in float32 against transformers, and 64 greedy tokens.
/// `tools/goldens/logits.py` makes the references.
@Suite struct ReferenceTests {
    /// Every folder of goldens.
    static let checkpoints: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: Reference.goldens.path)
        return (names ?? []).filter { !$0.contains(".") }.sorted()
    }()

    @Test func thereAreCheckpoints() { #expect(Self.checkpoints.count > 40) }

    @Test(arguments: checkpoints)
    func logitsMatchTheReference(_ name: String) throws {
        let reference = try Reference(name)
        let levels = KernelLevel.supported.filter { name != "shipped" || $0 >= .exact }
        for level in levels {
            let executor = try reference.executor(level)
            let logits = try executor.run(plan(reference.tokens, start: 0), allRows: true)
            let tolerance =
                level == .avx512bf16 ? Self.roundedTolerance : reference.tolerance
            #expect(reference.largestError(of: logits) <= tolerance, "\(name) at \(level)")
        }
    }

    /// Where activations have the 8 bits of bfloat16 weights. The most seen is 0.02, of
    /// deepseek_v3-lite; it guards against mistakes and says nothing of quality.
    static let roundedTolerance: Float = 0.03

    /// Where transformers changes its LongRoPE divisors as a sequence grows, its cached keys keep the
    /// old ones. Here the executor's limit decides, so that the same request has the same logits.
    static let changesWithLength: Set<String> = ["phi3-dynamic"]

    @Test(arguments: checkpoints.filter { !changesWithLength.contains($0) })
    func greedyContinuationIsTheReferences(_ name: String) throws {
        let reference = try Reference(name)
        let executor = try reference.executor(.exact)
        var tokens = reference.prompt
        var computed = 0
        for _ in reference.greedy {
            let logits = try executor.run(plan(Array(tokens[computed...]), start: computed))
            computed = tokens.count
            tokens.append(
                logits.withRow(0) { row in
                    TokenID(row.indices.max { row[$0] < row[$1] } ?? 0)
                }
            )
        }
        #expect(Array(tokens.dropFirst(reference.prompt.count)) == reference.greedy)
    }
}

/// One chunk of one sequence whose blocks are 0, 1, 2, ...
private func plan(_ tokens: [TokenID], start: Int) -> StepPlan {
    StepPlan(chunks: [
        .init(
            sequence: SequenceID(0),
            tokens: tokens,
            start: start,
            blocks: Array(0..<16),
            samples: true
        )
    ])
}

private struct Reference {
    static let goldens = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "goldens")

    let tokens, prompt, greedy: [TokenID]
    /// As a share of the range of all logits. One form of GELU instead of the other moves them by
    /// 1e-4. MXFP4 matrices read int8 activations, which the
    /// reference does not.
    let tolerance: Float
    private let folder: String
    private let rows: [Int]
    private let range: Float
    private let logits: [Float]

    init(_ name: String) throws {
        let goldens = Self.goldens.appending(path: name)
        let repository = goldens.appending(path: "../../../..").standardizedFileURL
        folder = (name == "shipped" ? repository.appending(path: "weights") : goldens).path
        let json = try JSON(parsing: Data(contentsOf: goldens.appending(path: "reference.json")))
        let config = try JSON(parsing: Data(contentsOf: URL(filePath: folder + "/config.json")))
        let method = config["quantization_config"]?["quant_method"]
        tolerance = method == "mxfp4" ? 2e-2 : 5e-5
        func ints(_ key: String) throws -> [Int] {
            try #require(json[key]?.array).map { try #require($0.int) }
        }
        tokens = try ints("tokens").map { TokenID($0) }
        prompt = try ints("prompt").map { TokenID($0) }
        greedy = try ints("greedy").map { TokenID($0) }
        rows = try ints("rows")
        let file = try SafetensorsFile(goldens.appending(path: "reference.safetensors").path)
        logits = try file.tensor("logits").floats()
        let highest = try #require(json["logit_maximum"]?.double)
        let lowest = try #require(json["logit_minimum"]?.double)
        range = Float(highest - lowest)
    }

    func executor(_ level: KernelLevel) throws -> Executor {
        let pool = try WorkerPool(threads: 2)
        let model = try Model(ModelSource.open(folder), pool: pool)
        return try Executor(
            model,
            pool: pool,
            limits: ExecutorLimits(
                rows: 300,
                sampledRows: 300,
                chunks: 1,
                contextLength: 512,
                blocks: 16,
                cacheFormat: .f32
            ),
            level: level
        )
    }

    /// As a share of the range of all reference logits.
    func largestError(of got: Logits) -> Float {
        let vocabulary = logits.count / rows.count
        return rows.enumerated().map { index, row in
            got.withRow(row) { span in
                (0..<vocabulary).reduce(Float(0)) { worst, token in
                    let error = abs(span[token] - logits[index * vocabulary + token])
                    // A comparison that NaN fails, so that NaN is the largest error of all.
                    return error <= worst ? worst : error
                }
            }
        }.reduce(0) { $1 <= $0 ? $0 : $1 } / range
    }
}
