internal import COpenBLAS
internal import Core
package import Kernels

/// What every matrix of a model gets to read on a text: the sum of x x^T over its inputs.
///
/// Unchecked: an executor observes from one thread, and readers come after its last step.
package final class SecondMoments: ActivationObserver, @unchecked Sendable {
    private struct Sum {
        var values: [Float]
        var tokens: Int
    }

    private let names: [ObjectIdentifier: String]
    private var sums: [String: Sum] = [:]

    /// - Parameter model: whose matrices are watched.
    package init(of model: Model) {
        names = model.matrixNames
        openblas_set_num_threads(1)  // beside the engine's own workers
    }

    package func observe(_ matrix: Matrix, _ x: Rows, rows: Int) {
        guard let name = names[ObjectIdentifier(matrix)] else { return }
        let width = matrix.columns
        var sum = sums[name] ?? Sum(values: Array(repeating: 0, count: width * width), tokens: 0)
        sums[name] = nil  // so that the array below has one owner and is changed in place
        sum.values.withUnsafeMutableBufferPointer { values in
            cblas_ssyrk(
                CblasRowMajor,
                CblasUpper,
                CblasTrans,
                Int32(width),
                Int32(rows),
                1,
                x.base,
                Int32(x.stride),
                1,
                values.baseAddress,
                Int32(width)
            )
        }
        sum.tokens += rows
        sums[name] = sum
    }

    /// The upper triangle of the mean of x x^T, row by row, (width, width); nil for a tensor that
    /// was not used.
    package func mean(ofInputsTo name: String) -> [Float]? {
        guard let sum = sums[name], sum.tokens > 0 else { return nil }
        let scale = 1 / Float(sum.tokens)
        return sum.values.map { $0 * scale }
    }
}
