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

/// What becomes of a feed-forward network's hidden layer, element by element, so that whoever
/// computed a part of it can go on.
package enum Mixing: Sendable {
    /// x = f(x).
    case activation(Activation)
    /// gate = f(gate) * up.
    case gated(Activation)
    /// gpt-oss: gate = g * sigmoid(alpha * g) * (u + 1), with g at most and |u| at most `limit`.
    case clampedSwiGLU(alpha: Float, limit: Float)

    /// Changes elements `columns` of a row of `gate`.
    /// - Parameter up: the other half; nil in a network without gate.
    func apply(
        _ gate: RowView,
        _ up: RowView?,
        _ row: Int,
        _ columns: Range<Int>,
        _ tools: Tools
    ) {
        if columns.isEmpty { return }
        let count = Int32(columns.count), x = gate[row] + columns.lowerBound
        let up = up.map { UnsafePointer($0[row] + columns.lowerBound) }
        switch (self, up) {
        case (.activation(let f), _): tm_activate(f.code, x, count)
        case (.gated(.silu), let up?): tools.kernels.pointee.swiglu(x, up, count)
        case (.gated(let f), let up?): tm_activate_gate(f.code, x, up, count)
        case (.clampedSwiGLU(let alpha, let limit), let up?):
            tm_clamped_swiglu(x, up, count, alpha, limit)
        case (_, nil): preconditionFailure("a gated layer has two halves")
        }
    }
}

extension Ops {
    /// Mixes whole rows.
    package func mix(_ mixing: Mixing, _ gate: Rows, _ up: Rows?, rows: Int) {
        forRows(rows, cost: 16 * gate.width, on: (gate, up, mixing, tools)) { context, row in
            let (gate, up, mixing, tools) = context
            mixing.apply(gate.view, up?.view, row, 0..<gate.width, tools)
        }
    }

    /// x = x * factor.
    package func scale(_ x: Rows, rows: Int, by factor: Float) {
        forRows(rows, cost: x.width, on: (x, factor)) { context, row in
            let (x, factor) = context
            tm_scale(x[row], Int32(x.width), factor)
        }
    }

    /// x = cap * tanh(x / cap).
    package func softcap(_ x: Rows, rows: Int, cap: Float) {
        forRows(rows, cost: 32 * x.width, on: (x, cap)) { context, row in
            let (x, cap) = context
            tm_softcap(x[row], Int32(x.width), cap)
        }
    }

    /// Each row i of `x` gains row `positions[i]` of a table of learned positions.
    package func addPositions(_ x: Rows, _ table: Vector, _ positions: [Int]) {
        forRows(positions.count, cost: 2 * x.width, on: (x, table, positions)) { context, row in
            let (x, table, positions) = context
            tm_add_scaled(x[row], table.base + positions[row] * x.width, Int32(x.width), 1)
        }
    }
}
