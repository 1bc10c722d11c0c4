internal import Kernels

/// Gemma 3, text (Gemma Team 2025): Gemma 2 with normed heads instead of soft caps, five windowed
/// layers to each full one, and angles of their own for the windowed ones.
struct Gemma3: Architecture {
    static let modelTypes = ["gemma3_text"]

    let configuration: DecoderConfiguration
    private let logitCap: Float?

    init(_ fields: ConfigurationFields) throws(ExecutionError) {
        var c = try DecoderConfiguration(gemma: fields, theta: 1_000_000)
        let localTheta = try fields.positive("rope_local_base_freq", or: 10_000)
        if c.ropes.count == 1 {  // transformers 4: windowed layers are never scaled
            c.ropes.append(RopeConfiguration(theta: localTheta, width: c.headWidth))
        }
        let pattern = try fields.int("sliding_window_pattern", in: 1...4096, or: 6)
        try c.readWindows(fields, or: 4096) { ($0 + 1) % pattern != 0 }
        c.attentionScale =
            1 / Float(try fields.positive("query_pre_attn_scalar", or: 256)).squareRoot()
        logitCap = try fields.cap("final_logit_softcapping", or: nil)
        fields.understand("attn_logit_softcapping")  // the reference reads and ignores it
        configuration = c
    }

    func decoder(_ loader: WeightLoader) throws(ExecutionError) -> Decoder {
        let c = configuration
        var decoder = try loader.gemmaDecoder(c) { index, prefix throws(ExecutionError) in
            let names = prefix + "self_attn."
            var attention = try loader.attention(names, c, layer: index)
            let epsilon = c.normEpsilon
            attention.qNorm = try loader.rmsNorm(
                names + "q_norm",
                c.headWidth,
                epsilon: epsilon,
                adding: 1
            )
            attention.kNorm = try loader.rmsNorm(
                names + "k_norm",
                c.headWidth,
                epsilon: epsilon,
                adding: 1
            )
            return try loader.gemmaSandwich(prefix, c, attention)
        }
        decoder.logitSoftcap = logitCap
        return decoder
    }
}
