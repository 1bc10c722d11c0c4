internal import Kernels

/// GPT-2 (Radford et al. 2019): learned positions, layer norms, one fused projection, weights
/// stored (inputs, outputs).
struct GPT2: Architecture {
    static let modelTypes = ["gpt2"]

    let configuration: DecoderConfiguration
    private let dividesByLayer: Bool

    init(_ outer: ConfigurationFields) throws(ExecutionError) {
        let fields = outer.renamed([
            "hidden_size": "n_embd", "num_hidden_layers": "n_layer",
            "num_attention_heads": "n_head", "max_position_embeddings": "n_positions",
            "intermediate_size": "n_inner", "hidden_act": "activation_function",
        ])
        var c = try DecoderConfiguration(
            fields,
            activation: DecoderConfiguration.activation(fields, "hidden_act", or: "gelu_new")
        )
        c.normEpsilon = Float(try fields.double("layer_norm_epsilon", or: 1e-5))
        c.tiesEmbeddings = try fields.bool("tie_word_embeddings", or: true)
        c.ropes = []
        for index in c.layers.indices { c.layers[index].rope = nil }
        if try !fields.bool("scale_attn_weights", or: true) { c.attentionScale = 1 }
        dividesByLayer = try fields.bool("scale_attn_by_inverse_layer_idx", or: false)
        fields.understand("reorder_and_upcast_attn")  // the same sums in another precision
        outer.understand(fields)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        // The first published files have no prefix.
        let root = loader.has("transformer.wte.weight") ? "transformer." : ""
        func norm(_ name: String) throws(ExecutionError) -> Norm {
            try loader.layerNorm(name, c.width, epsilon: c.normEpsilon)
        }
        let embedding = try loader.matrix(root + "wte.weight", c.vocabularySize, c.width)
        let layers = try loader.layers(c, root + "h.") { index, prefix throws(ExecutionError) in
            DecoderLayer(
                attentionNorm: try norm(prefix + "ln_1"),
                attention: try attention(loader, prefix + "attn.", layer: index),
                mlpNorm: try norm(prefix + "ln_2"),
                mlp: PlainMLP(
                    up: try loader.linear(
                        prefix + "mlp.c_fc",
                        c.mlpWidth,
                        c.width,
                        bias: true,
                        transposed: true
                    ),
                    down: try loader.linear(
                        prefix + "mlp.c_proj",
                        c.width,
                        c.mlpWidth,
                        bias: true,
                        transposed: true
                    ),
                    activation: c.activation
                )
            )
        }
        return Decoder(
            embedding: embedding,
            positions: try loader.vector(root + "wpe.weight", c.contextLength * c.width),
            layers: layers,
            finalNorm: try norm(root + "ln_f"),
            head: try loader.head("lm_head", embedding, c)
        )
    }

    private func attention(
        _ loader: WeightLoader,
        _ prefix: String,
        layer: Int
    ) throws(ExecutionError) -> Attention {
        let c = configuration
        func part(_ index: Int) throws(ExecutionError) -> Linear {
            try loader.linear(
                prefix + "c_attn",
                c.width,
                c.width,
                bias: true,
                part: .rows(from: index * c.width, of: 3 * c.width),
                transposed: true
            )
        }
        var attention = Attention(
            q: try part(0),
            k: try part(1),
            v: try part(2),
            o: try loader.linear(
                prefix + "c_proj",
                c.width,
                c.width,
                bias: true,
                transposed: true
            ),
            c,
            layer: layer
        )
        if dividesByLayer { attention.shape.scale /= Float(layer + 1) }
        return attention
    }
}
