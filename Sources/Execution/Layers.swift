internal import Kernels

/// Grouped-query attention with rotary positions (Ainslie et al. 2023): the part of a layer between
/// its norm and its residual. Biases and head norms where the family has them.
struct Attention: Sendable {
    let wq, wk, wv, wo: Matrix
    let qBias, kBias, vBias, oBias: Vector?
    let qNorm, kNorm: Vector?
    let headWidth: Int
    let epsilon: Float

    /// - Parameters:
    ///   - prefix: "model.layers.3.self_attn."
    ///   - bias, outputBias: whether q, k, v and o have biases.
    ///   - headNorms: whether q and k are normed per head.
    init(
        _ loader: WeightLoader,
        _ prefix: String,
        _ c: DecoderConfiguration,
        bias: Bool,
        outputBias: Bool,
        headNorms: Bool = false
    ) throws(ExecutionError) {
        func vector(_ name: String, _ count: Int, _ wanted: Bool) throws(ExecutionError) -> Vector?
        {
            wanted ? try loader.vector(prefix + name, count) : nil
        }
        wq = try loader.matrix(prefix + "q_proj.weight", c.queryWidth, c.width)
        wk = try loader.matrix(prefix + "k_proj.weight", c.keyValueWidth, c.width)
        wv = try loader.matrix(prefix + "v_proj.weight", c.keyValueWidth, c.width)
        wo = try loader.matrix(prefix + "o_proj.weight", c.width, c.queryWidth)
        qBias = try vector("q_proj.bias", c.queryWidth, bias)
        kBias = try vector("k_proj.bias", c.keyValueWidth, bias)
        vBias = try vector("v_proj.bias", c.keyValueWidth, bias)
        oBias = try vector("o_proj.bias", c.width, outputBias)
        qNorm = try vector("q_norm.weight", c.headWidth, headNorms)
        kNorm = try vector("k_norm.weight", c.headWidth, headNorms)
        headWidth = c.headWidth
        epsilon = c.normEpsilon
    }

    /// s.x += attention(s.h)
    func forward(layer: Int, _ step: Step, _ ops: Ops, _ s: Scratch) {
        let rows = step.rowCount
        ops.matmul(s.h, rows: rows, .init(wq, s.q), .init(wk, s.k), .init(wv, s.v))
        if let qBias { ops.add(s.q, rows: rows, bias: qBias) }
        if let kBias { ops.add(s.k, rows: rows, bias: kBias) }
        if let vBias { ops.add(s.v, rows: rows, bias: vBias) }
        if let qNorm { ops.headNorm(s.q, rows: rows, qNorm, epsilon: epsilon) }
        if let kNorm { ops.headNorm(s.k, rows: rows, kNorm, epsilon: epsilon) }
        for heads in [s.q, s.k] {
            ops.rope(
                heads,
                rows: rows,
                headWidth: headWidth,
                cosines: step.cosines,
                sines: step.sines
            )
        }
        let cache = step.cache.layer(layer)
        ops.store(s.k, s.v, rows: rows, in: cache) { step.slot($0) }
        ops.attend(s.mixed, s.q, rows: rows, in: cache, scale: 1 / Float(headWidth).squareRoot()) {
            (step.table($0), step.positions[$0] + 1)
        }
        ops.matmul(adding: s.x, s.mixed, rows: rows, wo)
        if let oBias { ops.add(s.x, rows: rows, bias: oBias) }
    }
}

/// Gated feed-forward network with SiLU (Shazeer 2020).
struct SwiGLU: Sendable {
    let wGate, wUp, wDown: Matrix
    let gateBias, upBias, downBias: Vector?

    /// - Parameter prefix: "model.layers.3.mlp."
    init(
        _ loader: WeightLoader,
        _ prefix: String,
        _ c: DecoderConfiguration
    ) throws(ExecutionError) {
        func bias(_ name: String, _ count: Int) throws(ExecutionError) -> Vector? {
            c.mlpBias ? try loader.vector(prefix + name + ".bias", count) : nil
        }
        wGate = try loader.matrix(prefix + "gate_proj.weight", c.mlpWidth, c.width)
        wUp = try loader.matrix(prefix + "up_proj.weight", c.mlpWidth, c.width)
        wDown = try loader.matrix(prefix + "down_proj.weight", c.width, c.mlpWidth)
        gateBias = try bias("gate_proj", c.mlpWidth)
        upBias = try bias("up_proj", c.mlpWidth)
        downBias = try bias("down_proj", c.width)
    }

    /// s.x += down(silu(gate(s.h)) * up(s.h))
    func forward(_ step: Step, _ ops: Ops, _ s: Scratch) {
        let rows = step.rowCount
        ops.matmul(s.h, rows: rows, .init(wGate, s.gate), .init(wUp, s.up))
        if let gateBias { ops.add(s.gate, rows: rows, bias: gateBias) }
        if let upBias { ops.add(s.up, rows: rows, bias: upBias) }
        ops.swiglu(s.gate, s.up, rows: rows)
        ops.matmul(adding: s.x, s.gate, rows: rows, wDown)
        if let downBias { ops.add(s.x, rows: rows, bias: downBias) }
    }
}

/// One pre-norm decoder layer: x += attention(norm(x)); x += mlp(norm(x)).
struct DecoderLayer: Sendable {
    let attentionNorm, mlpNorm: Vector  // (width)
    let attention: Attention
    let mlp: SwiGLU

    var matrices: [Matrix] {
        [attention.wq, attention.wk, attention.wv, attention.wo, mlp.wGate, mlp.wUp, mlp.wDown]
    }
    var byteCount: Int { matrices.reduce(0) { $0 + $1.byteCount } }
    var weightCount: Int { matrices.reduce(0) { $0 + $1.rows * $1.columns } }

    func forward(layer: Int, _ step: Step, _ ops: Ops, _ s: Scratch) {
        ops.rmsNorm(s.h, s.x, rows: step.rowCount, attentionNorm, epsilon: attention.epsilon)
        attention.forward(layer: layer, step, ops, s)
        ops.rmsNorm(s.h, s.x, rows: step.rowCount, mlpNorm, epsilon: attention.epsilon)
        mlp.forward(step, ops, s)
    }
}

/// What most families share around their layers: an embedding, a last norm, an output head that
/// may be the embedding itself.
package struct Decoder: Sendable {
    let embedding: Matrix  // (vocabulary, width)
    let layers: [DecoderLayer]
    let finalNorm: Vector  // (width)
    let head: Matrix  // (vocabulary, width)

    /// - Parameter attention: makes a layer's attention from its name prefix.
    init(
        _ loader: WeightLoader,
        _ c: DecoderConfiguration,
        attention: (_ prefix: String) throws(ExecutionError) -> Attention
    ) throws(ExecutionError) {
        embedding = try loader.matrix("model.embed_tokens.weight", c.vocabularySize, c.width)
        var layers: [DecoderLayer] = []
        for index in 0..<c.layerCount {
            let prefix = "model.layers.\(index)."
            layers.append(
                DecoderLayer(
                    attentionNorm: try loader.vector(prefix + "input_layernorm.weight", c.width),
                    mlpNorm: try loader.vector(
                        prefix + "post_attention_layernorm.weight",
                        c.width
                    ),
                    attention: try attention(prefix + "self_attn."),
                    mlp: try SwiGLU(loader, prefix + "mlp.", c)
                )
            )
        }
        self.layers = layers
        finalNorm = try loader.vector("model.norm.weight", c.width)
        head =
            try c.tiesEmbeddings
            ? embedding : loader.matrix("lm_head.weight", c.vocabularySize, c.width)
    }

    func forward(_ step: Step, _ ops: Ops, _ scratch: Scratch) {
        ops.gather(scratch.x, embedding, step.tokens)
        for (index, layer) in layers.enumerated() {
            layer.forward(layer: index, step, ops, scratch)
        }
    }
}
