import Core
import Execution
import Kernels
import ModelFiles
import Testing

/// Rounding that minimises a layer's output error, against rounding that looks at weights alone.
@Suite struct CalibrationTests {
    @Test(arguments: CompensatedRounding.types)
    func compensatedRoundingLosesLess(_ type: TensorType) throws {
        let test = Layer(rows: 48, width: 512, seed: 7)
        let rounding = try #require(CompensatedRounding(moments: test.moments))
        let plain = test.error(of: test.encoded(type))
        let compensated = test.error(of: test.encoded(type, by: rounding))
        #expect(compensated < 0.6 * plain, "\(compensated) against \(plain)")
    }

    /// With inputs that have nothing to do with each other there is nothing to make up for.
    @Test func unrelatedInputsRoundAsWellAsPlainly() throws {
        let test = Layer(rows: 16, width: 128, seed: 3, mixing: 0)
        let rounding = try #require(CompensatedRounding(moments: test.moments))
        let plain = test.error(of: test.encoded(.q4_0))
        #expect(test.error(of: test.encoded(.q4_0, by: rounding)) < 1.05 * plain)
    }

    @Test func inputsWithoutAnInverseAreRefused() {
        let zeros = [Float](repeating: 0, count: 32 * 32)
        #expect(CompensatedRounding(moments: zeros) == nil)
        #expect(CompensatedRounding(moments: zeros.map { _ in .nan }) == nil)
    }

    /// The moments that a model collects are those of its matrices' inputs.
    @Test func momentsAreOfTheInputs() throws {
        let (moments, width) = try moments(of: "llama")
        for name in ["self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"] {
            let mean = try #require(
                moments.mean(ofInputsTo: "model.layers.0.\(name).weight"),
                "\(name)"
            )
            #expect(mean.count == width * width)
            #expect((0..<width).allSatisfy { mean[$0 * width + $0] > 0 })
        }
        // q and v read the same.
        let q = moments.mean(ofInputsTo: "model.layers.1.self_attn.q_proj.weight")
        #expect(q == moments.mean(ofInputsTo: "model.layers.1.self_attn.v_proj.weight"))
        #expect(moments.mean(ofInputsTo: "model.norm.weight") == nil)
    }

    /// A matrix of moments for each of many experts would not fit into memory.
    @Test(arguments: [
        ("mixtral", "block_sparse_moe.experts.0.w1"), ("mixtral-fused", "mlp.experts.gate_up_proj"),
        ("deepseek_v3", "mlp.experts.0.gate_proj"),
    ])
    func expertsAreNotWatched(_ model: String, _ expert: String) throws {
        let (moments, _) = try moments(of: model)
        for index in 0..<8 {
            let name = expert.replacing("experts.0", with: "experts.\(index)")
            #expect(moments.mean(ofInputsTo: "model.layers.1.\(name).weight") == nil)
            #expect(moments.mean(ofInputsTo: "model.layers.1.\(name)") == nil)
        }
        let seen = model == "deepseek_v3" ? "mlp.shared_experts.up_proj" : "self_attn.o_proj"
        #expect(moments.mean(ofInputsTo: "model.layers.1.\(seen).weight") != nil)
    }

    /// Of 32 tokens, and the model's width.
    private func moments(of name: String) throws -> (SecondMoments, width: Int) {
        let pool = try WorkerPool(threads: 2)
        let model = try Model(ModelSource.open(goldens + "/" + name), pool: pool)
        let moments = SecondMoments(of: model)
        let executor = try Executor(
            model,
            pool: pool,
            limits: ExecutorLimits(
                rows: 32,
                sampledRows: 32,
                chunks: 1,
                contextLength: 64,
                blocks: 2
            ),
            observer: moments
        )
        let chunk = StepPlan.Chunk(
            sequence: SequenceID(0),
            tokens: Array(3..<35),
            start: 0,
            blocks: [0, 1],
            samples: true
        )
        _ = try executor.run(StepPlan(chunks: [chunk]))
        return (moments, model.configuration.width)
    }

    private let goldens =
        #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast().joined(separator: "/") + "/goldens"
}

/// Weights and inputs whose elements have something to do with each other.
private struct Layer {
    let rows, width: Int
    let weights: [Float]
    private let inputs: [[Float]]

    init(rows: Int, width: Int, seed: UInt64, mixing: Float = 0.9) {
        self.rows = rows
        self.width = width
        var state = seed
        func random() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        weights = (0..<rows * width).map { _ in random() }
        inputs = (0..<4 * width).map { _ in
            var last: Float = 0
            return (0..<width).map { _ in
                last = mixing * last + random()
                return last
            }
        }
    }

    var moments: [Float] {
        var sum = [Float](repeating: 0, count: width * width)
        for x in inputs {
            for i in 0..<width {
                for j in i..<width { sum[i * width + j] += x[i] * x[j] / Float(inputs.count) }
            }
        }
        return sum
    }

    /// Blocks, decoded again.
    func encoded(_ type: TensorType, by rounding: CompensatedRounding? = nil) -> [Float] {
        let bytes = rows * width / type.blockWidth * type.byteCount
        return withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 16) { blocks in
            guard let base = blocks.baseAddress else { return [] }
            var copy = weights
            copy.withUnsafeMutableBufferPointer { copy in
                guard let values = copy.baseAddress else { return }
                if let rounding {
                    rounding.encode(values, rows: rows, as: type, into: base)
                } else {
                    Blocks.encode(type, floats: values, count: rows * width, into: base)
                }
            }
            return [Float](unsafeUninitializedCapacity: weights.count) { floats, count in
                count = weights.count
                if let out = floats.baseAddress {
                    Blocks.decode(type, UnsafeRawBufferPointer(blocks), into: out)
                }
            }
        }
    }

    /// Mean squared difference of outputs.
    func error(of rounded: [Float]) -> Float {
        var sum: Float = 0
        for x in inputs.prefix(200) {
            for row in 0..<rows {
                var difference: Float = 0
                for i in 0..<width {
                    difference += (rounded[row * width + i] - weights[row * width + i]) * x[i]
                }
                sum += difference * difference
            }
        }
        return sum / Float(200 * rows)
    }
}
