internal import CKernels
internal import CLinux

/// Sees what every matrix is multiplied with.
package protocol ActivationObserver: AnyObject, Sendable {
    /// - Parameter x: (rows, matrix.columns).
    func observe(_ matrix: Matrix, _ x: Rows, rows: Int)
}

/// The operations an architecture is written in, on rows of floats, spread over the worker pool.
/// `rows` counts tokens; every operation treats each token for itself.
package final class Ops: Sendable {
    package let pool: WorkerPool
    package let level: KernelLevel
    private let kernels: KernelTable
    private let quantized: QuantizedRows
    private let observer: (any ActivationObserver)?

    /// Below this many multiply-adds a phase is done by the caller: waking a worker costs more.
    private static let serialWork = 1 << 15

    /// - Parameters:
    ///   - maxRows: the most tokens any call will have.
    ///   - maxWidth: the longest row any matrix will read.
    package init(
        pool: WorkerPool,
        level: KernelLevel = .best,
        maxRows: Int,
        maxWidth: Int,
        observer: (any ActivationObserver)? = nil
    ) throws(KernelError) {
        self.observer = observer
        self.pool = pool
        self.level = level
        kernels = KernelTable(level)
        quantized = try QuantizedRows(capacity: maxRows, maxWidth: (maxWidth + 31) & ~31)
    }

    var table: tm_kernels { kernels.functions.pointee }

    /// Runs `body` with denormals flushed to zero on this thread, as on every worker.
    package func computing<R>(_ body: () -> R) -> R {
        let state = clinux_flush_denormals()
        defer { clinux_restore_float_state(state) }
        return body()
    }

    // MARK: matrices

    /// One matrix of a phase and where its product goes.
    package struct Product {
        let matrix: Matrix
        let output: Rows

        package init(_ matrix: Matrix, _ output: Rows) {
            self.matrix = matrix
            self.output = output
        }
    }

    /// output = x W^T for each product; all read the same `x`. Shapes: x `(rows, columns)`, output
    /// `(rows, matrix.rows)`.
    package func matmul(_ x: Rows, rows: Int, _ products: Product...) {
        multiply(x, rows, products, adding: false)
    }

    /// sum += x W^T, the residual form.
    package func matmul(adding sum: Rows, _ x: Rows, rows: Int, _ matrix: Matrix) {
        multiply(x, rows, [Product(matrix, sum)], adding: true)
    }

    private func multiply(_ x: Rows, _ rows: Int, _ products: [Product], adding: Bool) {
        if let observer {
            for product in products { observer.observe(product.matrix, x, rows: rows) }
        }
        if products.contains(where: { $0.matrix.format.isQuantized }) { quantize(x, rows) }
        let work = products.reduce(0) { $0 + $1.matrix.rows * $1.matrix.columns } * rows
        guard work > Self.serialWork, pool.count > 1 else {
            for product in products {
                multiply(x, rows, product, 0..<product.matrix.panelCount, adding)
            }
            return
        }
        pool.run { worker in
            for product in products {
                let panels = pool.stripe(worker, of: product.matrix.panelCount)
                if !panels.isEmpty { multiply(x, rows, product, panels, adding) }
            }
        }
    }

    private func multiply(
        _ x: Rows,
        _ rows: Int,
        _ product: Product,
        _ panels: Range<Int>,
        _ adding: Bool
    ) {
        let matrix = product.matrix
        precondition(matrix.columns == x.width && matrix.rows == product.output.width)
        var activations = tm_activations(
            values: x.base,
            value_stride: x.stride,
            quants: quantized.quants,
            scales: quantized.scales,
            sums: quantized.sums,
            tokens: Int32(rows),
            k: Int32(matrix.columns)
        )
        matmul(for: matrix.format)(
            matrix.base,
            &activations,
            Int32(panels.lowerBound),
            Int32(panels.upperBound),
            product.output.base,
            product.output.stride,
            adding ? 1 : 0
        )
    }

    private typealias MatmulFunction =
        @convention(c) (
            UnsafeRawPointer?, UnsafePointer<tm_activations>?, Int32, Int32,
            UnsafeMutablePointer<Float>?,
            Int, Int32
        ) -> Void

    private func matmul(for format: WeightFormat) -> MatmulFunction {
        let functions = table.matmul
        let chosen =
            switch format {
            case .f32: functions.0
            case .f16: functions.1
            case .bf16: functions.2
            case .q8_0: functions.3
            case .q4_0: functions.4
            }
        guard let chosen else { preconditionFailure("no kernel for \(format)") }
        return chosen
    }

    private func quantize(_ x: Rows, _ rows: Int) {
        precondition(rows <= quantized.capacity && x.width <= quantized.maxWidth)
        let width = x.width
        forRows(rows, cost: 4 * width) { row in
            table.quantize(
                x[row],
                Int32(width),
                quantized.quants + row * width,
                quantized.scales + row * (width / 32),
                quantized.sums + row * (width / 32)
            )
        }
    }

    /// Calls `body` for each row, on the workers when there is enough to do.
    func forRows(_ rows: Int, cost: Int, _ body: (Int) -> Void) {
        let few = max(1, Self.serialWork / max(cost, 1))
        pool.stripes(of: rows, minimum: few) { range in
            for row in range { body(row) }
        }
    }

    // MARK: vectors

    /// x[i] = row `tokens[i]` of the embedding.
    package func gather(_ x: Rows, _ embedding: Matrix, _ tokens: [Int32]) {
        precondition(embedding.columns == x.width)
        forRows(tokens.count, cost: 4 * x.width) { row in
            embedding.copy(row: Int(tokens[row]), into: x[row])
        }
    }

    /// out[i] = x[sources[i]].
    package func select(_ out: Rows, _ x: Rows, _ sources: [Int]) {
        precondition(out.width == x.width && sources.count <= out.capacity)
        for (row, source) in sources.enumerated() {
            out[row].update(from: x[source], count: x.width)
        }
    }

    package func rmsNorm(_ out: Rows, _ x: Rows, rows: Int, _ weight: Vector, epsilon: Float) {
        precondition(weight.count == x.width && out.width == x.width)
        forRows(rows, cost: 4 * x.width) { row in
            table.rms_norm(x[row], weight.base, Int32(x.width), epsilon, out[row])
        }
    }

    /// RMS norm of each head of each row, in place; `weight` is one head wide.
    package func headNorm(_ x: Rows, rows: Int, _ weight: Vector, epsilon: Float) {
        let width = weight.count
        forRows(rows, cost: 4 * x.width) { row in
            for head in stride(from: 0, to: x.width, by: width) {
                let values = x[row] + head
                table.rms_norm(values, weight.base, Int32(width), epsilon, values)
            }
        }
    }

    /// x[i] += bias.
    package func add(_ x: Rows, rows: Int, bias: Vector) {
        precondition(bias.count == x.width)
        forRows(rows, cost: x.width) { row in table.add(x[row], bias.base, Int32(x.width)) }
    }

}
