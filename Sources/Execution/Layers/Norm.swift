internal import Kernels

/// A norm over whole rows, or over each head of them.
enum Norm: Sendable {
    /// Root mean square (Zhang and Sennrich 2019).
    case rms(Vector, epsilon: Float)
    /// Mean and variance (Ba et al. 2016).
    case layer(Vector, bias: Vector?, epsilon: Float)

    /// out = norm(x); `out` may be `x`.
    func callAsFunction(_ out: Rows, _ x: Rows, rows: Int, _ ops: Ops) {
        switch self {
        case .rms(let weight, let epsilon):
            ops.rmsNorm(out, x, rows: rows, weight, epsilon: epsilon)
        case .layer(let weight, let bias, let epsilon):
            ops.layerNorm(out, x, rows: rows, weight, bias, epsilon: epsilon)
        }
    }

    /// Norms each head of each row in place; an RMS weight as wide as the row norms the whole row.
    func perHead(_ x: Rows, rows: Int, headWidth: Int, _ ops: Ops) {
        switch self {
        case .rms(let weight, let epsilon):
            ops.headNorm(x, rows: rows, weight, epsilon: epsilon)
        case .layer(let weight, _, let epsilon):
            ops.headLayerNorm(x, rows: rows, headWidth: headWidth, weight, epsilon: epsilon)
        }
    }
}
