import Core
import Foundation
import ModelFiles
import Testing

/// The types that llama-quantize gives.
@Suite struct QuantizationPolicyTests {
    /// A model with nothing but a configuration.
    private func policy(
        _ target: QuantizationTarget,
        layers: Int = 32,
        type: String = "llama",
        more: String = ""
    ) throws -> QuantizationPolicy {
        let scratch = try Scratch()
        try scratch.write(
            "m/config.json",
            """
            {"model_type":"\(type)","hidden_size":4096,"num_hidden_layers":\(layers),
            "num_attention_heads":32,"num_key_value_heads":16,"num_kv_heads":16\(more)}
            """
        )
        try scratch.writeTensors("m/model.safetensors", [("x", [1])])
        return try QuantizationPolicy(target, ModelSource.open(scratch.path + "/m"))
    }

    /// The layers in which a matrix has a type.
    private func layers(
        _ policy: QuantizationPolicy,
        _ role: String,
        _ type: TensorType,
        of count: Int = 32
    ) -> [Int] {
        (0..<count).filter {
            policy.type(of: "blk.\($0).\(role).weight", shape: [256, 4096]) == type
        }
    }

    @Test func mixtures() throws {
        // 32 layers: the first and last four, and 6, 9, ..., 27.
        let more = [0, 1, 2, 3] + Array(stride(from: 6, through: 27, by: 3)) + [28, 29, 30, 31]
        for (target, body) in [(QuantizationTarget.q4_k_m, TensorType.q4_k), (.q5_k_m, .q5_k)] {
            let policy = try policy(target)
            for role in ["attn_v", "attn_qkv", "ffn_down", "ffn_down_exps"] {
                #expect(layers(policy, role, .q6_k) == more, "\(role)")
                #expect(layers(policy, role, body).count == 32 - more.count, "\(role)")
            }
            for role in ["attn_q", "attn_k", "attn_output", "ffn_gate", "ffn_up", "ffn_up_exps"] {
                #expect(layers(policy, role, body).count == 32, "\(role)")
            }
            #expect(policy.type(of: "output.weight", shape: [32000, 4096]) == .q6_k)
            #expect(policy.type(of: "token_embd.weight", shape: [32000, 4096]) == body)
        }
    }

    @Test(arguments: [
        (QuantizationTarget.q8_0, TensorType.q8_0, TensorType.q8_0), (.q6_k, .q6_k, .q6_k),
        (.q4_0, .q4_0, .q6_k), (.iq4_nl, .iq4_nl, .q6_k), (.mxfp4, .mxfp4, .q8_0),
        (.f16, .f16, .f16), (.bf16, .bf16, .bf16), (.f32, .f32, .f32),
    ])
    func bodyAndHead(_ target: QuantizationTarget, _ body: TensorType, _ head: TensorType) throws {
        let policy = try policy(target)
        #expect(policy.type(of: "blk.9.ffn_up.weight", shape: [11008, 4096]) == body)
        #expect(policy.type(of: "output.weight", shape: [32000, 4096]) == head)
        let tied = try self.policy(target, more: #","tie_word_embeddings":true"#)
        #expect(tied.type(of: "token_embd.weight", shape: [32000, 4096]) == head)
        #expect(policy.type(of: "blk.9.ffn_gate_inp.weight", shape: [8, 4096]) == .f32)
        #expect(policy.type(of: "position_embd.weight", shape: [1024, 4096]) == .f32)
    }

    @Test func rowsThatDoNotDivide() throws {
        let types: [(TensorType, TensorType)] = [
            (.q4_k, .q5_0), (.q5_k, .q5_1), (.q6_k, .q8_0), (.iq4_xs, .iq4_nl), (.q8_0, .q8_0),
            (.q4_0, .q4_0), (.mxfp4, .mxfp4), (.bf16, .bf16),
        ]
        for (type, next) in types {
            #expect(QuantizationPolicy.fitting(type, columns: 512) == type)
            #expect(QuantizationPolicy.fitting(type, columns: 96) == next)
            let last = type.blockWidth == 1 ? type : .f16
            #expect(QuantizationPolicy.fitting(type, columns: 40) == last)
        }
        let policy = try policy(.q4_k_m)
        #expect(policy.type(of: "blk.8.attn_v.weight", shape: [64, 96]) == .q5_0)
        #expect(policy.type(of: "output.weight", shape: [64, 96]) == .q8_0)
    }

    @Test func eightExpertsHaveSmallAttention() throws {
        let policy = try policy(.q4_k_m, type: "mixtral", more: #","num_local_experts":8"#)
        #expect(layers(policy, "attn_v", .q8_0).count == 32)
        #expect(layers(policy, "attn_k", .q8_0).count == 32)
        #expect(layers(policy, "attn_output", .q5_k).count == 32)
        #expect(layers(policy, "attn_q", .q4_k).count == 32)
    }

    @Test func expertsAloneAreInMXFP4() throws {
        let policy = try policy(.mxfp4, type: "mixtral", more: #","num_local_experts":8"#)
        #expect(policy.type(of: "blk.0.ffn_up_exps.weight", shape: [8, 64, 64]) == .mxfp4)
        #expect(policy.type(of: "blk.0.attn_q.weight", shape: [64, 64]) == .q8_0)
        #expect(policy.type(of: "token_embd.weight", shape: [64, 64]) == .q8_0)
    }

    @Test func falconAndTheLargest() throws {
        let falcon = try policy(.q4_k_m, type: "falcon", more: #","new_decoder_architecture":true"#)
        #expect(falcon.type(of: "output.weight", shape: [64, 4096]) == .q8_0)
        #expect(layers(falcon, "ffn_down", .q6_k) == [0, 1])
        #expect(layers(falcon, "ffn_down", .q5_k).first == 2)
        let large = try policy(.q4_k_m, layers: 80)
        #expect(layers(large, "attn_v", .q4_k, of: 80).isEmpty)
        #expect(layers(large, "attn_v", .q5_k, of: 80).first == 10)
        let nonlinear = try policy(.iq4_nl)
        #expect(layers(nonlinear, "ffn_down", .q5_k) == [0, 1, 2, 3])
    }
}
