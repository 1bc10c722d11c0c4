internal import Kernels

/// GPT-NeoX and Pythia (Black et al. 2022): branches side by side with a norm each, a part of each
/// head rotated, q, k and v fused head by head.
struct GPTNeoX: Architecture {
    static let modelTypes = ["gpt_neox"]

    let configuration: DecoderConfiguration
    private let isParallel, bias: Bool

    init(_ outer: ConfigurationFields) throws(ExecutionError) {
        let fields = outer.renamed([
            "partial_rotary_factor": "rotary_pct", "rope_theta": "rotary_emb_base",
        ])
        var c = try DecoderConfiguration(
            fields,
            activation: DecoderConfiguration.activation(fields, "hidden_act", or: "gelu"),
            rotatedShare: 0.25
        )
        c.normEpsilon = Float(try fields.double("layer_norm_eps", or: 1e-5))
        isParallel = try fields.bool("use_parallel_residual", or: true)
        bias = try fields.bool("attention_bias", or: true)
        outer.understand(fields)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        func norm(_ name: String) throws(ExecutionError) -> Norm {
            try loader.layerNorm(name, c.width, epsilon: c.normEpsilon)
        }
        let embedding = try loader.matrix("gpt_neox.embed_in.weight", c.vocabularySize, c.width)
        let layers = try loader.layers(c, "gpt_neox.layers.") {
            index,
            prefix throws(ExecutionError) in
            DecoderLayer(
                attentionNorm: try norm(prefix + "input_layernorm"),
                attention: try loader.interleavedAttention(
                    prefix + "attention.query_key_value",
                    output: prefix + "attention.dense",
                    c,
                    layer: index,
                    bias: bias
                ),
                mlpNorm: try norm(prefix + "post_attention_layernorm"),
                mlp: try loader.denseMLP(prefix + "mlp.", c, bias: true),
                isParallel: isParallel
            )
        }
        return Decoder(
            embedding: embedding,
            layers: layers,
            finalNorm: try norm("gpt_neox.final_layer_norm"),
            head: try loader.head("embed_out", embedding, c)
        )
    }
}

extension WeightLoader {
    /// One tensor that holds, for every key/value head, its query heads, its key and its value.
    func interleavedAttention(
        _ name: String,
        output: String,
        _ c: DecoderConfiguration,
        layer: Int,
        bias: Bool
    ) throws(ExecutionError) -> Attention {
        let width = c.headWidth, group = c.headCount / c.keyValueHeadCount
        let stride = (group + 2) * width
        /// Rows `offset..<offset + count` of each group.
        func part(_ offset: Int, _ count: Int) throws(ExecutionError) -> Linear {
            let part = Part(total: c.keyValueHeadCount * stride) { row in
                row / count * stride + offset + row % count
            }
            return try linear(
                name,
                c.keyValueHeadCount * count,
                c.width,
                bias: bias,
                part: part
            )
        }
        return Attention(
            q: try part(0, group * width),
            k: try part(group * width, width),
            v: try part((group + 1) * width, width),
            o: try linear(output, c.width, c.mixedWidth, bias: bias),
            c,
            layer: layer
        )
    }

    /// dense_h_to_4h and dense_4h_to_h below `prefix`.
    func denseMLP(
        _ prefix: String,
        _ c: DecoderConfiguration,
        bias: Bool
    ) throws(ExecutionError) -> PlainMLP {
        PlainMLP(
            up: try linear(prefix + "dense_h_to_4h", c.mlpWidth, c.width, bias: bias),
            down: try linear(prefix + "dense_4h_to_h", c.width, c.mlpWidth, bias: bias),
            activation: c.activation
        )
    }
}
