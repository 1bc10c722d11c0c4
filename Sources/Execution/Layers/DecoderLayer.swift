internal import Kernels

/// One decoder layer, in any of the orders that families put norms and residuals in:
///
///     sequential: x += after(attention(norm(x))); x += after(mlp(norm(x)))
///     parallel:   x += attention(norm(x)) + mlp(norm(x))
struct DecoderLayer: Sendable {
    /// Before attention; nil feeds it the residual stream itself (OLMo 2).
    var attentionNorm: Norm?
    let attention: any AttentionLayer
    /// On attention's result, before it joins the residual stream (Gemma 2).
    var afterAttention: Norm?
    /// Before the feed-forward network; nil feeds it what attention was fed if `isParallel`, else
    /// the residual stream.
    var mlpNorm: Norm?
    let mlp: any FeedForward
    var afterMLP: Norm?
    var isParallel = false
    /// What both results are multiplied with (Granite).
    var residualScale: Float = 1

    var matrices: [Matrix] { (attention.linears + mlp.linears).map(\.weight) }

    func forward(layer: Int, _ step: Step, _ ops: Ops, _ s: Scratch) {
        let rows = step.rowCount
        attentionNorm?(s.h, s.x, rows: rows, ops)
        let h = attentionNorm == nil ? s.x : s.h
        if isParallel {
            // Attention is about to change x.
            mlpNorm?(s.h2, s.x, rows: rows, ops)
            attention.forward(h, layer: layer, adding: s.x, step, ops, s)
            mlp.forward(mlpNorm == nil ? h : s.h2, rows: rows, adding: s.x, ops, s)
            return
        }
        join(afterAttention, rows, ops, s) { sum in
            attention.forward(h, layer: layer, adding: sum, step, ops, s)
        }
        mlpNorm?(s.h, s.x, rows: rows, ops)
        join(afterMLP, rows, ops, s) { sum in
            mlp.forward(mlpNorm == nil ? s.x : s.h, rows: rows, adding: sum, ops, s)
        }
    }

    /// x += scale * norm(branch), straight into x where there is nothing to do in between.
    private func join(
        _ norm: Norm?,
        _ rows: Int,
        _ ops: Ops,
        _ s: Scratch,
        _ branch: (_ sum: Rows?) -> Void
    ) {
        if norm == nil, residualScale == 1 { return branch(s.x) }
        branch(nil)
        norm?(s.y, s.y, rows: rows, ops)
        ops.add(s.x, s.y, rows: rows, times: residualScale)
    }
}
