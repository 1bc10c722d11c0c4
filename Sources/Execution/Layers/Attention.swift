internal import Kernels

/// A layer's attention, from normed hidden states to what is added to the residual stream.
protocol AttentionLayer: Sendable {
    var linears: [Linear] { get }

    /// - Parameters:
    ///   - h: (rows, width).
    ///   - sum: gains the result; nil writes it to `s.y`.
    func forward(_ h: Rows, layer: Int, adding sum: Rows?, _ step: Step, _ ops: Ops, _ s: Scratch)
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

    func forward(_ h: Rows, layer: Int, adding sum: Rows?, _ step: Step, _ ops: Ops, _ s: Scratch) {
        let rows = step.rowCount
        ops.matmul(h, rows: rows, .init(q.weight, s.q), .init(k.weight, s.k), .init(v.weight, s.v))
        q.addBias(s.q, rows, ops)
        k.addBias(s.k, rows, ops)
        v.addBias(s.v, rows, ops)
        if let clip {
            for x in [s.q, s.k, s.v] { ops.clamp(x, rows: rows, to: clip) }
        }
        qNorm?.perHead(s.q, rows: rows, headWidth: headWidth, ops)
        kNorm?.perHead(s.k, rows: rows, headWidth: headWidth, ops)
        if let rope {
            for heads in [s.q, s.k] {
                step.rotate(heads, headWidth: headWidth, rope: rope, style: style, ops)
            }
        }
        step.attend(layer, shape, ops, s)
        o(adding: sum, or: s.y, s.mixed, rows: rows, ops)
    }
}

extension Step {
    func rotate(
        _ x: Rows,
        headWidth: Int,
        offset: Int = 0,
        rope: Int,
        style: RopeStyle,
        _ ops: Ops
    ) {
        let angles = angles[rope]
        ops.rope(
            x,
            rows: rowCount,
            headWidth: headWidth,
            offset: offset,
            style: style,
            cosines: angles.cosines,
            sines: angles.sines
        )
    }

    /// Stores s.k and s.v in the layer's cache; s.mixed = attention of s.q over it.
    func attend(_ layer: Int, _ shape: AttentionShape, _ ops: Ops, _ s: Scratch) {
        let cache = cache.layer(layer)
        ops.store(s.k, s.v, rows: rowCount, in: cache) { slot($0, layer: layer) }
        ops.attend(s.mixed, s.q, tiles, in: cache, shape) { table($0, layer: layer) }
    }
}
