/// Phi 3, 3.5 and 4 (Abdin et al. 2024): Llama with fused projections, LongRoPE and, in some, a
/// partial rotation and a window.
struct Phi3: Architecture {
    static let modelTypes = ["phi3"]

    let configuration: DecoderConfiguration

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        c.normEpsilon = Float(try fields.double("rms_norm_eps", or: 1e-5))
        try c.readWindows(fields) { _ in true }
        if try fields.bool("attention_bias", or: false) {
            try fields.refuse("attention_bias", "is true")
        }
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.fusedAttention(
                prefix + "self_attn.qkv_proj",
                output: prefix + "self_attn.o_proj",
                c,
                layer: index
            )
            let mlp = try loader.fusedMLP(
                prefix + "mlp.gate_up_proj",
                down: prefix + "mlp.down_proj",
                c
            )
            return try loader.preNormLayer(prefix, c, attention, mlp)
        }
    }
}

extension WeightLoader {
    /// One tensor that holds all query heads, then all key heads, then all value heads.
    func fusedAttention(
        _ name: String,
        output: String,
        _ c: DecoderConfiguration,
        layer: Int,
        bias: Bool = false,
        outputBias: Bool = false
    ) throws(ExecutionError) -> Attention {
        let total = c.queryWidth + c.keyWidth + c.valuesWidth
        func part(_ start: Int, _ rows: Int) throws(ExecutionError) -> Linear {
            try linear(name, rows, c.width, bias: bias, part: .rows(from: start, of: total))
        }
        return Attention(
            q: try part(0, c.queryWidth),
            k: try part(c.queryWidth, c.keyWidth),
            v: try part(c.queryWidth + c.keyWidth, c.valuesWidth),
            o: try linear(output, c.width, c.mixedWidth, bias: outputBias),
            c,
            layer: layer
        )
    }
}
