/// Granite 3 MoE (IBM 2024): Granite with experts in every layer, and in some a shared one.
struct GraniteMoE: Architecture {
    static let modelTypes = ["granitemoe", "granitemoeshared"]

    let configuration: DecoderConfiguration
    private let multipliers: GraniteMultipliers
    private let attentionBias: Bool
    private let routing: Routing

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        multipliers = try GraniteMultipliers(fields, &c)
        attentionBias = try fields.bool("attention_bias", or: false)
        let experts = try ExpertConfiguration(
            fields,
            count: "num_local_experts",
            perToken: "num_experts_per_tok",
            width: "intermediate_size"
        )
        c.experts = experts
        let shared = try fields.int("shared_intermediate_size", in: 0...(1 << 22), or: 0)
        if shared > 0 { c.sharedMLPWidth = shared }
        routing = Routing(scoring: .softmaxOfChosen, perToken: experts.perToken)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try multipliers.decoder(loader, c) { index, prefix throws(ExecutionError) in
            let attention = try loader.attention(
                prefix + "self_attn.",
                c,
                layer: index,
                bias: attentionBias,
                outputBias: attentionBias
            )
            return try loader.preNormLayer(prefix, c, attention, experts(loader, prefix))
        }
    }

    private func experts(
        _ loader: WeightLoader,
        _ prefix: String
    ) throws(ExecutionError) -> MixtureOfExperts {
        let c = configuration
        let block = prefix + "block_sparse_moe."
        var mixture = MixtureOfExperts(
            router: try loader.linear(
                block + "router.layer",
                c.experts?.count ?? 0,
                c.width,
                exact: true
            ),
            routing: routing,
            experts: try loader.experts(
                block,
                c,
                fused: (block + "input_linear.weight", block + "output_linear.weight")
            )
        )
        if let width = c.sharedMLPWidth {
            mixture.shared = try loader.fusedMLP(
                prefix + "shared_mlp.input_linear",
                down: prefix + "shared_mlp.output_linear",
                c,
                width: width
            )
        }
        return mixture
    }
}
