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
        let h = Ops.Input(s.h, norm: attentionNorm, of: s.x), out = output(afterAttention, s)
        if isParallel {
            // Attention is about to change x.
            let own = mlpNorm.map { Ops.Input(s.h2, norm: $0, of: s.x) }
            if let own { ops.make(own, rows: rows) }
            attention.forward(h, layer: layer, to: out, step, ops, s)
            mlp.forward((own ?? h).made, rows: rows, to: out, ops, s)
            return
        }
        attention.forward(h, layer: layer, to: out, step, ops, s)
        join(out, afterAttention, rows, ops, s)
        let last = output(afterMLP, s)
        mlp.forward(.init(s.h, norm: mlpNorm, of: s.x), rows: rows, to: last, ops, s)
        join(last, afterMLP, rows, ops, s)
    }

    /// Where a branch's result goes: straight into x if there is nothing to do in between.
    private func output(_ norm: Norm?, _ s: Scratch) -> Ops.Output {
        isParallel || norm == nil && residualScale == 1
            ? Ops.Output(s.x, adds: true) : Ops.Output(s.y)
    }

    /// x += scale * norm(branch)
    private func join(_ branch: Ops.Output, _ norm: Norm?, _ rows: Int, _ ops: Ops, _ s: Scratch) {
        if branch.adds { return }
        ops.add(s.x, branch.rows, rows: rows, norm: norm, times: residualScale)
    }
}
