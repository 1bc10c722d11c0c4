internal import Kernels

/// Gemma 2 (Gemma Team 2024): norms before and after each branch, soft-capped scores and logits,
/// windows in every other layer.
struct Gemma2: Architecture {
    static let modelTypes = ["gemma2"]

    let configuration: DecoderConfiguration
    private let scoreCap, logitCap: Float?

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(gemma: fields)
        try c.readWindows(fields, or: 4096) { $0 % 2 == 0 }
        c.attentionScale =
            1 / Float(try fields.positive("query_pre_attn_scalar", or: 256)).squareRoot()
        scoreCap = try fields.cap("attn_logit_softcapping", or: 50)
        logitCap = try fields.cap("final_logit_softcapping", or: 30)
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        var decoder = try loader.gemmaDecoder(c) { index, prefix throws(ExecutionError) in
            var attention = try loader.attention(prefix + "self_attn.", c, layer: index)
            attention.shape.softcap = scoreCap
            return try loader.gemmaSandwich(prefix, c, attention)
        }
        decoder.logitSoftcap = logitCap
        return decoder
    }
}

extension ConfigurationFields {
    /// A soft cap; null means none, a missing key the family's own.
    func cap(_ key: String, or missing: Double?) throws(ExecutionError) -> Float? {
        if isAbsent(key) { return missing.map { Float($0) } }
        return has(key) ? Float(try positive(key)) : nil
    }
}
