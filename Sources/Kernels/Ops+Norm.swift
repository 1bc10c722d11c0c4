internal import CKernels

/// A norm over whole rows, or over each head of them.
package enum Norm: Sendable {
    /// Root mean square (Zhang and Sennrich 2019).
    case rms(Vector, epsilon: Float)
    /// Mean and variance (Ba et al. 2016).
    case layer(Vector, bias: Vector?, epsilon: Float)

    private var weight: Vector {
        switch self {
        case .rms(let weight, _), .layer(let weight, _, _): weight
        }
    }

    /// out = norm(x), `width` elements; `out` may be `x`.
    func apply(
        _ x: UnsafePointer<Float>,
        to out: UnsafeMutablePointer<Float>,
        _ width: Int,
        _ ops: Ops
    ) {
        precondition(weight.count == width, "the norm is of another width")
        apply(x, to: out, width, from: 0, ops)
    }

    /// Norms each head of a row in place. `weight` is one head wide or has its own part for every
    /// head; an RMS weight as wide as the row norms the whole row.
    func applyToHeads(
        _ x: UnsafeMutablePointer<Float>,
        _ width: Int,
        headWidth: Int,
        _ ops: Ops
    ) {
        var size = headWidth
        if case .rms(let weight, _) = self { size = weight.count }
        let hasOwnWeights = weight.count > size
        for head in stride(from: 0, to: width, by: size) {
            apply(x + head, to: x + head, size, from: hasOwnWeights ? head : 0, ops)
        }
    }

    /// - Parameter start: of the weights that are used.
    private func apply(
        _ x: UnsafePointer<Float>,
        to out: UnsafeMutablePointer<Float>,
        _ width: Int,
        from start: Int,
        _ ops: Ops
    ) {
        let count = Int32(width)
        switch self {
        case .rms(let weight, let epsilon):
            ops.table.rms_norm(x, weight.base + start, count, epsilon, out)
        case .layer(let weight, let bias, let epsilon):
            let bias = bias.map { $0.base + start }
            tm_layer_norm(x, weight.base + start, bias, count, epsilon, out)
        }
    }
}

extension Ops {
    /// x += norm(y) * factor; changes y.
    package func add(_ x: Rows, _ y: Rows, rows: Int, norm: Norm? = nil, times factor: Float = 1) {
        precondition(x.width == y.width)
        forRows(rows, cost: 6 * x.width, on: (self, x, y, norm, factor)) { context, row in
            let (ops, x, y, norm, factor) = context
            norm?.apply(y[row], to: y[row], y.width, ops)
            tm_add_scaled(x[row], y[row], Int32(x.width), factor)
        }
    }
}
