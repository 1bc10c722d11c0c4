internal import Kernels

/// Falcon (Almazrouei et al. 2023) in its three layouts: one key/value head (7B), groups of heads
/// with a norm for each branch (40B) or with one (11B), and a key/value head per head (RW).
struct Falcon: Architecture {
    static let modelTypes = ["falcon"]

    let configuration: DecoderConfiguration
    private let isNew, isMultiQuery, isParallel, bias: Bool
    private let normCount: Int

    init(_ outer: ConfigurationFields) throws(ExecutionError) {
        let fields = outer.renamed([
            "intermediate_size": "ffn_hidden_size", "num_key_value_heads": "num_kv_heads",
            "hidden_act": "activation",
        ])
        if try fields.bool("alibi", or: false) { try fields.refuse("alibi", "is true") }
        var c = try DecoderConfiguration(
            fields,
            activation: DecoderConfiguration.activation(fields, "hidden_act", or: "gelu")
        )
        c.normEpsilon = Float(try fields.double("layer_norm_epsilon", or: 1e-5))
        c.tiesEmbeddings = try fields.bool("tie_word_embeddings", or: true)
        isNew = try fields.bool("new_decoder_architecture", or: false)
        isMultiQuery = try fields.bool("multi_query", or: true)
        isParallel = try fields.bool("parallel_attn", or: true)
        bias = try fields.bool("bias", or: false)
        normCount = try fields.int("num_ln_in_parallel_attn", in: 1...2, or: isNew ? 2 : 1)
        if !isNew { c.keyValueHeadCount = isMultiQuery ? 1 : c.headCount }
        outer.understand(fields)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        let embedding = try loader.matrix(
            "transformer.word_embeddings.weight",
            c.vocabularySize,
            c.width
        )
        let layers = try loader.layers(c, "transformer.h.") {
            index,
            prefix throws(ExecutionError) in
            try layer(loader, prefix, index)
        }
        return Decoder(
            embedding: embedding,
            layers: layers,
            finalNorm: try loader.layerNorm("transformer.ln_f", c.width, epsilon: c.normEpsilon),
            head: try loader.head("lm_head", embedding, c)
        )
    }

    private func layer(
        _ loader: WeightLoader,
        _ prefix: String,
        _ index: Int
    ) throws(ExecutionError) -> DecoderLayer {
        let c = configuration
        func norm(_ name: String) throws(ExecutionError) -> Norm {
            try loader.layerNorm(prefix + name, c.width, epsilon: c.normEpsilon)
        }
        let fused = prefix + "self_attention.query_key_value"
        let output = prefix + "self_attention.dense"
        let isFlat = !isNew && isMultiQuery
        let attention =
            isFlat
            ? try loader.fusedAttention(
                fused,
                output: output,
                c,
                layer: index,
                bias: bias,
                outputBias: bias
            )
            : try loader.interleavedAttention(fused, output: output, c, layer: index, bias: bias)
        let hasTwoNorms = isNew && normCount == 2
        var secondNorm: Norm?
        if hasTwoNorms { secondNorm = try norm("ln_mlp") }
        if !isNew && !isParallel { secondNorm = try norm("post_attention_layernorm") }
        return DecoderLayer(
            attentionNorm: try norm(hasTwoNorms ? "ln_attn" : "input_layernorm"),
            attention: attention,
            mlpNorm: secondNorm,
            mlp: try loader.denseMLP(prefix + "mlp.", c, bias: bias),
            isParallel: isNew || isParallel
        )
    }
}
