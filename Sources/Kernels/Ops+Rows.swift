internal import CKernels

/// Moving rows about.
extension Ops {
    /// out[i] = x[i].
    package func select(_ out: Rows, _ x: Rows, rows: Int) {
        forRows(rows, cost: x.width) { row in out[row].update(from: x[row], count: x.width) }
    }

    /// out[i] = x[source(i)].
    package func gatherRows(_ out: Rows, _ x: Rows, _ rows: Int, source: (_ row: Int) -> Int) {
        precondition(out.width == x.width && rows <= out.capacity)
        forRows(rows, cost: x.width) { row in
            out[row].update(from: x[source(row)], count: x.width)
        }
    }

    /// out[target] = x[row] * factor.
    package func copy(_ x: Rows, row: Int, to out: Rows, row target: Int, times factor: Float) {
        out[target].update(from: x[row], count: x.width)
        tm_scale(out[target], Int32(x.width), factor)
    }

    /// x[row] += y[row] * factor.
    package func add(_ x: Rows, _ y: Rows, row: Int, times factor: Float) {
        tm_add_scaled(x[row], y[row], Int32(x.width), factor)
    }

    /// out[i] = the sum of rows i * perRow ..< (i + 1) * perRow of `slots`, in that order.
    package func sumSlots(_ out: Rows, _ slots: Rows, rows: Int, perRow: Int) {
        forRows(rows, cost: perRow * out.width) { row in
            out[row].update(from: slots[row * perRow], count: out.width)
            for slot in 1..<max(perRow, 1) {
                tm_add_scaled(out[row], slots[row * perRow + slot], Int32(out.width), 1)
            }
        }
    }

    /// Every head of `out` is its own part of `plain`, then the shared row.
    package func joinHeads(
        _ out: Rows,
        _ plain: Rows,
        plainWidth: Int,
        shared: Rows,
        rows: Int
    ) {
        let headWidth = plainWidth + shared.width
        forRows(rows, cost: out.width) { row in
            for head in 0..<out.width / headWidth {
                let target = out[row] + head * headWidth
                target.update(from: plain[row] + head * plainWidth, count: plainWidth)
                (target + plainWidth).update(from: shared[row], count: shared.width)
            }
        }
    }
}
