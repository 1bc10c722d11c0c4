/// A tensor of floats that lies as (..., inputs, outputs), as a matrix of (... * outputs, inputs).
struct TransposedMatrix: StoredMatrix {
    private static let panelHeight = 16
    private let tensor: Tensor
    private let outputs: Int
    let columns: Int
    private let panels: RowPanels

    /// - Precondition: the tensor has at least two dimensions, and blocks of one value.
    init(_ tensor: Tensor) {
        self.tensor = tensor
        outputs = tensor.shape.last ?? 1
        columns = tensor.shape.dropLast().last ?? 1
        panels = RowPanels(
            height: Self.panelHeight,
            rowBytes: columns * tensor.type.byteCount
        )
    }

    var rows: Int { tensor.shape.dropLast(2).reduce(outputs, *) }
    var encoding: MatrixEncoding { .blocks(tensor.type) }

    func read(row index: Int, into row: EncodedRow) {
        let part = index / outputs, output = index % outputs
        let place = output % Self.panelHeight
        let count = (outputs - 1) / Self.panelHeight + 1
        panels.copy(
            row: place,
            of: part * count + output / Self.panelHeight,
            into: row.bytes
        ) { out, stride in
            let width = min(Self.panelHeight, outputs - (output - place))
            let first = part * columns * outputs + output - place
            switch tensor.type.byteCount {
            case 1: gather(UInt8.self, first, width, into: out, stride)
            case 2: gather(UInt16.self, first, width, into: out, stride)
            case 4: gather(UInt32.self, first, width, into: out, stride)
            default: gather(UInt64.self, first, width, into: out, stride)
            }
        }
    }

    /// Writes `width` rows whose first value is value `first` of the tensor, `stride` bytes apart.
    @inline(__always)
    private func gather<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type,
        _ first: Int,
        _ width: Int,
        into out: UnsafeMutableRawPointer,
        _ stride: Int
    ) {
        let bytes = tensor.bytes, size = MemoryLayout<Value>.size
        for column in 0..<columns {
            let start = (first + column * outputs) * size
            for row in 0..<width {
                let value = bytes.loadUnaligned(fromByteOffset: start + row * size, as: type)
                out.storeBytes(of: value, toByteOffset: row * stride + column * size, as: type)
            }
        }
    }
}
