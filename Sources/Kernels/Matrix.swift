internal import CKernels

/// A weight matrix of shape `(rows, columns)` that maps activations of `columns` elements to `rows`
/// outputs, kept in its own number format as panels of 16 rows.
package final class Matrix: @unchecked Sendable {  // written by init and fill only
    package let rows: Int
    package let columns: Int
    package let format: WeightFormat
    /// Which column each place of a stored row belongs to, where that is not the natural order.
    package let columnOrder: [Int32]?
    let panelCount: Int
    let panelBytes: Int
    private let memory: Memory

    /// Makes an empty matrix; `fill` packs it.
    /// - Parameter columnOrder: GPTQ's "act-order": place i of every row that `fill` is given has the
    ///   weight of column `columnOrder[i]`.
    /// - Precondition: `columns` is a multiple of the format's block width, and `columnOrder` has each
    ///   column once.
    package init(
        rows: Int,
        columns: Int,
        format: WeightFormat,
        columnOrder: [Int32]? = nil
    ) throws(KernelError) {
        precondition(columns % format.blockWidth == 0, "row length does not divide into blocks")
        if let columnOrder {
            precondition(isPermutation(columnOrder, of: columns), "not an order of the columns")
        }
        self.rows = rows
        self.columns = columns
        self.format = format
        self.columnOrder = columnOrder
        panelCount = (rows + 15) / 16
        panelBytes = tm_panel_bytes(format.code, Int32(columns))
        guard let memory = Memory(byteCount: panelCount * panelBytes) else {
            throw .outOfMemory(panelCount * panelBytes)
        }
        self.memory = memory
    }

    package var byteCount: Int { panelCount * panelBytes }

    /// Memory of a matrix of this shape and format.
    package static func byteCount(rows: Int, columns: Int, format: WeightFormat) -> Int {
        (rows + 15) / 16 * tm_panel_bytes(format.code, Int32(columns))
    }

    var base: UnsafeRawPointer { UnsafeRawPointer(memory.base) }

    /// Packs all rows from floats, each worker the stripe it will multiply with.
    /// - Parameter read: writes row `index` as `columns` floats; called from several threads.
    /// - Precondition: the format's source is `floatsOrBlocks`.
    package func fill(
        _ pool: WorkerPool,
        read: (_ index: Int, _ into: UnsafeMutablePointer<Float>) -> Void
    ) {
        precondition(format.source == .floatsOrBlocks, "\(format) is not made from floats")
        pool.stripes(of: panelCount) { panels in
            let block = UnsafeMutablePointer<Float>.allocate(capacity: 16 * columns)
            defer { block.deallocate() }
            for panel in panels {
                let rows = rowRange(panel)
                for row in rows { read(row, block + (row - rows.lowerBound) * columns) }
                let count = Int32(rows.count)
                tm_pack_panel(format.code, block, columns, count, Int32(columns), at(panel))
            }
        }
    }

    /// The same from rows in the format's own blocks (or floats), byte for byte as files have them.
    /// - Parameter blocks: writes row `index`, `format.storedBytes(columns)` bytes; called from
    ///   several threads.
    /// - Precondition: the format's source is `blocks` or `floatsOrBlocks`.
    package func fill(
        _ pool: WorkerPool,
        blocks: (_ index: Int, _ into: UnsafeMutableRawPointer) -> Void
    ) {
        precondition(format.source != .codes, "\(format) is not made from blocks")
        let stride = format.storedBytes(columns)
        pool.stripes(of: panelCount) { panels in
            let block = UnsafeMutableRawPointer.allocate(byteCount: 16 * stride, alignment: 64)
            defer { block.deallocate() }
            for panel in panels {
                let rows = rowRange(panel)
                for row in rows { blocks(row, block + (row - rows.lowerBound) * stride) }
                let count = Int32(rows.count)
                tm_pack_blocks(format.code, block, stride, count, Int32(columns), at(panel))
            }
        }
    }

    /// The same from one code per weight: 0 to 15 (u4 formats), the bits of an `Int8` (s8 formats) or
    /// an E4M3 byte, with a scale and a zero per group of `format.groupSize` columns, the last one
    /// perhaps short.
    /// - Parameter codes: writes row `index`: `columns` bytes, and a scale and a zero for each group
    ///   (zeros are 0 before the call, and only the u4 formats use them); called from several threads.
    /// - Precondition: the format's source is `codes`.
    package func fill(
        _ pool: WorkerPool,
        codes: (
            _ index: Int, _ bytes: UnsafeMutableRawPointer, _ scales: UnsafeMutablePointer<Float>,
            _ zeros: UnsafeMutablePointer<UInt8>
        ) -> Void
    ) {
        guard let groupSize = format.groupSize else {
            preconditionFailure("\(format) is not made from codes")
        }
        let groups = (columns + groupSize - 1) / groupSize
        pool.stripes(of: panelCount) { panels in
            let block = UnsafeMutablePointer<UInt8>.allocate(capacity: 16 * columns)
            let scales = UnsafeMutablePointer<Float>.allocate(capacity: 16 * groups)
            let zeros = UnsafeMutablePointer<UInt8>.allocate(capacity: 16 * groups)
            zeros.initialize(repeating: 0, count: 16 * groups)
            defer {
                block.deallocate()
                scales.deallocate()
                zeros.deallocate()
            }
            for panel in panels {
                let rows = rowRange(panel)
                for (place, row) in rows.enumerated() {
                    let group = place * groups
                    codes(row, block + place * columns, scales + group, zeros + group)
                }
                tm_pack_codes(
                    format.code,
                    block,
                    columns,
                    scales,
                    zeros,
                    groups,
                    Int32(rows.count),
                    Int32(columns),
                    at(panel)
                )
            }
        }
    }

    /// Writes row `row` as floats, in natural column order: what an embedding look-up reads. The
    /// values are the format's own, exactly.
    package func copy(row: Int, into out: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row outside the matrix")
        let panel = at(row / 16), place = Int32(row % 16)
        guard let columnOrder else {
            return tm_unpack_row(format.code, panel, place, Int32(columns), out)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { stored in
            guard let base = stored.baseAddress else { return }
            tm_unpack_row(format.code, panel, place, Int32(columns), base)
            for (i, column) in columnOrder.enumerated() { out[Int(column)] = base[i] }
        }
    }

    private func rowRange(_ panel: Int) -> Range<Int> { 16 * panel..<min(16 * panel + 16, rows) }

    private func at(_ panel: Int) -> UnsafeMutableRawPointer { memory.base + panel * panelBytes }
}

/// Whether `order` has each of `0 ..< count` once.
private func isPermutation(_ order: [Int32], of count: Int) -> Bool {
    var seen = [Bool](repeating: false, count: count)
    for column in order {
        guard column >= 0, column < count, !seen[Int(column)] else { return false }
        seen[Int(column)] = true
    }
    return order.count == count
}
