internal import Kernels

/// y = W x + b; the bias where there is one.
struct Linear: Sendable {
    let weight: Matrix  // (outputs, inputs)
    let bias: Vector?  // (outputs)

    /// out = W x + b
    func callAsFunction(_ out: Rows, _ x: Rows, rows: Int, _ ops: Ops) {
        ops.matmul(x, rows: rows, .init(weight, out))
        addBias(out, rows, ops)
    }

    /// sum += W x + b
    func callAsFunction(adding sum: Rows, _ x: Rows, rows: Int, _ ops: Ops) {
        ops.matmul(adding: sum, x, rows: rows, weight)
        addBias(sum, rows, ops)
    }

    /// sum += W x + b, or `out` = W x + b where there is no sum.
    func callAsFunction(adding sum: Rows?, or out: Rows, _ x: Rows, rows: Int, _ ops: Ops) {
        if let sum { self(adding: sum, x, rows: rows, ops) } else { self(out, x, rows: rows, ops) }
    }

    func addBias(_ out: Rows, _ rows: Int, _ ops: Ops) {
        if let bias { ops.add(out, rows: rows, bias: bias) }
    }
}
