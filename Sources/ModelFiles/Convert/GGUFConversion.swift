internal import Core
internal import Dispatch
internal import Glibc

/// Writes any model as one GGUF file, with the names, layouts and metadata of llama.cpp's converter,
/// so that llama.cpp and its relatives load it.
///
/// What config.json says and GGUF has no place for goes into a key of our own, `tokenmill.config`,
/// which others ignore.
package struct GGUFConversion {
    /// The file's tensors in order, with their final types and shapes.
    package let tensors: [GGUFWriter.Declaration]
    private let contents: [Content]
    private let metadata: [(key: String, value: GGUFValue)]
    private let plan: GGUFPlan

    fileprivate enum Content {
        /// Tensor `part` of a weight.
        case matrix(TensorBinding, part: Int)
        case values([Float])
    }

    /// Reads all small tensors and looks for all large ones.
    /// - Parameters:
    ///   - types: the type of each matrix, given its name in the file and its shape (outermost
    ///     dimension first). It must be one of `Blocks.encodable`, and its blocks must divide the
    ///     last dimension. Vectors are always `f32`.
    ///   - fileType: `general.file_type`: what llama.cpp calls the mixture of types.
    package init(
        _ source: ModelSource,
        fileType: Int? = nil,
        types: (_ name: String, _ shape: [Int]) -> TensorType
    ) throws(ModelFileError) {
        plan = try GGUFPlan(source)
        var tensors: [GGUFWriter.Declaration] = []
        var contents: [Content] = []
        func add(_ name: String, _ type: TensorType, _ shape: [Int], _ content: Content) {
            tensors.append(.init(name: name, type: type, shape: shape))
            contents.append(content)
        }
        for (name, values) in plan.settingVectors {
            add(name, .f32, [values.count], .values(values))
        }
        for (binding, part) in plan.parts {
            let name = binding.gguf[part]
            if binding.isVector {
                let vector = try plan.vector(binding, part)
                add(name, .f32, vector.shape, .values(vector.values))
            } else {
                let matrix = try plan.matrix(binding, part)
                let shape = plan.shape(binding, rows: matrix.rows, columns: matrix.columns)
                let type = types(name, shape)
                try Self.check(type, name, shape, source.path)
                add(name, type, shape, .matrix(binding, part: part))
            }
        }
        self.tensors = tensors
        self.contents = contents
        let isQuantised = tensors.contains { $0.type.blockWidth > 1 }
        metadata = try plan.metadata(fileType: fileType, isQuantised: isQuantised)
    }

    /// With the types that users of llama-quantize expect of a target.
    package init(_ source: ModelSource, target: QuantizationTarget) throws(ModelFileError) {
        let policy = try QuantizationPolicy(target, source)
        try self.init(source, fileType: target.fileType) { policy.type(of: $0, shape: $1) }
    }

    private static func check(
        _ type: TensorType,
        _ name: String,
        _ shape: [Int],
        _ path: String
    ) throws(ModelFileError) {
        if Blocks.encodable.contains(type), (shape.last ?? 0) % type.blockWidth == 0 { return }
        throw ModelFileError(
            .misuse,
            path: path,
            tensor: name,
            "of shape \(shape) cannot be written as \(type)"
        )
    }

    /// Bytes of tensor data the file will have.
    package var byteCount: Int {
        tensors.reduce(0) { $0 + ($1.type.byteCount(ofShape: $1.shape) ?? 0) }
    }

    // MARK: writing

    /// Runs `body` for 0 ..< count, in any order, on any threads.
    package typealias Parallel = (_ count: Int, _ body: @Sendable (Int) -> Void) -> Void

    package typealias Rounding = (_ name: String, _ type: TensorType) -> (any RowRounding)?

    /// Bytes of rows that are encoded before they are written.
    private static let chunkBytes = 16 << 20

    /// Writes the file under another name first, so that `path` is whole or not there.
    /// - Parameters:
    ///   - parallel: who encodes; nil takes all of the machine's cores.
    ///   - rounding: how to round a weight of this Hugging Face name to this type; nil rounds each
    ///     value for itself.
    ///   - progress: called with the share of all bytes that is written.
    package func write(
        to path: String,
        parallel: Parallel? = nil,
        rounding: Rounding = { _, _ in nil },
        progress: (Double) -> Void = { _ in }
    ) throws(ModelFileError) {
        let temporary = "\(path).\(getpid()).part"
        do throws(ModelFileError) {
            try writeData(to: temporary, parallel ?? Self.onAllCores, rounding, progress)
            if rename(temporary, path) != 0 { throw systemError(path, "cannot be written") }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func onAllCores(_ count: Int, _ body: @Sendable (Int) -> Void) {
        DispatchQueue.concurrentPerform(iterations: count, execute: body)
    }

    private func writeData(
        to path: String,
        _ parallel: Parallel,
        _ rounding: Rounding,
        _ progress: (Double) -> Void
    ) throws(ModelFileError) {
        let writer = try GGUFWriter(path: path, metadata: metadata, tensors: tensors)
        let total = Double(max(1, byteCount))
        var written = 0
        for (tensor, content) in zip(tensors, contents) {
            switch content {
            case .values(let values):
                try writer.append(values)
                written += values.count * MemoryLayout<Float>.size
                progress(Double(written) / total)
            case .matrix(let binding, let part):
                let own = binding.huggingFace.count == 1 ? binding.huggingFace.first : nil
                let encoder = RowEncoder(
                    try plan.matrix(binding, part),
                    tensor.type,
                    own.flatMap { rounding($0, tensor.type) }
                )
                try encoder.forEachChunk(of: Self.chunkBytes, parallel) {
                    bytes throws(ModelFileError) in
                    try writer.append(bytes)
                    written += bytes.count
                    progress(Double(written) / total)
                }
                plan.releasePages()
            }
        }
        try writer.finish()
    }
}

/// A way to round rows that knows more than their values.
package protocol RowRounding: Sendable {
    /// Rounds `rows` rows and writes their blocks. Called from several threads.
    /// - Parameters:
    ///   - weights: (rows, columns); may be changed.
    ///   - out: room for the rows' blocks.
    func encode(
        _ weights: UnsafeMutablePointer<Float>,
        rows: Int,
        as type: TensorType,
        into out: UnsafeMutableRawPointer
    )
}

/// Rows of a matrix in another type.
struct RowEncoder {
    private let matrix: any StoredMatrix
    private let type: TensorType
    private let decoder: RowDecoder
    private let rounding: (any RowRounding)?

    /// - Precondition: the type is one of `Blocks.encodable` and divides the columns.
    init(_ matrix: any StoredMatrix, _ type: TensorType, _ rounding: (any RowRounding)? = nil) {
        self.matrix = matrix
        self.type = type
        self.rounding = rounding
        decoder = RowDecoder(matrix)
    }

    private var rowBytes: Int { MatrixEncoding.blocks(type).byteCount(columns: matrix.columns) }

    /// Hands over all rows in order, as many at a time as fit into `size` bytes; at least one.
    func forEachChunk(
        of size: Int,
        _ parallel: GGUFConversion.Parallel,
        _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        let height = min(matrix.rows, max(1, size / max(1, rowBytes)))
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(1, height * rowBytes),
            alignment: 64
        )
        defer { buffer.deallocate() }
        // Every row is written by one call alone, and read after all of them.
        guard let start = buffer.baseAddress else { return }
        nonisolated(unsafe) let out = start
        // Several rows at a time, so that handing them out costs nothing beside encoding them.
        let step = max(1, min(height / 64, 64))
        for first in stride(from: 0, to: matrix.rows, by: height) {
            let count = min(height, matrix.rows - first)
            parallel((count + step - 1) / step) { index in
                let rows = index * step..<min((index + 1) * step, count)
                if let rounding { return encode(rows, after: first, by: rounding, into: out) }
                for row in rows { encode(first + row, into: out + row * rowBytes) }
            }
            try body(UnsafeRawBufferPointer(start: out, count: count * rowBytes))
        }
    }

    private func encode(_ row: Int, into out: UnsafeMutableRawPointer) {
        if matrix.encoding == .blocks(type), matrix.columnOrder == nil {
            return copy(row, into: out)
        }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: matrix.columns) { floats in
            guard let values = floats.baseAddress else { return }
            decoder.decode(row: row, into: values)
            Blocks.encode(type, floats: values, count: matrix.columns, into: out)
        }
    }

    private func encode(
        _ rows: Range<Int>,
        after first: Int,
        by rounding: any RowRounding,
        into out: UnsafeMutableRawPointer
    ) {
        let columns = matrix.columns
        let values = UnsafeMutablePointer<Float>.allocate(capacity: rows.count * columns)
        defer { values.deallocate() }
        for (place, row) in rows.enumerated() {
            decoder.decode(row: first + row, into: values + place * columns)
        }
        let target = out + rows.lowerBound * rowBytes
        rounding.encode(values, rows: rows.count, as: type, into: target)
    }

    /// Blocks have no scales and zeros beside them.
    private func copy(_ row: Int, into out: UnsafeMutableRawPointer) {
        var scale: Float = 0
        var zero: UInt8 = 0
        withUnsafeMutablePointer(to: &scale) { scales in
            withUnsafeMutablePointer(to: &zero) { zeros in
                matrix.read(row: row, into: EncodedRow(bytes: out, scales: scales, zeros: zeros))
            }
        }
    }
}
