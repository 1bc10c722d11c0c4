internal import Kernels

/// A layer's attention, from normed hidden states to what is added to the residual stream.
protocol AttentionLayer: Sendable {
    var linears: [Linear] { get }

    /// - Parameter h: (rows, width).
    func forward(
        _ h: Ops.Input,
        layer: Int,
        to out: Ops.Output,
        _ step: Step,
        _ ops: Ops,
        _ s: Scratch
    )
}

/// Grouped-query attention (Ainslie et al. 2023), rotated or not.
struct Attention: AttentionLayer {
    let q, k, v, o: Linear
    var qNorm, kNorm: Norm?
    let headWidth: Int
    /// The layer's angle table; nil rotates nothing.
    let rope: Int?
    var style = RopeStyle.halves
    var shape: AttentionShape
    /// Queries, keys and values are limited to this magnitude (OLMo).
    var clip: Float?

    var linears: [Linear] { [q, k, v, o] }

    init(
        q: Linear,
        k: Linear,
        v: Linear,
        o: Linear,
        _ c: DecoderConfiguration,
        layer: Int
    ) {
        self.q = q
        self.k = k
        self.v = v
        self.o = o
        headWidth = c.headWidth
        rope = c.layers[layer].rope
        shape = AttentionShape(scale: c.attentionScale, window: c.layers[layer].window)
    }

    func forward(
        _ h: Ops.Input,
        layer: Int,
        to out: Ops.Output,
        _ step: Step,
        _ ops: Ops,
        _ s: Scratch
    ) {
        let rows = step.rowCount
        ops.matmul(h, rows: rows, q.to(s.q), k.to(s.k), v.to(s.v))
        let rotation = rope.map { step.rotation($0, style) }
        let pass = HeadPass(
            q: Heads(s.q, width: headWidth, norm: qNorm, rotation: rotation),
            k: Heads(s.k, width: headWidth, norm: kNorm, rotation: rotation),
            v: s.v,
            limit: clip,
            cache: step.cache.layer(layer),
            places: step.places(layer: layer)
        )
        ops.attend(s.mixed, rows: rows, step.tiles, after: pass, shape)
        o(out, .init(s.mixed), rows: rows, ops)
    }
}
