internal import Kernels

/// Qwen3 (Qwen Team 2025): Llama's layer with an RMS norm on every query and key head before the
/// rotation, and head widths that need not divide the model's width.
struct Qwen3: Architecture {
    static let modelTypes = ["qwen3"]

    let decoder: Decoder

    init(_ loader: WeightLoader, _ c: DecoderConfiguration) throws(ExecutionError) {
        decoder = try Decoder(loader, c) { prefix throws(ExecutionError) in
            try Attention(
                loader,
                prefix,
                c,
                bias: c.attentionBias,
                outputBias: c.attentionBias,
                headNorms: true
            )
        }
    }

    func forward(_ step: Step, _ ops: Ops, _ scratch: Scratch) {
        decoder.forward(step, ops, scratch)
    }
}
