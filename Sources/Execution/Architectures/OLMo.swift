internal import Kernels

/// OLMo (Groeneveld et al. 2024): Llama with layer norms that have no weights, and projections that
/// may be clipped.
struct OLMo: Architecture {
    static let modelTypes = ["olmo"]

    let configuration: DecoderConfiguration
    private let clip: Float?

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(fields)
        c.normEpsilon = 1e-5
        clip = fields.has("clip_qkv") ? Float(try fields.positive("clip_qkv")) : nil
        if try fields.bool("attention_bias", or: false) {
            try fields.refuse("attention_bias", "is true")
        }
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        let ones = Vector(Array(repeating: 1, count: c.width))
        let norm = Norm.layer(ones, bias: nil, epsilon: c.normEpsilon)
        return try loader.decoder(c, finalNorm: norm) { index, prefix throws(ExecutionError) in
            var attention = try loader.attention(prefix + "self_attn.", c, layer: index)
            attention.clip = clip
            return DecoderLayer(
                attentionNorm: norm,
                attention: attention,
                mlpNorm: norm,
                mlp: try loader.gatedMLP(prefix + "mlp.", c)
            )
        }
    }
}
