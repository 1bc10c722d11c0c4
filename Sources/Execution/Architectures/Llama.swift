internal import Kernels

/// Llama 2 and 3 (Touvron et al. 2023) and the families that differ by a bias: pre-norm decoder,
/// grouped-query attention, SwiGLU. Qwen2 always has biases on q, k and v and none on o; Llama has
/// them on all four or none.
struct Llama: Architecture {
    static let modelTypes = ["llama", "qwen2"]

    let decoder: Decoder

    init(_ loader: WeightLoader, _ c: DecoderConfiguration) throws(ExecutionError) {
        let isQwen2 = c.modelType == "qwen2"
        decoder = try Decoder(loader, c) { prefix throws(ExecutionError) in
            try Attention(
                loader,
                prefix,
                c,
                bias: isQwen2 || c.attentionBias,
                outputBias: !isQwen2 && c.attentionBias
            )
        }
    }

    func forward(_ step: Step, _ ops: Ops, _ scratch: Scratch) {
        decoder.forward(step, ops, scratch)
    }
}
