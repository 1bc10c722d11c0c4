internal import Kernels

/// What every family shares: an embedding, layers, a last norm and an output head, which may be the
/// embedding itself.
package struct Decoder: Sendable {
    let embedding: Matrix  // (vocabulary, width)
    /// What embeddings are multiplied with (Gemma, Granite).
    var embeddingScale: Float = 1
    /// Learned positions, (context, width) flat (GPT-2).
    var positions: Vector?
    let layers: [DecoderLayer]
    let finalNorm: Norm
    let head: Linear  // (vocabulary, width)
    /// What logits are multiplied with (Command-R, Granite).
    var logitScale: Float = 1
    /// Logits become `softcap * tanh(logit / softcap)` (Gemma 2).
    var logitSoftcap: Float?

    /// Turns the step's tokens into `s.x`, the hidden states before the last norm, storing keys and
    /// values in the step's cache on the way.
    func forward(_ step: Step, _ ops: Ops, _ s: Scratch) {
        let rows = step.rowCount
        ops.gather(s.x, embedding, step.tokens)
        if embeddingScale != 1 { ops.scale(s.x, rows: rows, by: embeddingScale) }
        if let positions { ops.addPositions(s.x, positions, step.positions) }
        for (index, layer) in layers.enumerated() {
            layer.forward(layer: index, step, ops, s)
        }
    }

    /// Logits of hidden states; `hidden` is used as scratch.
    func project(_ logits: Rows, _ hidden: Rows, rows: Int, _ ops: Ops) {
        head(logits, .init(hidden, norm: finalNorm, of: hidden), rows: rows, ops)
        if logitScale != 1 { ops.scale(logits, rows: rows, by: logitScale) }
        if let logitSoftcap { ops.softcap(logits, rows: rows, cap: logitSoftcap) }
    }
}
