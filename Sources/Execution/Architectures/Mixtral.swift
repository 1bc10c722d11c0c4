/// Mixtral (Jiang et al. 2024): Mistral whose feed-forward networks are mixtures of experts.
struct Mixtral: Architecture {
    static let modelTypes = ["mixtral"]

    let configuration: DecoderConfiguration
    private let routing: Routing

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        c.normEpsilon = Float(try fields.double("rms_norm_eps", or: 1e-5))
        let experts = try ExpertConfiguration(
            fields,
            count: "num_local_experts",
            perToken: "num_experts_per_tok",
            width: "intermediate_size"
        )
        c.experts = experts
        try c.readWindows(fields) { _ in true }
        routing = Routing(scoring: .softmaxOfChosen, perToken: experts.perToken)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let attention = try loader.attention(prefix + "self_attn.", c, layer: index)
            return try loader.preNormLayer(prefix, c, attention, experts(loader, prefix))
        }
    }

    /// Published files name the block `block_sparse_moe`; transformers 5 may write it fused.
    private func experts(
        _ loader: WeightLoader,
        _ prefix: String
    ) throws(ExecutionError) -> MixtureOfExperts {
        let c = configuration
        let isFused = loader.has(prefix + "mlp.experts.gate_up_proj")
        let block = prefix + (isFused ? "mlp." : "block_sparse_moe.")
        return MixtureOfExperts(
            router: try loader.linear(block + "gate", c.experts?.count ?? 0, c.width, exact: true),
            routing: routing,
            experts: try loader.experts(block + "experts.", c, names: ("w1", "w3", "w2"))
        )
    }
}
