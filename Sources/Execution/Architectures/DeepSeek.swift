internal import Kernels

/// DeepSeek-V2 (2024): latent attention, many small experts with shared ones beside, the first
/// layers dense.
struct DeepSeekV2: Architecture {
    static let modelTypes = ["deepseek_v2"]

    let configuration: DecoderConfiguration
    private let family: DeepSeek

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        let method = try fields.string("topk_method", or: "greedy")
        guard ["greedy", "group_limited_greedy"].contains(method) else {
            try fields.refuse("topk_method", "is '\(method)'")
        }
        guard try fields.string("scoring_func", or: "softmax") == "softmax" else {
            try fields.refuse("scoring_func", "is not softmax")
        }
        // The reference reads this switch and never divides.
        fields.understand("norm_topk_prob", "n_group", "topk_group")
        (configuration, family) = try DeepSeek.read(fields) { c, experts throws(ExecutionError) in
            Routing(
                scoring: .softmax,
                perToken: experts.perToken,
                scale: Float(try fields.double("routed_scaling_factor", or: 1)),
                groups: method == "greedy"
                    ? nil : try DeepSeek.groups(fields, experts, scoresByTopTwo: false)
            )
        }
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        try family.decoder(loader, configuration)
    }
}

/// DeepSeek-V3 and R1 (2024): V2 whose routers score by sigmoid and are kept in balance by a
/// correction of the choice alone.
struct DeepSeekV3: Architecture {
    static let modelTypes = ["deepseek_v3"]

    let configuration: DecoderConfiguration
    private let family: DeepSeek

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        let method = try fields.string("topk_method", or: "noaux_tc")
        guard method == "noaux_tc" else { try fields.refuse("topk_method", "is '\(method)'") }
        guard try fields.string("scoring_func", or: "sigmoid") == "sigmoid" else {
            try fields.refuse("scoring_func", "is not sigmoid")
        }
        (configuration, family) = try DeepSeek.read(fields) { c, experts throws(ExecutionError) in
            Routing(
                scoring: .sigmoid,
                perToken: experts.perToken,
                normalises: try fields.bool("norm_topk_prob", or: true),
                scale: Float(try fields.double("routed_scaling_factor", or: 2.5)),
                groups: try DeepSeek.groups(fields, experts, scoresByTopTwo: true)
            )
        }
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        try family.decoder(loader, configuration)
    }
}

/// What the two generations share.
private struct DeepSeek: Sendable {
    let routing: Routing
    /// Layers below this one are dense.
    let firstSparseLayer: Int
    let attentionBias: Bool
    let style: RopeStyle

    static func read(
        _ fields: ConfigurationFields,
        routing: (DecoderConfiguration, ExpertConfiguration) throws(ExecutionError) -> Routing
    ) throws(ExecutionError) -> (DecoderConfiguration, DeepSeek) {
        let widths = 1...(1 << 16)
        let latent = LatentConfiguration(
            queryRank: fields.has("q_lora_rank") ? try fields.int("q_lora_rank", in: widths) : nil,
            keyValueRank: try fields.int("kv_lora_rank", in: widths),
            plainWidth: try fields.int("qk_nope_head_dim", in: widths),
            rotatedWidth: try fields.int("qk_rope_head_dim", in: widths)
        )
        fields.understand("head_dim", "qk_head_dim", "num_key_value_heads")
        var c = try DecoderConfiguration(fields, headWidth: latent.rotatedWidth)
        c.keyValueHeadCount = c.headCount
        c.headWidth = latent.plainWidth + latent.rotatedWidth
        c.valueWidth = try fields.int("v_head_dim", in: widths)
        c.latent = latent
        let scale = Float(c.ropes[0].yarnScoreScale)
        c.attentionScale = scale * scale / Float(c.headWidth).squareRoot()
        let experts = try ExpertConfiguration(
            fields,
            count: fields.has("n_routed_experts") ? "n_routed_experts" : "num_local_experts",
            perToken: "num_experts_per_tok",
            width: "moe_intermediate_size"
        )
        fields.understand("n_routed_experts", "num_local_experts")
        c.experts = experts
        let shared = try fields.int("n_shared_experts", in: 0...1024, or: 0)
        if shared > 0 { c.sharedMLPWidth = shared * experts.width }
        guard try fields.int("moe_layer_freq", in: 1...4096, or: 1) == 1 else {
            try fields.refuse("moe_layer_freq", "is not 1")
        }
        let family = DeepSeek(
            routing: try routing(c, experts),
            firstSparseLayer: try fields.int("first_k_dense_replace", in: 0...4096, or: 0),
            attentionBias: try fields.bool("attention_bias", or: false),
            style: try fields.bool("rope_interleave", or: true) ? .pairs : .halves
        )
        return (c, family)
    }

    static func groups(
        _ fields: ConfigurationFields,
        _ experts: ExpertConfiguration,
        scoresByTopTwo: Bool
    ) throws(ExecutionError) -> Routing.Groups? {
        let count = try fields.int("n_group", in: 1...4096, or: 1)
        let chosen = try fields.int("topk_group", in: 1...count, or: count)
        guard experts.count % count == 0, experts.count / count * chosen >= experts.perToken else {
            throw .init(
                .badConfiguration,
                "config.json: n_group (\(count)) and topk_group (\(chosen)) do not leave "
                    + "\(experts.perToken) of \(experts.count) experts"
            )
        }
        return Routing.Groups(count: count, chosen: chosen, scoresByTopTwo: scoresByTopTwo)
    }

    func decoder(
        _ loader: WeightLoader,
        _ c: DecoderConfiguration
    ) throws(ExecutionError) -> Decoder {
        try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let mlp: any FeedForward =
                try index < firstSparseLayer
                ? loader.gatedMLP(prefix + "mlp.", c) : experts(loader, prefix + "mlp.", c)
            return try loader.preNormLayer(
                prefix,
                c,
                attention(loader, prefix + "self_attn.", c),
                mlp
            )
        }
    }

    private func attention(
        _ loader: WeightLoader,
        _ prefix: String,
        _ c: DecoderConfiguration
    ) throws(ExecutionError) -> LatentAttention {
        guard let latent = c.latent else {
            throw .init(.badConfiguration, "config.json: kv_lora_rank is missing")
        }
        let rank = latent.keyValueRank, plain = latent.plainWidth, value = c.valueWidth
        let epsilon: Float = 1e-6  // fixed in the reference, whatever rms_norm_eps says
        let both = rank + latent.rotatedWidth
        /// Rows `offset..<offset + count` of every head of kv_b_proj.
        func up(_ offset: Int, _ count: Int) throws(ExecutionError) -> Linear {
            let stride = plain + value
            let part = WeightLoader.Part(total: c.headCount * stride) { row in
                row / count * stride + offset + row % count
            }
            return try loader.linear(
                prefix + "kv_b_proj",
                c.headCount * count,
                rank,
                part: part
            )
        }
        let kvDown = prefix + "kv_a_proj_with_mqa"
        return LatentAttention(
            qDown: try latent.queryRank.map { rank throws(ExecutionError) in
                try loader.linear(prefix + "q_a_proj", rank, c.width, bias: attentionBias)
            },
            qNorm: try latent.queryRank.map { rank throws(ExecutionError) in
                try loader.rmsNorm(prefix + "q_a_layernorm", rank, epsilon: epsilon)
            },
            qUp: try loader.linear(
                prefix + (latent.queryRank == nil ? "q_proj" : "q_b_proj"),
                c.queryWidth,
                latent.queryRank ?? c.width
            ),
            kvDown: try loader.linear(
                kvDown,
                rank,
                c.width,
                bias: attentionBias,
                part: .rows(from: 0, of: both)
            ),
            kvDownRotated: try loader.linear(
                kvDown,
                latent.rotatedWidth,
                c.width,
                bias: attentionBias,
                part: .rows(from: rank, of: both)
            ),
            kvNorm: try loader.rmsNorm(prefix + "kv_a_layernorm", rank, epsilon: epsilon),
            keyUp: try up(0, plain),
            valueUp: try up(plain, value),
            o: try loader.linear(prefix + "o_proj", c.width, c.mixedWidth, bias: attentionBias),
            latent: latent,
            headWidth: c.headWidth,
            rope: 0,
            style: style,
            shape: AttentionShape(scale: c.attentionScale)
        )
    }

    private func experts(
        _ loader: WeightLoader,
        _ prefix: String,
        _ c: DecoderConfiguration
    ) throws(ExecutionError) -> MixtureOfExperts {
        let count = c.experts?.count ?? 0
        var routing = routing
        if routing.scoring == .sigmoid {
            let correction = try loader.vector(prefix + "gate.e_score_correction_bias", count)
            routing.correction = correction.values
        }
        return MixtureOfExperts(
            router: try loader.linear(prefix + "gate", count, c.width, exact: true),
            routing: routing,
            experts: try loader.experts(prefix + "experts.", c),
            shared: try c.sharedMLPWidth.map { width throws(ExecutionError) in
                try loader.gatedMLP(prefix + "shared_experts.", c, width: width)
            }
        )
    }
}
