internal import CKernels

/// The non-linearity of a feed-forward network.
package enum Activation: Sendable {
    case silu
    /// Exact, through the error function.
    case gelu
    case geluTanh
    case relu

    var code: tm_activation {
        switch self {
        case .silu: TM_SILU
        case .gelu: TM_GELU
        case .geluTanh: TM_GELU_TANH
        case .relu: TM_RELU
        }
    }
}

extension Ops {
    /// Mean and variance norm of each row; `out` may be `x`.
    package func layerNorm(
        _ out: Rows,
        _ x: Rows,
        rows: Int,
        _ weight: Vector,
        _ bias: Vector?,
        epsilon: Float
    ) {
        precondition(weight.count == x.width && out.width == x.width)
        forRows(rows, cost: 4 * x.width) { row in
            tm_layer_norm(x[row], weight.base, bias?.base, Int32(x.width), epsilon, out[row])
        }
    }

    /// Layer norm without bias of each head of each row, in place. `weight` is one head wide, or
    /// has its own part for every head.
    package func headLayerNorm(
        _ x: Rows,
        rows: Int,
        headWidth: Int,
        _ weight: Vector,
        epsilon: Float
    ) {
        let ownWeights = weight.count > headWidth
        forRows(rows, cost: 4 * x.width) { row in
            for head in stride(from: 0, to: x.width, by: headWidth) {
                let gain = weight.base + (ownWeights ? head : 0)
                tm_layer_norm(x[row] + head, gain, nil, Int32(headWidth), epsilon, x[row] + head)
            }
        }
    }

    /// x = f(x).
    package func activate(_ f: Activation, _ x: Rows, rows: Int) {
        forRows(rows, cost: 32 * x.width) { row in tm_activate(f.code, x[row], Int32(x.width)) }
    }

    /// gate = f(gate) * up.
    package func activate(_ f: Activation, _ gate: Rows, times up: Rows, rows: Int) {
        forRows(rows, cost: 16 * gate.width) { row in
            if f == .silu {
                table.swiglu(gate[row], up[row], Int32(gate.width))
            } else {
                tm_activate_gate(f.code, gate[row], up[row], Int32(gate.width))
            }
        }
    }

    /// gpt-oss: gate = g * sigmoid(alpha * g) * (u + 1), with g at most and |u| at most `limit`.
    package func clampedSwiGLU(_ gate: Rows, _ up: Rows, rows: Int, alpha: Float, limit: Float) {
        forRows(rows, cost: 16 * gate.width) { row in
            tm_clamped_swiglu(gate[row], up[row], Int32(gate.width), alpha, limit)
        }
    }

    /// x = x * factor.
    package func scale(_ x: Rows, rows: Int, by factor: Float) {
        forRows(rows, cost: x.width) { row in tm_scale(x[row], Int32(x.width), factor) }
    }

    /// x = x + y * factor.
    package func add(_ x: Rows, _ y: Rows, rows: Int, times factor: Float = 1) {
        precondition(x.width == y.width)
        forRows(rows, cost: 2 * x.width) { row in
            tm_add_scaled(x[row], y[row], Int32(x.width), factor)
        }
    }

    /// Limits x to -limit...limit.
    package func clamp(_ x: Rows, rows: Int, to limit: Float) {
        forRows(rows, cost: x.width) { row in
            for i in 0..<x.width { x[row][i] = min(max(x[row][i], -limit), limit) }
        }
    }

    /// x = cap * tanh(x / cap).
    package func softcap(_ x: Rows, rows: Int, cap: Float) {
        forRows(rows, cost: 32 * x.width) { row in tm_softcap(x[row], Int32(x.width), cap) }
    }

    /// Each row i of `x` gains row `positions[i]` of a table of learned positions.
    package func addPositions(_ x: Rows, _ table: Vector, _ positions: [Int]) {
        forRows(positions.count, cost: 2 * x.width) { row in
            let position = table.base + positions[row] * x.width
            tm_add_scaled(x[row], position, Int32(x.width), 1)
        }
    }
}
