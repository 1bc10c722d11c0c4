// Weights that many families have.

extension TensorRule {
    static let embedding = TensorRule("model.embed_tokens", "token_embd")
    static let outputNorm = vector("model.norm", "output_norm")
    static let output = TensorRule("lm_head", "output")
    static let decoder = [embedding, outputNorm, output]

    static let attentionNorm = vector("input_layernorm", "attn_norm")
    static let valueHeads = TensorRule("self_attn.v_proj", "attn_v")
    static let attentionOutput = TensorRule("self_attn.o_proj", "attn_output")
    static let separateHeads = [
        TensorRule("self_attn.q_proj", "attn_q"), TensorRule("self_attn.k_proj", "attn_k"),
        valueHeads,
        fusedHeads(.same),
    ]
    /// Queries, keys and values as some converters write them.
    private static func fusedHeads(_ layout: RowLayout) -> TensorRule {
        TensorRule(["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], ["attn_qkv"]) {
            $0.layout = layout
            $0.shares = .queriesKeysValues
            $0.isWritten = false
        }
    }
    static let attention = separateHeads + [attentionOutput]
    /// Rotated in the pairs of the original Llama code.
    static let rotatedAttention = [
        TensorRule("self_attn.q_proj", "attn_q") { $0.layout = .rotatedQueries },
        TensorRule("self_attn.k_proj", "attn_k") { $0.layout = .rotatedKeys },
        valueHeads, fusedHeads(.rotatedQueriesAndKeys), attentionOutput,
    ]
    static let headNorms = [
        vector("self_attn.q_norm", "attn_q_norm"), vector("self_attn.k_norm", "attn_k_norm"),
    ]

    static let feedForwardNorm = vector("post_attention_layernorm", "ffn_norm")
    static let gatedMLP = [
        TensorRule("mlp.gate_proj", "ffn_gate"), TensorRule("mlp.up_proj", "ffn_up"),
        TensorRule("mlp.down_proj", "ffn_down"),
    ]
    /// Gate above up, in GGUF too.
    static let fusedMLP = [
        TensorRule("mlp.gate_up_proj", "ffn_up"), TensorRule("mlp.down_proj", "ffn_down"),
    ]

    /// Experts with tensors of their own on Hugging Face's side, below `prefix`.
    static func experts(
        _ prefix: String,
        gate: String = "gate_proj",
        up: String = "up_proj",
        down: String = "down_proj"
    ) -> [TensorRule] {
        let separate = [("gate", gate), ("up", up), ("down", down)].flatMap { gguf, own in
            [
                TensorRule("\(prefix)*.\(own)", "ffn_\(gguf)_exps") { $0.stacking = .experts },
                // Before experts were stacked (2023).
                TensorRule("\(prefix)*.\(own)", "ffn_\(gguf).*") { $0.isWritten = false },
            ]
        }
        // As some converters write them.
        let fused = TensorRule(["\(prefix)*.\(gate)", "\(prefix)*.\(up)"], ["ffn_gate_up_exps"]) {
            $0.layout = .gatesThenUps
            $0.isWritten = false
        }
        return separate + [fused]
    }

    /// Experts in two tensors, as transformers 5 may save them.
    static func fusedExperts(_ prefix: String) -> [TensorRule] {
        [
            TensorRule([prefix + "gate_up_proj"], ["ffn_gate_exps", "ffn_up_exps"]) {
                $0.endings = [.none]
                $0.layout = .expertGateAboveUp
                $0.stacking = .experts
                $0.isRead = false
            },
            TensorRule(prefix + "down_proj", "ffn_down_exps") {
                $0.endings = [.none]
                $0.stacking = .experts
                $0.isRead = false
            },
        ]
    }

    /// An expert that every token takes.
    static func sharedExpert(_ prefix: String) -> [TensorRule] {
        ["gate", "up", "down"].map { TensorRule("\(prefix)\($0)_proj", "ffn_\($0)_shexp") }
    }
}
