/// Qwen1.5- and Qwen2-MoE (Qwen Team 2024): Qwen2 with experts and one that every token takes,
/// weighted by a sigmoid.
struct Qwen2MoE: Architecture {
    static let modelTypes = ["qwen2_moe"]

    let configuration: DecoderConfiguration
    private let bias: Bool
    private let sparse: SparseLayers

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        try c.readQwenWindows(fields)
        bias = try fields.bool("qkv_bias", or: true)
        sparse = try SparseLayers(fields, &c)
        c.sharedMLPWidth = try fields.int("shared_expert_intermediate_size", in: 1...(1 << 22))
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.attention(prefix + "self_attn.", c, layer: index, bias: bias)
            let mlp: any FeedForward =
                try sparse.contains(index)
                ? experts(loader, prefix + "mlp.") : loader.gatedMLP(prefix + "mlp.", c)
            return try loader.preNormLayer(prefix, c, attention, mlp)
        }
    }

    private func experts(
        _ loader: WeightLoader,
        _ prefix: String
    ) throws(ExecutionError) -> MixtureOfExperts {
        let c = configuration
        var mixture = try sparse.experts(loader, prefix, c)
        mixture.shared = try loader.gatedMLP(prefix + "shared_expert.", c, width: c.sharedMLPWidth)
        mixture.sharedGate = try loader.linear(
            prefix + "shared_expert_gate",
            1,
            c.width,
            exact: true
        )
        return mixture
    }
}
