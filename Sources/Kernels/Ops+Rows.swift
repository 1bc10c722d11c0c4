internal import CKernels

/// A row that takes an expert, and how its result counts.
package struct ExpertChoice: Sendable {
    package let row: Int
    /// Where the result goes.
    package let slot: Int
    package let weight: Float

    package init(row: Int, slot: Int, weight: Float) {
        self.row = row
        self.slot = slot
        self.weight = weight
    }
}

/// Moving rows about.
extension Ops {
    /// x[i] = row `tokens[i]` of the embedding.
    package func gather(_ x: Rows, _ embedding: Matrix, _ tokens: [Int32]) {
        precondition(embedding.columns == x.width)
        forRows(tokens.count, cost: 4 * x.width, on: (x, embedding, tokens)) { context, row in
            let (x, embedding, tokens) = context
            embedding.copy(row: Int(tokens[row]), into: x[row])
        }
    }

    /// out[i] = x[i].
    package func select(_ out: Rows, _ x: Rows, rows: Int) {
        forRows(rows, cost: x.width, on: (out, x)) { context, row in
            let (out, x) = context
            out[row].update(from: x[row], count: x.width)
        }
    }

    /// out[i] = x[sources[i]].
    package func select(_ out: Rows, _ x: Rows, _ sources: [Int]) {
        precondition(out.width == x.width && sources.count <= out.capacity)
        for (row, source) in sources.enumerated() {
            out[row].update(from: x[source], count: x.width)
        }
    }

    /// slots[choices[i].slot] = x[i] times the choice's weight.
    package func scatter(_ slots: Rows, _ x: Rows, _ choices: [ExpertChoice]) {
        precondition(slots.width == x.width)
        forRows(choices.count, cost: 2 * x.width, on: (slots, x, choices)) { context, row in
            let (slots, x, choices) = context
            let slot = slots[choices[row].slot]
            slot.update(from: x[row], count: x.width)
            tm_scale(slot, Int32(x.width), choices[row].weight)
        }
    }

    /// x[row] += y[row] * factor.
    package func add(_ x: Rows, _ y: Rows, row: Int, times factor: Float) {
        tm_add_scaled(x[row], y[row], Int32(x.width), factor)
    }

    /// out[i] = the sum of rows i * perRow ..< (i + 1) * perRow of `slots`, in that order.
    package func sumSlots(_ out: Rows, _ slots: Rows, rows: Int, perRow: Int) {
        forRows(rows, cost: perRow * out.width, on: (out, slots, perRow)) { context, row in
            let (out, slots, perRow) = context
            out[row].update(from: slots[row * perRow], count: out.width)
            for slot in 1..<max(perRow, 1) {
                tm_add_scaled(out[row], slots[row * perRow + slot], Int32(out.width), 1)
            }
        }
    }
}
