internal import COpenBLAS
internal import Foundation
package import ModelFiles

/// Rounding to 4 bits that minimises the error of a layer's output instead of its weights' (GPTQ,
/// Frantar et al. 2022): columns are rounded one after the other, and what each loses is made up
/// for by the columns that follow, as far as the layer's inputs are correlated.
package struct CompensatedRounding: Sendable {
    /// Formats this can round to: a scale per 32 weights times a code book of 16 values.
    package static let types: Set<TensorType> = [.q4_0, .iq4_nl]

    private let width: Int
    /// U of U^T U = (x x^T)^-1, upper triangle, row by row.
    private let factor: [Float]

    /// - Parameters:
    ///   - moments: the upper triangle of the mean of x x^T, (width, width).
    ///   - damping: share of the mean diagonal added to it, so that rare directions stay tame.
    /// - Returns: nil when the moments have no inverse even so.
    package init?(moments: [Float], width: Int, damping: Double = 0.01) {
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

    /// Columns whose losses are passed on together.
    private static let stripe = 128

    /// Rounds `rows` rows and writes their blocks.
    /// - Parameters:
    ///   - weights: (rows, width); changed on the way.
    ///   - out: room for the rows' blocks.
    package func encode(
        _ weights: UnsafeMutablePointer<Float>,
        rows: Int,
        as type: TensorType,
        into out: UnsafeMutableRawPointer
    ) {
        let book = CodeBook(type)
        let losses = UnsafeMutablePointer<Float>.allocate(capacity: rows * Self.stripe)
        defer { losses.deallocate() }
        let rowBytes = width / type.blockWidth * type.byteCount
        for start in stride(from: 0, to: width, by: Self.stripe) {
            let end = min(start + Self.stripe, width)
            for row in 0..<rows {
                let row0 = weights + row * width, loss = losses + row * Self.stripe
                for block in stride(from: start, to: end, by: type.blockWidth) {
                    let target = out + row * rowBytes + block / type.blockWidth * type.byteCount
                    round(row0, block, end, loss - start, book, target)
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

    /// Rounds the 32 columns from `block` and passes their losses on up to column `end`.
    private func round(
        _ row: UnsafeMutablePointer<Float>,
        _ block: Int,
        _ end: Int,
        _ losses: UnsafeMutablePointer<Float>,
        _ book: CodeBook,
        _ out: UnsafeMutableRawPointer
    ) {
        let scale = book.scale(for: row + block) { 1 / factor[(block + $0) * (width + 1)] }
        let value = Float(scale)
        factor.withUnsafeBufferPointer { factor in
            guard let factor = factor.baseAddress else { return }
            for offset in 0..<32 {
                let column = block + offset, own = factor + column * width
                let code = book.nearest(row[column], scale: value)
                // Element j shares its byte with element j + 16.
                let byte = out + 2 + offset % 16
                let low = offset < 16 ? 0 : byte.load(as: UInt8.self)
                byte.storeBytes(of: low | code << (offset < 16 ? 0 : 4), as: UInt8.self)
                let loss = (row[column] - value * book.values[Int(code)]) / own[column]
                losses[column] = loss
                for next in stride(from: column + 1, to: end, by: 1) {
                    row[next] -= loss * own[next]
                }
            }
        }
        out.storeBytes(of: scale.bitPattern.littleEndian, as: UInt16.self)
    }
}

/// The 16 values, before scaling, of a format of 4 bits.
private struct CodeBook {
    let values: [Float]

    init(_ type: TensorType) {
        switch type {
        case .iq4_nl:
            values = [
                -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
            ]
        default: values = (-8...7).map { Float($0) }
        }
    }

    func nearest(_ x: Float, scale: Float) -> UInt8 {
        guard scale != 0 else { return values[8] == 0 ? 8 : 0 }
        let wanted = x / scale
        var best = 0
        for code in 1..<values.count where abs(values[code] - wanted) < abs(values[best] - wanted) {
            best = code
        }
        return UInt8(best)
    }

    /// The scale that rounds 32 weights with the least weighted squared error, among those that put
    /// the largest weight near either end of the book.
    func scale(
        for weights: UnsafePointer<Float>,
        importance: (_ index: Int) -> Float
    ) -> Float16 {
        let extreme = (0..<32).max { abs(weights[$0]) < abs(weights[$1]) }.map { weights[$0] } ?? 0
        guard extreme != 0, extreme.isFinite else { return 0 }
        let weighted = (0..<32).map { index in
            let weight = importance(index)
            return weight * weight
        }
        var best: (scale: Float16, error: Float) = (0, .infinity)
        for end in [values[0], values[values.count - 1]] {
            for step in 0..<14 {
                let scale = Float16(extreme / end * (0.7 + 0.025 * Float(step)))
                guard scale.isFinite else { continue }
                var error: Float = 0
                for index in 0..<32 {
                    let code = nearest(weights[index], scale: Float(scale))
                    let miss = weights[index] - Float(scale) * values[Int(code)]
                    error += weighted[index] * miss * miss
                }
                if error < best.error { best = (scale, error) }
            }
        }
        return best.scale
    }
}
