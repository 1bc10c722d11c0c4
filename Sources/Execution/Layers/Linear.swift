internal import Kernels

/// y = W x + b; the bias where there is one.
struct Linear: Sendable {
    let weight: Matrix  // (outputs, inputs)
    let bias: Vector?  // (outputs)

    /// out = W x + b
    func callAsFunction(_ out: Rows, _ x: Ops.Input, rows: Int, _ ops: Ops) {
        ops.matmul(x, rows: rows, to(out))
    }

    /// out = W x + b, or out += W x + b
    func callAsFunction(_ out: Ops.Output, _ x: Ops.Input, rows: Int, _ ops: Ops) {
        ops.matmul(x, rows: rows, .init(weight, bias: bias, out))
    }

    /// W x + b as one of several products of the same x.
    func to(_ out: Rows) -> Ops.Product { .init(weight, bias: bias, out) }
}
