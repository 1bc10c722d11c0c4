internal import Kernels

/// A layer's feed-forward network, from normed hidden states to what is added to the residual
/// stream.
protocol FeedForward: Sendable {
    var linears: [Linear] { get }

    /// - Parameters:
    ///   - h: (rows, width).
    ///   - sum: gains the result; nil writes it to `s.y`.
    func forward(_ h: Rows, rows: Int, adding sum: Rows?, _ ops: Ops, _ s: Scratch)
}

/// down(f(gate(h)) * up(h)) (Shazeer 2020).
struct GatedMLP: FeedForward {
    let gate, up, down: Linear
    let mixing: Mixing

    /// How the two halves become one.
    enum Mixing: Sendable {
        case activation(Activation)
        /// gpt-oss's: limited, with a steeper sigmoid, and 1 added to the linear half.
        case clampedSwiGLU(alpha: Float, limit: Float)
    }

    var linears: [Linear] { [gate, up, down] }

    func forward(_ h: Rows, rows: Int, adding sum: Rows?, _ ops: Ops, _ s: Scratch) {
        forward(h, rows: rows, ops, s) { down, hidden in
            down(adding: sum, or: s.y, hidden, rows: rows, ops)
        }
    }

    /// - Parameter finish: takes the last projection and what it is to read.
    func forward(
        _ h: Rows,
        rows: Int,
        _ ops: Ops,
        _ s: Scratch,
        finish: (Linear, Rows) -> Void
    ) {
        let hidden = s.hidden(width: gate.weight.rows)
        ops.matmul(h, rows: rows, .init(gate.weight, hidden.gate), .init(up.weight, hidden.up))
        gate.addBias(hidden.gate, rows, ops)
        up.addBias(hidden.up, rows, ops)
        switch mixing {
        case .activation(let f): ops.activate(f, hidden.gate, times: hidden.up, rows: rows)
        case .clampedSwiGLU(let alpha, let limit):
            ops.clampedSwiGLU(hidden.gate, hidden.up, rows: rows, alpha: alpha, limit: limit)
        }
        finish(down, hidden.gate)
    }
}

/// down(f(up(h))), the feed-forward network of the first transformers.
struct PlainMLP: FeedForward {
    let up, down: Linear
    let activation: Activation

    var linears: [Linear] { [up, down] }

    func forward(_ h: Rows, rows: Int, adding sum: Rows?, _ ops: Ops, _ s: Scratch) {
        let hidden = s.hidden(width: up.weight.rows).gate
        up(hidden, h, rows: rows, ops)
        ops.activate(activation, hidden, rows: rows)
        down(adding: sum, or: s.y, hidden, rows: rows, ops)
    }
}
