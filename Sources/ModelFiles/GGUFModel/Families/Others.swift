internal import Core

// Families with layer norms, plain feed-forward networks or fused projections.

extension GGUFFamily {
    static let phi2 = GGUFFamily(
        architecture: "phi2",
        modelTypes: ["phi"],
        epsilon: .layerNorm("layer_norm_eps"),
        rope: GGUFRope(share: 0.5),
        activation: ("hidden_act", "gelu_new"),
        model: [.embedding, .vector("model.final_layernorm", "output_norm"), .output],
        layer: [.attentionNorm] + TensorRule.separateHeads + [
            TensorRule("self_attn.dense", "attn_output"), TensorRule("mlp.fc1", "ffn_up"),
            TensorRule("mlp.fc2", "ffn_down"),
        ]
    )

    static let phi3 = GGUFFamily(
        architecture: "phi3",
        modelTypes: ["phi3"],
        epsilon: .rms(1e-5),
        windows: GGUFWindows(period: 0, writesNone: true),
        model: TensorRule.decoder,
        layer: [
            .attentionNorm, TensorRule("self_attn.qkv_proj", "attn_qkv"),
            // As a few converters split it.
            TensorRule(["self_attn.qkv_proj"], ["attn_q", "attn_k", "attn_v"]) {
                $0.isWritten = false
            },
            .attentionOutput, .feedForwardNorm,
        ] + TensorRule.fusedMLP,
        addMetadata: { config, settings, _ in
            let nested = config["rope_parameters"]?["original_max_position_embeddings"]
            let original = config["original_max_position_embeddings"] ?? nested
            settings.set(count: original?.int, "rope.scaling.original_context_length")
        }
    )

    static let starcoder2 = GGUFFamily(
        architecture: "starcoder2",
        modelTypes: ["starcoder2"],
        epsilon: .layerNorm("norm_epsilon"),
        windows: GGUFWindows(period: 0),
        tiesEmbeddings: true,
        activation: ("hidden_act", "gelu_pytorch_tanh"),
        model: TensorRule.decoder,
        layer: [.attentionNorm] + TensorRule.attention + [
            .feedForwardNorm, TensorRule("mlp.c_fc", "ffn_up"),
            TensorRule("mlp.c_proj", "ffn_down"),
        ],
        complete: { reading, config in
            config["use_bias"] = .bool(reading.has("blk.0.attn_output.bias"))
        }
    )

    static let gpt2 = GGUFFamily(
        architecture: "gpt2",
        modelTypes: ["gpt2"],
        names: [
            "hidden_size": "n_embd", "num_hidden_layers": "n_layer",
            "num_attention_heads": "n_head", "max_position_embeddings": "n_positions",
            "intermediate_size": "n_inner",
        ],
        epsilon: .layerNorm("layer_norm_epsilon"),
        rope: nil,
        tiesEmbeddings: true,
        activation: ("activation_function", "gelu_new"),
        unspoken: ["scale_attn_weights": true, "scale_attn_by_inverse_layer_idx": false],
        layerPrefix: "transformer.h.",
        optionalPrefix: "transformer.",
        model: [
            TensorRule("transformer.wte", "token_embd"),
            .vector("transformer.wpe", "position_embd"), .vector("transformer.ln_f", "output_norm"),
            .output,
        ],
        layer: [
            .vector("ln_1", "attn_norm"),
            TensorRule("attn.c_attn", "attn_qkv") { $0.isTransposed = true },
            TensorRule("attn.c_proj", "attn_output") { $0.isTransposed = true },
            .vector("ln_2", "ffn_norm"),
            TensorRule("mlp.c_fc", "ffn_up") { $0.isTransposed = true },
            TensorRule("mlp.c_proj", "ffn_down") { $0.isTransposed = true },
        ]
    )

    private static let denseMLP = [
        TensorRule("mlp.dense_h_to_4h", "ffn_up"), TensorRule("mlp.dense_4h_to_h", "ffn_down"),
    ]

    static let gptneox = GGUFFamily(
        architecture: "gptneox",
        modelTypes: ["gpt_neox"],
        keys: [
            GGUFKey(
                "use_parallel_residual",
                "use_parallel_residual",
                .flag,
                or: true,
                unsaid: true
            )
        ],
        epsilon: .layerNorm("layer_norm_eps"),
        rope: GGUFRope(share: 0.25, thetaKey: "rotary_emb_base", shareKey: "rotary_pct"),
        activation: ("hidden_act", "gelu"),
        layerPrefix: "gpt_neox.layers.",
        model: [
            TensorRule("gpt_neox.embed_in", "token_embd"),
            .vector("gpt_neox.final_layer_norm", "output_norm"), TensorRule("embed_out", "output"),
        ],
        layer: [
            .attentionNorm,
            TensorRule("attention.query_key_value", "attn_qkv") { $0.layout = .groupedHeads },
            TensorRule("attention.dense", "attn_output"), .feedForwardNorm,
        ] + denseMLP,
        complete: { reading, config in
            config["attention_bias"] = .bool(reading.has("blk.0.attn_qkv.bias"))
        }
    )

    static let falcon = GGUFFamily(
        architecture: "falcon",
        modelTypes: ["falcon"],
        names: ["intermediate_size": "ffn_hidden_size", "num_key_value_heads": "num_kv_heads"],
        epsilon: .layerNorm("layer_norm_epsilon"),
        tiesEmbeddings: true,
        activation: ("activation", "gelu"),
        layerPrefix: "transformer.h.",
        model: [
            TensorRule("transformer.word_embeddings", "token_embd"),
            .vector("transformer.ln_f", "output_norm"), .output,
        ],
        layer: [
            .attentionNorm, .vector("ln_mlp", "attn_norm"), .vector("ln_attn", "attn_norm_2"),
            TensorRule("self_attention.query_key_value", "attn_qkv") { $0.layout = .groupedHeads },
            TensorRule("self_attention.dense", "attn_output"), .feedForwardNorm,
        ] + denseMLP,
        complete: { reading, config in
            let heads = config["num_attention_heads"]?.int ?? 1
            let groups = config["num_kv_heads"]?.int ?? heads
            let isSequential = reading.has("blk.0.ffn_norm.weight")
            let hasTwoNorms = reading.has("blk.0.attn_norm_2.weight")
            config["parallel_attn"] = .bool(!isSequential)
            config["bias"] = .bool(reading.has("blk.0.attn_qkv.bias"))
            config["multi_query"] = .bool(groups == 1)
            let isNew = hasTwoNorms || groups > 1 && !isSequential
            config["new_decoder_architecture"] = .bool(isNew)
            if isNew { config["num_ln_in_parallel_attn"] = hasTwoNorms ? 2 : 1 }
        },
        addMetadata: { config, settings, _ in
            let isNew = config["new_decoder_architecture"]?.bool == true
            let heads = config["num_attention_heads"]?.int
            let isMultiQuery = config["multi_query"]?.bool != false
            let groups = isNew ? config["num_kv_heads"]?.int ?? heads : isMultiQuery ? 1 : heads
            settings.set(count: groups, "attention.head_count_kv")
            settings.set("tensor_data_layout", "jploski")
        }
    )
}
