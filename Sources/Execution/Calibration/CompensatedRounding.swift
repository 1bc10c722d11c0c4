internal import COpenBLAS
internal import Foundation
package import ModelFiles

/// Rounding to few bits that minimises the error of a layer's output instead of its weights' (GPTQ,
/// Frantar et al. 2022): columns are rounded one after the other, and what each loses is made up
/// for by the columns that follow, as far as the layer's inputs are correlated.
package struct CompensatedRounding: RowRounding {
    /// Formats this can round to.
    package static let types = BlockLattice.types
    /// What a model can be quantised to with it; all of its matrices but those whose rows do not
    /// divide into blocks are of these formats.
    package static let targets: [QuantizationTarget] = [.q4_0, .iq4_nl, .q4_k_m, .q5_k_m, .q6_k]

    private let width: Int
    /// U of U^T U = (x x^T)^-1, upper triangle, row by row.
    private let factor: [Float]

    /// - Parameters:
    ///   - moments: the upper triangle of the mean of x x^T, (width, width).
    ///   - damping: share of the mean diagonal added to it, so that rare directions stay tame.
    /// - Returns: nil when the moments have no inverse even so.
    package init?(moments: [Float], damping: Double = 0.01) {
        let width = Int(Double(moments.count).squareRoot())
        var matrix = moments.map { Double($0) }
        let mean = (0..<width).reduce(0) { $0 + matrix[$1 * width + $1] } / Double(max(width, 1))
        guard mean > 0, mean.isFinite else { return nil }
        for i in 0..<width {
            matrix[i * width + i] += damping * mean
            for j in 0..<i { matrix[i * width + j] = matrix[j * width + i] }
        }
        // Symmetric: LAPACK's lower triangle by columns is the upper one by rows.
        guard Self.call(dpotrf_, &matrix, width), Self.call(dpotri_, &matrix, width),
            Self.call(dpotrf_, &matrix, width)
        else { return nil }
        self.width = width
        factor = matrix.map { Float($0) }
    }

    private typealias Routine =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<Int32>?, UnsafeMutablePointer<Double>?,
            UnsafePointer<Int32>?, UnsafeMutablePointer<Int32>?, Int
        ) -> Void

    private static func call(_ routine: Routine, _ matrix: inout [Double], _ width: Int) -> Bool {
        var lower = CChar(UInt8(ascii: "L")), size = Int32(width), status: Int32 = 0
        matrix.withUnsafeMutableBufferPointer {
            routine(&lower, &size, $0.baseAddress, &size, &status, 1)
        }
        return status == 0
    }

    /// Columns whose losses are passed on together; whole blocks of every type.
    private static let stripe = 256

    /// Rounds `rows` rows and writes their blocks. Called from several threads.
    /// - Parameters:
    ///   - weights: (rows, width); changed on the way.
    ///   - out: room for the rows' blocks.
    package func encode(
        _ weights: UnsafeMutablePointer<Float>,
        rows: Int,
        as type: TensorType,
        into out: UnsafeMutableRawPointer
    ) {
        let losses = UnsafeMutablePointer<Float>.allocate(capacity: rows * Self.stripe)
        defer { losses.deallocate() }
        let rowBytes = width / type.blockWidth * type.byteCount
        for start in stride(from: 0, to: width, by: Self.stripe) {
            let end = min(start + Self.stripe, width)
            for row in 0..<rows {
                let row0 = weights + row * width, loss = losses + row * Self.stripe
                for block in stride(from: start, to: end, by: type.blockWidth) {
                    let target = out + row * rowBytes + block / type.blockWidth * type.byteCount
                    round(row0, block, end, loss - start, type, target)
                }
            }
            guard end < width else { break }
            factor.withUnsafeBufferPointer { factor in
                guard let base = factor.baseAddress else { return }
                cblas_sgemm(
                    CblasRowMajor,
                    CblasNoTrans,
                    CblasNoTrans,
                    Int32(rows),
                    Int32(width - end),
                    Int32(end - start),
                    -1,
                    losses,
                    Int32(Self.stripe),
                    base + start * width + end,
                    Int32(width),
                    1,
                    weights + end,
                    Int32(width)
                )
            }
        }
    }

    /// Rounds the columns of the block that starts at column `block`, with scales for the weights as
    /// they are then, and passes their losses on up to column `end`.
    private func round(
        _ row: UnsafeMutablePointer<Float>,
        _ block: Int,
        _ end: Int,
        _ losses: UnsafeMutablePointer<Float>,
        _ type: TensorType,
        _ out: UnsafeMutableRawPointer
    ) {
        let count = type.blockWidth
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { importance in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { codes in
                guard let weights = importance.baseAddress, let codes = codes.baseAddress else {
                    return
                }
                for place in 0..<count {
                    let own = factor[(block + place) * (width + 1)]
                    weights[place] = 1 / (own * own)
                }
                let lattice = BlockLattice(type, row + block, weights: weights)
                for place in 0..<count {
                    let column = block + place
                    let (code, value) = lattice.nearest(row[column], at: place)
                    codes[place] = code
                    losses[column] = pass(row[column] - value, of: column, on: row, upTo: end)
                }
                lattice.store(codes, into: out)
            }
        }
    }

    /// Takes what the columns after `column` can make up for off them.
    /// - Returns: the loss in the factor's units.
    private func pass(
        _ miss: Float,
        of column: Int,
        on row: UnsafeMutablePointer<Float>,
        upTo end: Int
    ) -> Float {
        factor.withUnsafeBufferPointer { factor in
            guard let factor = factor.baseAddress else { return 0 }
            let own = factor + column * width, loss = miss / own[column]
            for next in column + 1..<max(end, column + 1) { row[next] -= loss * own[next] }
            return loss
        }
    }
}
