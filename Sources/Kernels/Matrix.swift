internal import CKernels

/// A weight matrix of shape `(rows, columns)` that maps activations of `columns` elements to `rows`
/// outputs, kept in its own number format as panels of 16 rows.
package final class Matrix: @unchecked Sendable {  // written by init only
    package let rows: Int
    package let columns: Int
    package let format: WeightFormat
    let panelCount: Int
    let panelBytes: Int
    private let memory: Memory

    /// Makes an empty matrix; `fill` packs it.
    /// - Precondition: `columns` is a multiple of the format's block width.
    package init(rows: Int, columns: Int, format: WeightFormat) throws(KernelError) {
        precondition(columns % format.blockWidth == 0, "row length does not divide into blocks")
        self.rows = rows
        self.columns = columns
        self.format = format
        panelCount = (rows + 15) / 16
        panelBytes = tm_panel_bytes(format.code, Int32(columns))
        guard let memory = Memory(byteCount: panelCount * panelBytes) else {
            throw .outOfMemory(panelCount * panelBytes)
        }
        self.memory = memory
    }

    package var byteCount: Int { panelCount * panelBytes }
    var base: UnsafeRawPointer { UnsafeRawPointer(memory.base) }

    /// Packs all rows, each worker the stripe it will multiply with.
    /// - Parameter read: writes row `index` as `columns` floats; called from several threads.
    package func fill(
        _ pool: WorkerPool,
        read: (_ index: Int, _ into: UnsafeMutablePointer<Float>) -> Void
    ) {
        pool.stripes(of: panelCount) { panels in
            let block = UnsafeMutablePointer<Float>.allocate(capacity: 16 * columns)
            defer { block.deallocate() }
            for panel in panels { pack(panel, through: block, read: read) }
        }
    }

    private func pack(
        _ panel: Int,
        through block: UnsafeMutablePointer<Float>,
        read: (Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        let count = min(16, rows - 16 * panel)
        for row in 0..<count { read(16 * panel + row, block + row * columns) }
        tm_pack_panel(
            format.code,
            block,
            columns,
            Int32(count),
            Int32(columns),
            memory.base + panel * panelBytes
        )
    }

    /// Writes row `row` as floats: what an embedding look-up reads.
    package func copy(row: Int, into out: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row outside the matrix")
        let panel = base + row / 16 * panelBytes
        tm_unpack_row(format.code, panel, Int32(row % 16), Int32(columns), out)
    }
}
