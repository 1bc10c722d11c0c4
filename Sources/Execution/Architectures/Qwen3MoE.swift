/// Qwen3-MoE (Qwen Team 2025): Qwen3 with experts in most layers.
struct Qwen3MoE: Architecture {
    static let modelTypes = ["qwen3_moe"]

    let configuration: DecoderConfiguration
    private let attentionBias: Bool
    private let sparse: SparseLayers

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        if try fields.bool("use_sliding_window", or: false) {
            try c.readWindows(fields, or: 4096) { _ in true }
        }
        fields.understand("sliding_window", "max_window_layers")
        attentionBias = try fields.bool("attention_bias", or: false)
        sparse = try SparseLayers(fields, &c)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.qwen3Attention(prefix, c, layer: index, bias: attentionBias)
            let mlp: any FeedForward =
                try sparse.contains(index)
                ? sparse.experts(loader, prefix + "mlp.", c)
                : loader.gatedMLP(prefix + "mlp.", c)
            return try loader.preNormLayer(prefix, c, attention, mlp)
        }
    }
}

/// Which layers of a Qwen have experts, and how their routers weigh.
struct SparseLayers: Sendable {
    private let dense: Set<Int>
    private let step: Int
    private let routing: Routing

    init(
        _ fields: ConfigurationFields,
        _ c: inout DecoderConfiguration
    ) throws(ExecutionError) {
        let experts = try ExpertConfiguration(
            fields,
            count: fields.has("num_experts") ? "num_experts" : "num_local_experts",
            perToken: "num_experts_per_tok",
            width: "moe_intermediate_size"
        )
        c.experts = experts
        step = try fields.int("decoder_sparse_step", in: 1...4096, or: 1)
        let listed = fields.has("mlp_only_layers") ? try fields.doubles("mlp_only_layers") : []
        dense = Set(listed.compactMap { Int(exactly: $0) })
        routing = Routing(
            scoring: .softmax,
            perToken: experts.perToken,
            normalises: try fields.bool("norm_topk_prob", or: false)
        )
    }

    func contains(_ layer: Int) -> Bool { !dense.contains(layer) && (layer + 1) % step == 0 }

    /// - Parameter prefix: "model.layers.3.mlp."
    func experts(
        _ loader: WeightLoader,
        _ prefix: String,
        _ c: DecoderConfiguration
    ) throws(ExecutionError) -> MixtureOfExperts {
        MixtureOfExperts(
            router: try loader.linear(prefix + "gate", c.experts?.count ?? 0, c.width, exact: true),
            routing: routing,
            experts: try loader.experts(prefix + "experts.", c)
        )
    }
}
