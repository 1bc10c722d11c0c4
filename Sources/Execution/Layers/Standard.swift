internal import Kernels

// The names and shapes that most families share.

extension WeightLoader {
    /// Separate q, k, v and o projections below `prefix` ("model.layers.3.self_attn.").
    func attention(
        _ prefix: String,
        _ c: DecoderConfiguration,
        layer: Int,
        bias: Bool = false,
        outputBias: Bool = false,
        output: String = "o_proj"
    ) throws(ExecutionError) -> Attention {
        Attention(
            q: try linear(prefix + "q_proj", c.queryWidth, c.width, bias: bias),
            k: try linear(prefix + "k_proj", c.keyWidth, c.width, bias: bias),
            v: try linear(prefix + "v_proj", c.valuesWidth, c.width, bias: bias),
            o: try linear(prefix + output, c.width, c.mixedWidth, bias: outputBias),
            c,
            layer: layer
        )
    }

    /// gate_proj, up_proj and down_proj below `prefix` ("model.layers.3.mlp.").
    func gatedMLP(
        _ prefix: String,
        _ c: DecoderConfiguration,
        width: Int? = nil,
        bias: Bool = false
    ) throws(ExecutionError) -> GatedMLP {
        let hidden = width ?? c.mlpWidth
        return GatedMLP(
            gate: try linear(prefix + "gate_proj", hidden, c.width, bias: bias),
            up: try linear(prefix + "up_proj", hidden, c.width, bias: bias),
            down: try linear(prefix + "down_proj", c.width, hidden, bias: bias),
            mixing: .gated(c.activation)
        )
    }

    /// A tensor `name` that holds gate above up, and the projection down.
    func fusedMLP(
        _ name: String,
        down: String,
        _ c: DecoderConfiguration,
        width: Int? = nil
    ) throws(ExecutionError) -> GatedMLP {
        let hidden = width ?? c.mlpWidth
        return GatedMLP(
            gate: try linear(name, hidden, c.width, part: .rows(from: 0, of: 2 * hidden)),
            up: try linear(name, hidden, c.width, part: .rows(from: hidden, of: 2 * hidden)),
            down: try linear(down, c.width, hidden),
            mixing: .gated(c.activation)
        )
    }

    /// Experts below `prefix` ("model.layers.3.mlp.experts."): each with its own tensors of the
    /// given names, or all in `gate_up_proj` (experts, 2 * hidden, width) and `down_proj`.
    func experts(
        _ prefix: String,
        _ c: DecoderConfiguration,
        names: (gate: String, up: String, down: String) = ("gate_proj", "up_proj", "down_proj"),
        fused: (gateUp: String, down: String)? = nil
    ) throws(ExecutionError) -> [GatedMLP] {
        guard let experts = c.experts else { return [] }
        let hidden = experts.width, count = experts.count
        let fused = fused ?? (prefix + "gate_up_proj", prefix + "down_proj")
        let isFused = has(fused.gateUp)
        var list: [GatedMLP] = []
        for index in 0..<count {
            func weight(
                _ own: String,
                _ shared: String,
                _ rows: Int,
                _ columns: Int,
                _ start: Int,
                _ total: Int
            ) throws(ExecutionError) -> Linear {
                let weight =
                    isFused
                    ? try matrix(shared, rows, columns, part: .rows(from: start, of: total))
                    : try matrix("\(prefix)\(index).\(own).weight", rows, columns)
                return Linear(weight: weight, bias: nil)
            }
            let start = 2 * hidden * index, all = 2 * hidden * count
            list.append(
                GatedMLP(
                    gate: try weight(names.gate, fused.gateUp, hidden, c.width, start, all),
                    up: try weight(names.up, fused.gateUp, hidden, c.width, start + hidden, all),
                    down: try weight(
                        names.down,
                        fused.down,
                        c.width,
                        hidden,
                        c.width * index,
                        c.width * count
                    ),
                    mixing: .gated(c.activation)
                )
            )
        }
        return list
    }

    /// Embedding, layers, last norm and head under the usual names.
    func decoder(
        _ c: DecoderConfiguration,
        finalNorm given: Norm? = nil,
        _ layer: (_ index: Int, _ prefix: String) throws(ExecutionError) -> DecoderLayer
    ) throws(ExecutionError) -> Decoder {
        let embedding = try matrix("model.embed_tokens.weight", c.vocabularySize, c.width)
        let layers = try layers(c, "model.layers.", layer)
        let finalNorm: Norm
        if let given {
            finalNorm = given
        } else {
            finalNorm = try rmsNorm("model.norm", c.width, epsilon: c.normEpsilon)
        }
        return Decoder(
            embedding: embedding,
            layers: layers,
            finalNorm: finalNorm,
            head: try head("lm_head", embedding, c)
        )
    }

    func layers(
        _ c: DecoderConfiguration,
        _ prefix: String,
        _ layer: (_ index: Int, _ prefix: String) throws(ExecutionError) -> DecoderLayer
    ) throws(ExecutionError) -> [DecoderLayer] {
        var layers: [DecoderLayer] = []
        for index in 0..<c.layerCount { layers.append(try layer(index, "\(prefix)\(index).")) }
        return layers
    }

    func head(
        _ name: String,
        _ embedding: Matrix,
        _ c: DecoderConfiguration,
        bias: Bool = false
    ) throws(ExecutionError) -> Linear {
        try c.tiesEmbeddings
            ? Linear(weight: embedding, bias: nil)
            : linear(name, c.vocabularySize, c.width, bias: bias)
    }

    /// Llama's layers throughout; what families change there they say in the configuration.
    func llamaDecoder(
        _ c: DecoderConfiguration,
        attentionBias: Bool = false,
        mlpBias: Bool = false
    ) throws(ExecutionError) -> Decoder {
        try decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try attention(
                prefix + "self_attn.",
                c,
                layer: index,
                bias: attentionBias,
                outputBias: attentionBias
            )
            let mlp = try gatedMLP(prefix + "mlp.", c, bias: mlpBias)
            return try preNormLayer(prefix, c, attention, mlp)
        }
    }

    /// x += attention(norm(x)); x += mlp(norm(x)), under Llama's names.
    func preNormLayer(
        _ prefix: String,
        _ c: DecoderConfiguration,
        _ attention: any AttentionLayer,
        _ mlp: any FeedForward
    ) throws(ExecutionError) -> DecoderLayer {
        let epsilon = c.normEpsilon
        return DecoderLayer(
            attentionNorm: try rmsNorm(prefix + "input_layernorm", c.width, epsilon: epsilon),
            attention: attention,
            mlpNorm: try rmsNorm(prefix + "post_attention_layernorm", c.width, epsilon: epsilon),
            mlp: mlp
        )
    }
}

extension DecoderConfiguration {
    /// Which layers see only a window: `layer_types` where the file has it (transformers 5), else
    /// the family's older rule.
    mutating func readWindows(
        _ fields: ConfigurationFields,
        or missing: Int? = nil,
        isWindowed: (_ layer: Int) -> Bool
    ) throws(ExecutionError) {
        let limit = 1...(1 << 24)
        let window: Int? =
            fields.has("sliding_window")
            ? try fields.int("sliding_window", in: limit)
            : fields.isAbsent("sliding_window") ? missing : nil
        let types = fields.has("layer_types") ? try fields.strings("layer_types") : nil
        if let types, types.count < layerCount {
            throw .init(
                .badConfiguration,
                "config.json: layer_types names \(types.count) layers of \(layerCount)"
            )
        }
        for index in layers.indices {
            switch types?[index] {
            case nil: layers[index].window = isWindowed(index) ? window : nil
            case "full_attention": layers[index].window = nil
            case "sliding_attention":
                guard let window else {
                    throw .init(
                        .badConfiguration,
                        "config.json: layer_types asks for sliding_attention without sliding_window"
                    )
                }
                layers[index].window = window
            case let other?: try fields.refuse("layer_types", "has '\(other)'")
            }
            if ropes.count > 1, layers[index].window != nil { layers[index].rope = 1 }
        }
    }
}
