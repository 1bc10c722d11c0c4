internal import Kernels

/// Multi-head latent attention (DeepSeek-V2, 2024): keys and values come from one narrow vector per
/// token, and all heads share the rotated part of the key. The cache holds the expanded heads.
struct LatentAttention: AttentionLayer {
    /// To the query's narrow vector and back; without the first, `qUp` reads the hidden state.
    let qDown: Linear?
    let qNorm: Norm?
    let qUp: Linear
    /// To the narrow vector, `keyValueRank` wide, and the shared rotated key behind it.
    let kvDown, kvDownRotated: Linear
    let kvNorm: Norm
    /// To every head's plain key and value.
    let keyUp, valueUp: Linear
    let o: Linear
    let latent: LatentConfiguration
    let headWidth: Int
    let rope: Int
    let style: RopeStyle
    let shape: AttentionShape

    var linears: [Linear] {
        [qDown, qUp, kvDown, kvDownRotated, keyUp, valueUp, o].compactMap { $0 }
    }

    func forward(_ h: Rows, layer: Int, adding sum: Rows?, _ step: Step, _ ops: Ops, _ s: Scratch) {
        guard let narrow = s.latent else { return }
        let rows = step.rowCount
        if let qDown, let query = narrow.query {
            qDown(query, h, rows: rows, ops)
            qNorm?(query, query, rows: rows, ops)
            qUp(s.q, query, rows: rows, ops)
        } else {
            qUp(s.q, h, rows: rows, ops)
        }
        let plain = latent.plainWidth
        step.rotate(s.q, headWidth: headWidth, offset: plain, rope: rope, style: style, ops)
        kvDown(narrow.keyValue, h, rows: rows, ops)
        kvDownRotated(narrow.rotated, h, rows: rows, ops)
        kvNorm(narrow.keyValue, narrow.keyValue, rows: rows, ops)
        let width = latent.rotatedWidth
        step.rotate(narrow.rotated, headWidth: width, rope: rope, style: style, ops)
        keyUp(narrow.plainKeys, narrow.keyValue, rows: rows, ops)
        valueUp(s.v, narrow.keyValue, rows: rows, ops)
        ops.joinHeads(s.k, narrow.plainKeys, plainWidth: plain, shared: narrow.rotated, rows: rows)
        step.attend(layer, shape, ops, s)
        o(adding: sum, or: s.y, s.mixed, rows: rows, ops)
    }
}
