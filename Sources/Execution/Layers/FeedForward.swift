internal import Kernels

/// A layer's feed-forward network, from normed hidden states to what is added to the residual
/// stream.
protocol FeedForward: Sendable {
    var linears: [Linear] { get }

    /// - Parameter h: (rows, width).
    func forward(_ h: Ops.Input, rows: Int, to out: Ops.Output, _ ops: Ops, _ s: Scratch)
}

/// down(f(gate(h)) * up(h)) (Shazeer 2020).
struct GatedMLP: FeedForward {
    let gate, up, down: Linear
    /// How the two halves become one.
    let mixing: Mixing

    var linears: [Linear] { [gate, up, down] }

    func forward(_ h: Ops.Input, rows: Int, to out: Ops.Output, _ ops: Ops, _ s: Scratch) {
        let hidden = s.hidden(width: gate.weight.rows)
        ops.matmul(h, rows: rows, gate.to(hidden.gate), up.to(hidden.up), mixing: mixing)
        down(out, .init(hidden.gate), rows: rows, ops)
    }
}

/// down(f(up(h))), the feed-forward network of the first transformers.
struct PlainMLP: FeedForward {
    let up, down: Linear
    let activation: Activation

    var linears: [Linear] { [up, down] }

    func forward(_ h: Ops.Input, rows: Int, to out: Ops.Output, _ ops: Ops, _ s: Scratch) {
        let hidden = s.hidden(width: up.weight.rows).gate
        ops.matmul(h, rows: rows, up.to(hidden), mixing: .activation(activation))
        down(out, .init(hidden), rows: rows, ops)
    }
}
