internal import CKernels

/// A norm over whole rows, or over each head of them.
package enum Norm: Sendable {
    /// Root mean square (Zhang and Sennrich 2019).
    case rms(Vector, epsilon: Float)
    /// Mean and variance (Ba et al. 2016).
    case layer(Vector, bias: Vector?, epsilon: Float)

    var view: NormView {
        switch self {
        case .rms(let weight, let epsilon):
            NormView(
                isRMS: true,
                weight: weight.base,
                count: weight.count,
                bias: nil,
                epsilon: epsilon
            )
        case .layer(let weight, let bias, let epsilon):
            NormView(
                isRMS: false,
                weight: weight.base,
                count: weight.count,
                bias: bias?.base,
                epsilon: epsilon
            )
        }
    }
}

struct NormView {
    let isRMS: Bool
    let weight: UnsafePointer<Float>
    /// Of weights.
    let count: Int
    let bias: UnsafePointer<Float>?
    let epsilon: Float

    /// out = norm(x), `width` elements; `out` may be `x`.
    func apply(
        _ x: UnsafePointer<Float>,
        to out: UnsafeMutablePointer<Float>,
        _ width: Int,
        _ tools: Tools
    ) {
        precondition(count == width, "the norm is of another width")
        apply(x, to: out, width, from: 0, tools)
    }

    /// Norms each head of a row in place. There are weights for one head or for every head; as many
    /// as the row is wide make an RMS norm one of the whole row.
    func applyToHeads(
        _ x: UnsafeMutablePointer<Float>,
        _ width: Int,
        headWidth: Int,
        _ tools: Tools
    ) {
        let size = isRMS ? count : headWidth
        for head in stride(from: 0, to: width, by: size) {
            apply(x + head, to: x + head, size, from: count > size ? head : 0, tools)
        }
    }

    /// - Parameter start: of the weights that are used.
    private func apply(
        _ x: UnsafePointer<Float>,
        to out: UnsafeMutablePointer<Float>,
        _ width: Int,
        from start: Int,
        _ tools: Tools
    ) {
        let weight = weight + start, count = Int32(width)
        if isRMS {
            tools.kernels.pointee.rms_norm(x, weight, count, epsilon, out)
        } else {
            tm_layer_norm(x, weight, bias.map { $0 + start }, count, epsilon, out)
        }
    }
}

extension Ops {
    /// x += norm(y) * factor; changes y.
    package func add(_ x: Rows, _ y: Rows, rows: Int, norm: Norm? = nil, times factor: Float = 1) {
        precondition(x.width == y.width)
        forRows(rows, cost: 6 * x.width, on: (x, y, norm, factor, tools)) { context, row in
            let (x, y, norm, factor, tools) = context
            norm?.view.apply(y[row], to: y[row], y.width, tools)
            tm_add_scaled(x[row], y[row], Int32(x.width), factor)
        }
    }
}
