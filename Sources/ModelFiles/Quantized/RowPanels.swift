internal import Glibc
internal import Synchronization

/// Keeps rows of a matrix that lies transposed, some neighbours decoded at a time. Each of the
/// file's cache lines holds a piece of many rows: fetched for one row alone it would be gone, in a
/// large matrix, when the next row needs it.
final class RowPanels: Sendable {
    private struct Panel {
        let index: Int
        let bytes: [UInt8]
    }

    /// In the order they were made. More than there are threads, so that none pushes out a panel
    /// that another still reads.
    private let recent = Mutex<[Panel]>([])
    private let limit = 2 * max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    private let height: Int
    private let rowBytes: Int
    /// From row to row in a panel. Not `rowBytes`: powers of two would put all rows in the same few
    /// places of the processor's cache.
    private let stride: Int

    /// - Parameter height: rows of a panel.
    init(height: Int, rowBytes: Int) {
        self.height = height
        self.rowBytes = rowBytes
        stride = rowBytes + 64
    }

    /// Copies a row of a panel.
    /// - Parameter decode: writes the panel's rows from the address on, the given distance apart.
    func copy(
        row: Int,
        of panel: Int,
        into out: UnsafeMutableRawPointer,
        decode: (UnsafeMutableRawPointer, _ stride: Int) -> Void
    ) {
        let known = recent.withLock { panels in panels.last { $0.index == panel }?.bytes }
        (known ?? add(panel, decode)).withUnsafeBytes { bytes in
            let range = row * stride..<row * stride + rowBytes
            UnsafeMutableRawBufferPointer(start: out, count: rowBytes).copyBytes(from: bytes[range])
        }
    }

    private func add(
        _ panel: Int,
        _ decode: (UnsafeMutableRawPointer, _ stride: Int) -> Void
    ) -> [UInt8] {
        let count = height * stride
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            decode(UnsafeMutableRawPointer(start), stride)
            filled = count
        }
        recent.withLock { panels in
            if panels.count == limit { panels.removeFirst() }
            panels.append(Panel(index: panel, bytes: bytes))
        }
        return bytes
    }
}
