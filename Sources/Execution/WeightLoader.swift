internal import Core
internal import Kernels
internal import ModelFiles

/// Reads weights by name, checks their shapes and packs them. Matrices keep the file's float format
/// or take the one asked for; vectors become floats.
package final class WeightLoader {
    private let source: ModelSource
    private let pool: WorkerPool
    private let quantize: WeightFormat?
    private var formats: [WeightFormat: Int] = [:]

    /// - Parameter quantize: format of every matrix whose rows divide into its blocks; nil keeps the
    ///   file's.
    init(_ source: ModelSource, pool: WorkerPool, quantize: WeightFormat?) {
        self.source = source
        self.pool = pool
        self.quantize = quantize
    }

    /// Weights loaded so far, by format.
    var weightCounts: [WeightFormat: Int] { formats }

    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(ExecutionError) -> Matrix {
        let tensor = try tensor(name, shape: [rows, columns])
        let stored = try storedFormat(of: tensor)
        var format = quantize ?? stored
        if columns % format.blockWidth != 0 { format = stored }
        let matrix: Matrix
        do throws(KernelError) {
            matrix = try Matrix(rows: rows, columns: columns, format: format)
        } catch { throw .init(.outOfMemory, "\(name): \(error)") }
        let bytes = tensor.bytes, rowBytes = columns * tensor.type.byteCount
        matrix.fill(pool) { row, out in
            read(
                UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<(row + 1) * rowBytes]),
                stored,
                columns,
                out
            )
        }
        formats[format, default: 0] += rows * columns
        return matrix
    }

    func vector(_ name: String, _ count: Int) throws(ExecutionError) -> Vector {
        let tensor = try tensor(name, shape: [count])
        _ = try storedFormat(of: tensor)
        formats[.f32, default: 0] += count
        return Vector(tensor.floats())
    }

    private func tensor(_ name: String, shape: [Int]) throws(ExecutionError) -> Tensor {
        let tensor: Tensor
        do throws(ModelFileError) {
            tensor = try source.tensor(name)
        } catch { throw .init(.badTensor, "\(error)") }
        guard tensor.shape == shape else {
            throw .init(
                .badTensor,
                "\(source.path): tensor \(name) has shape \(tensor.shape), "
                    + "but config.json asks for \(shape)"
            )
        }
        return tensor
    }

    private func storedFormat(of tensor: Tensor) throws(ExecutionError) -> WeightFormat {
        switch tensor.type {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        default:
            throw .init(
                .unsupported,
                "\(source.path): tensor \(tensor.name) is \(tensor.type); "
                    + "this build reads f32, f16 and bf16 weights"
            )
        }
    }
}

/// Widens `count` values of a float format. Bytes may be unaligned: safetensors promises nothing.
private func read(
    _ bytes: UnsafeRawBufferPointer,
    _ format: WeightFormat,
    _ count: Int,
    _ out: UnsafeMutablePointer<Float>
) {
    switch format {
    case .f32:
        UnsafeMutableRawBufferPointer(start: out, count: count * 4).copyMemory(from: bytes)
    case .f16:
        for i in 0..<count {
            out[i] = Float(
                Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
            )
        }
    case .bf16:
        for i in 0..<count {
            let bits = bytes.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
            out[i] = Float(bitPattern: UInt32(bits) << 16)
        }
    case .q8_0, .q4_0:
        preconditionFailure("storedFormat lets only float formats through")
    }
}
