package import Kernels

/// Every activation buffer of a step, taken once. Rows are tokens.
package final class Scratch: Sendable {
    /// The residual stream, (rows, width).
    package let x: Rows
    /// A norm's output, (rows, width).
    package let h: Rows
    package let q: Rows
    package let k: Rows
    package let v: Rows
    /// Attention's output, (rows, queryWidth).
    package let mixed: Rows
    package let gate: Rows
    package let up: Rows

    init(_ c: DecoderConfiguration, maxRows: Int) throws(KernelError) {
        x = try Rows(capacity: maxRows, width: c.width)
        h = try Rows(capacity: maxRows, width: c.width)
        q = try Rows(capacity: maxRows, width: c.queryWidth)
        k = try Rows(capacity: maxRows, width: c.keyValueWidth)
        v = try Rows(capacity: maxRows, width: c.keyValueWidth)
        mixed = try Rows(capacity: maxRows, width: c.queryWidth)
        gate = try Rows(capacity: maxRows, width: c.mlpWidth)
        up = try Rows(capacity: maxRows, width: c.mlpWidth)
    }
}
