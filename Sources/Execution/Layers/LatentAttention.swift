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

    func forward(
        _ h: Ops.Input,
        layer: Int,
        to out: Ops.Output,
        _ step: Step,
        _ ops: Ops,
        _ s: Scratch
    ) {
        guard let narrow = s.latent else { return }
        let rows = step.rowCount, keyValue = narrow.keyValue
        let down = kvDown.to(keyValue), rotated = kvDownRotated.to(narrow.rotated)
        if let qDown, let query = narrow.query {
            ops.matmul(h, rows: rows, qDown.to(query), down, rotated)
            qUp(s.q, .init(query, norm: qNorm, of: query), rows: rows, ops)
        } else {
            ops.matmul(h, rows: rows, qUp.to(s.q), down, rotated)
        }
        let normed = Ops.Input(keyValue, norm: kvNorm, of: keyValue)
        ops.matmul(normed, rows: rows, keyUp.to(narrow.plainKeys), valueUp.to(s.v))
        let plain = latent.plainWidth
        let turned = step.rotation(rope, style, offset: plain)
        let shared = step.rotation(rope, style)
        let pass = HeadPass(
            q: Heads(s.q, width: headWidth, rotation: turned),
            k: Heads(narrow.rotated, width: latent.rotatedWidth, rotation: shared),
            v: s.v,
            join: KeyJoin(own: narrow.plainKeys, ownWidth: plain, keys: s.k),
            cache: step.cache.layer(layer),
            places: step.places(layer: layer)
        )
        ops.attend(s.mixed, rows: rows, step.tiles, after: pass, shape)
        o(out, .init(s.mixed), rows: rows, ops)
    }
}
