internal import Core
internal import Kernels
internal import ModelFiles

/// Reads weights by name, checks their shapes and packs them. Matrices keep the file's number format
/// or take the one asked for; vectors become floats.
package final class WeightLoader {
    private let source: ModelSource
    let pool: WorkerPool
    private let quantize: WeightFormat?
    private var formats: [WeightFormat: Int] = [:]
    /// Bytes packed since file pages were last given back.
    private var unreleased = 0

    /// - Parameter quantize: format of every float matrix whose rows divide into its blocks; nil
    ///   keeps the file's.
    /// - Throws: where the model holds tensors that cannot be computed with, before any is read.
    init(
        _ source: ModelSource,
        pool: WorkerPool,
        quantize: WeightFormat?
    ) throws(ExecutionError) {
        do throws(ModelFileError) { try source.checkTypes() } catch {
            throw .init(.badTensor, "\(error)")
        }
        self.source = source
        self.pool = pool
        self.quantize = quantize
    }

    /// The tensor of each matrix loaded so far.
    private(set) var matrixNames: [ObjectIdentifier: String] = [:]

    /// Weights loaded so far, by format.
    var weightCounts: [WeightFormat: Int] { formats }

    /// Which rows of a tensor make up a matrix, where families keep several in one.
    struct Part {
        /// Rows of the whole tensor.
        let total: Int
        /// The tensor's row for each of the matrix's.
        let row: @Sendable (Int) -> Int

        static func rows(from start: Int, of total: Int) -> Part {
            Part(total: total) { start + $0 }
        }
    }

    func has(_ name: String) -> Bool { source.hasMatrix(name) }

    /// - Parameters:
    ///   - rows, columns: what the matrix must have.
    ///   - part: which rows of the tensor; nil takes all.
    ///   - transposed: the file holds (inputs, outputs).
    ///   - exact: keeps the file's format whatever was asked for; for routers.
    func matrix(
        _ name: String,
        _ rows: Int,
        _ columns: Int,
        part: Part? = nil,
        transposed: Bool = false,
        exact: Bool = false
    ) throws(ExecutionError) -> Matrix {
        let stored = try stored(name, rows: part?.total ?? rows, columns, transposed)
        let matrix = try packed(stored, rows: rows, part, name, quantize: exact ? nil : quantize)
        releasePages(after: matrix.byteCount)
        formats[matrix.format, default: 0] += rows * columns
        if readsAllInputs(name, part) { matrixNames[ObjectIdentifier(matrix)] = name }
        return matrix
    }

    /// Whether a matrix stands for its whole tensor: the first part of a fused one does, because all
    /// parts read the same inputs. Experts do not; each sees its own tokens, too few to tell much
    /// about, and what all of them see would not fit into memory.
    private func readsAllInputs(_ name: String, _ part: Part?) -> Bool {
        if name.contains(".experts.") { return false }
        guard let part else { return true }
        return part.row(0) == 0 && !name.contains("_moe.")
    }

    /// Asking the system for every small matrix of many experts would take longer than packing it.
    private func releasePages(after bytes: Int) {
        unreleased += bytes
        guard unreleased > 16 << 20 else { return }
        source.releasePages()
        unreleased = 0
    }

    func vector(
        _ name: String,
        _ count: Int,
        part: Part? = nil,
        adding offset: Float = 0
    ) throws(ExecutionError) -> Vector {
        let total = part?.total ?? count
        let stored = try reading { () throws(ModelFileError) in try source.vector(name) }
        guard stored.values.count == total else {
            throw wrongShape(name, stored.shape, [total])
        }
        formats[.f32, default: 0] += count
        let all = stored.values
        return Vector((0..<count).map { all[part?.row($0) ?? $0] + offset })
    }

    /// `name`.weight and, if wanted, `name`.bias.
    func linear(
        _ name: String,
        _ rows: Int,
        _ columns: Int,
        bias: Bool = false,
        part: Part? = nil,
        transposed: Bool = false,
        exact: Bool = false
    ) throws(ExecutionError) -> Linear {
        let weight = try matrix(
            name + ".weight",
            rows,
            columns,
            part: part,
            transposed: transposed,
            exact: exact
        )
        let bias = bias ? try vector(name + ".bias", rows, part: part) : nil
        return Linear(weight: weight, bias: bias)
    }

    func rmsNorm(
        _ name: String,
        _ count: Int,
        epsilon: Float,
        adding offset: Float = 0
    ) throws(ExecutionError) -> Norm {
        .rms(try vector(name + ".weight", count, adding: offset), epsilon: epsilon)
    }

    func layerNorm(
        _ name: String,
        _ count: Int,
        epsilon: Float,
        bias: Bool = true
    ) throws(ExecutionError) -> Norm {
        .layer(
            try vector(name + ".weight", count),
            bias: bias ? try vector(name + ".bias", count) : nil,
            epsilon: epsilon
        )
    }

    private func stored(
        _ name: String,
        rows: Int,
        _ columns: Int,
        _ transposed: Bool
    ) throws(ExecutionError) -> any StoredMatrix {
        let stored = try reading { () throws(ModelFileError) in
            try source.matrix(name, transposed: transposed)
        }
        guard stored.rows == rows, stored.columns == columns else {
            throw wrongShape(name, [stored.rows, stored.columns], [rows, columns])
        }
        return stored
    }

    private func wrongShape(_ name: String, _ found: [Int], _ wanted: [Int]) -> ExecutionError {
        ExecutionError(
            .badTensor,
            "\(source.path): tensor \(name) has shape \(found), but config.json asks for \(wanted)"
        )
    }

    private func reading<Value>(
        _ body: () throws(ModelFileError) -> Value
    ) throws(ExecutionError) -> Value {
        do throws(ModelFileError) { return try body() } catch {
            throw .init(.badTensor, "\(error)")
        }
    }
}
