internal import CKernels

// What workers see of buffers, weights and functions: plain memory, which is not counted. Were they
// given references, all of them would change the same few counters in every phase. Whoever makes a
// view keeps what it shows alive.

/// Rows of floats.
struct RowView {
    let base: UnsafeMutablePointer<Float>
    let stride, width: Int

    subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }
}

extension Rows {
    var view: RowView { RowView(base: base, stride: stride, width: width) }
}

/// A level's functions, and the buffers that all phases use.
struct Tools: @unchecked Sendable {  // guarded like what it shows
    let kernels: UnsafePointer<tm_kernels>
    /// Int8 copies of rows.
    let quants: UnsafeMutablePointer<Int8>
    let scales: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Int16>
    /// Rows whose columns are in a matrix's own order.
    let reordered: RowView
    /// What attention gathered of a few sequences' chunks of positions.
    let parts: UnsafeMutablePointer<Float>

    var attention: UnsafePointer<tm_attention_kernels> { kernels.pointee.attention }

    func quantize(_ x: UnsafePointer<Float>, _ row: Int, _ width: Int) {
        kernels.pointee.quantize(
            x,
            Int32(width),
            quants + row * width,
            scales + row * (width / 32),
            sums + row * (width / 16)
        )
    }
}
