internal import Kernels

/// gpt-oss (OpenAI 2025): attention sinks, windows in every other layer, experts with biases and a
/// clamped SwiGLU whose halves alternate row by row.
struct GPTOSS: Architecture {
    static let modelTypes = ["gpt_oss"]

    let configuration: DecoderConfiguration
    private let routing: Routing
    private let attentionBias: Bool
    private let limit, alpha: Float

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields, theta: 150_000)
        c.normEpsilon = Float(try fields.double("rms_norm_eps", or: 1e-5))
        try c.readWindows(fields, or: 128) { $0 % 2 == 0 }
        let experts = try ExpertConfiguration(
            fields,
            count: "num_local_experts",
            perToken: "num_experts_per_tok",
            width: "intermediate_size"
        )
        c.experts = experts
        fields.understand("experts_per_token", "initial_context_length", "swiglu_limit")
        routing = Routing(scoring: .softmaxOfChosen, perToken: experts.perToken)
        attentionBias = try fields.bool("attention_bias", or: true)
        limit = Float(try fields.positive("swiglu_limit", or: 7))
        alpha = Float(try fields.positive("swiglu_alpha", or: 1.702))
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        return try loader.decoder(c) { index, prefix throws(ExecutionError) in
            let names = prefix + "self_attn."
            var attention = try loader.attention(
                names,
                c,
                layer: index,
                bias: attentionBias,
                outputBias: attentionBias
            )
            attention.shape.sinks = try loader.vector(names + "sinks", c.headCount)
            return try loader.preNormLayer(prefix, c, attention, mixture(loader, prefix + "mlp."))
        }
    }

    private func mixture(
        _ loader: WeightLoader,
        _ prefix: String
    ) throws(ExecutionError) -> MixtureOfExperts {
        let c = configuration
        let count = c.experts?.count ?? 0
        var experts: [GatedMLP] = []
        for index in 0..<count { experts.append(try expert(loader, prefix + "experts.", index)) }
        return MixtureOfExperts(
            router: try loader.linear(prefix + "router", count, c.width, bias: true, exact: true),
            routing: routing,
            experts: experts
        )
    }

    /// Gate and up are the even and odd outputs of one tensor. Float files hold (inputs, outputs),
    /// MXFP4 files (outputs, inputs).
    private func expert(
        _ loader: WeightLoader,
        _ prefix: String,
        _ index: Int
    ) throws(ExecutionError) -> GatedMLP {
        let c = configuration
        guard let e = c.experts else {
            throw .init(.badConfiguration, "config.json: num_local_experts is missing")
        }
        let isPacked = loader.has(prefix + "gate_up_proj_blocks")
        func linear(
            _ name: String,
            _ rows: Int,
            _ columns: Int,
            _ part: WeightLoader.Part
        ) throws(ExecutionError) -> Linear {
            Linear(
                weight: try loader.matrix(
                    prefix + name,
                    rows,
                    columns,
                    part: part,
                    transposed: !isPacked
                ),
                bias: try loader.vector(prefix + name + "_bias", rows, part: part)
            )
        }
        func half(_ odd: Int) throws(ExecutionError) -> Linear {
            let start = index * 2 * e.width + odd
            let part = WeightLoader.Part(total: 2 * e.width * e.count) { start + 2 * $0 }
            return try linear("gate_up_proj", e.width, c.width, part)
        }
        return GatedMLP(
            gate: try half(0),
            up: try half(1),
            down: try linear(
                "down_proj",
                c.width,
                e.width,
                .rows(from: index * c.width, of: c.width * e.count)
            ),
            mixing: .clampedSwiGLU(alpha: alpha, limit: limit)
        )
    }
}
