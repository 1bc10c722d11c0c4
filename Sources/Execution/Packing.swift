internal import Kernels
internal import ModelFiles

extension WeightLoader {
    func packed(
        _ stored: any StoredMatrix,
        _ rows: Int,
        _ part: Part?,
        _ name: String,
        _ quantize: WeightFormat?
    ) throws(ExecutionError) -> Matrix {
        guard case .blocks(let type) = stored.encoding,
            let own = WeightFormat(rawValue: type.rawValue)
        else {
            throw .init(.unsupported, "\(name)")
        }
        var format = quantize ?? own
        if stored.columns % format.blockWidth != 0 { format = own }
        let matrix: Matrix
        do throws(KernelError) {
            matrix = try Matrix(rows: rows, columns: stored.columns, format: format)
        } catch { throw .init(.outOfMemory, "\(name): \(error)") }
        let columns = stored.columns
        matrix.fill(pool) { row, out in
            let b = UnsafeMutableRawPointer.allocate(byteCount: columns * 4, alignment: 16)
            defer { b.deallocate() }
            let s = UnsafeMutablePointer<Float>.allocate(capacity: 1),
                z = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
            stored.read(row: part?.row(row) ?? row, into: EncodedRow(bytes: b, scales: s, zeros: z))
            s.deallocate(); z.deallocate()
            for i in 0..<columns {
                switch type {
                case .f32: out[i] = b.load(fromByteOffset: 4 * i, as: Float.self)
                case .f16: out[i] = Float(b.load(fromByteOffset: 2 * i, as: Float16.self))
                default:
                    out[i] = Float(
                        bitPattern: UInt32(b.load(fromByteOffset: 2 * i, as: UInt16.self)) << 16
                    )
                }
            }
        }
        return matrix
    }
}
