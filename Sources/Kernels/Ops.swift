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
    private let reordered: Rows
    let parts: AttentionParts

    /// Below this many multiply-adds a phase is done by the caller: waking a worker costs more.
    private static let serialWork = 1 << 15

    /// - Parameters:
    ///   - maxRows: the most tokens any call will have.
    ///   - maxWidth: the longest row any matrix will read.
    ///   - partFloats: room for workers to share one sequence's attention, see `CacheLayer`; with 0
    ///     each key/value head of it is one worker's.
    package init(
        pool: WorkerPool,
        level: KernelLevel = .best,
        maxRows: Int,
        maxWidth: Int,
        partFloats: Int = 0,
        observer: (any ActivationObserver)? = nil
    ) throws(KernelError) {
        self.observer = observer
        self.pool = pool
        self.level = level
        kernels = KernelTable(level)
        quantized = try QuantizedRows(capacity: maxRows, maxWidth: (maxWidth + 31) & ~31)
        reordered = try Rows(capacity: maxRows, width: maxWidth)
        parts = try AttentionParts(count: partFloats)
    }

    var table: tm_kernels { kernels.functions.pointee }
    var attention: tm_attention_kernels { kernels.functions.pointee.attention.pointee }

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
    package func matmul(
        _ x: Rows,
        rows: Int,
        _ first: Product,
        _ second: Product? = nil,
        _ third: Product? = nil
    ) {
        multiply(x, rows, Products(first, second, third), adding: false)
    }

    /// sum += x W^T, the residual form.
    package func matmul(adding sum: Rows, _ x: Rows, rows: Int, _ matrix: Matrix) {
        multiply(x, rows, Products(Product(matrix, sum)), adding: true)
    }

    /// The products of one phase. Not an array: a warm step allocates nothing.
    private struct Products {
        let first: Product
        let second, third: Product?

        init(_ first: Product, _ second: Product? = nil, _ third: Product? = nil) {
            self.first = first
            self.second = second
            self.third = third
        }

        func each(_ body: (Product) -> Void) {
            body(first)
            if let second { body(second) }
            if let third { body(third) }
        }

        var areQuantized: Bool {
            first.matrix.format.isQuantized || second?.matrix.format.isQuantized == true
                || third?.matrix.format.isQuantized == true
        }

        var weightCount: Int {
            var count = 0
            each { count += $0.matrix.rows * $0.matrix.columns }
            return count
        }

        /// Whether all take the columns in the same order.
        var shareOrder: Bool {
            var shared = true
            each { shared = shared && $0.matrix.columnOrder == first.matrix.columnOrder }
            return shared
        }
    }

    /// Activations as one phase reads them.
    private struct Input {
        let base: UnsafeMutablePointer<Float>
        let stride: Int
        let width: Int

        subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }
    }

    /// One phase for products that take the columns in the same order, else one for each.
    private func multiply(_ x: Rows, _ rows: Int, _ products: Products, adding: Bool) {
        guard products.shareOrder else {
            return products.each { multiply(x, rows, Products($0), adding: adding) }
        }
        if let observer { products.each { observer.observe($0.matrix, x, rows: rows) } }
        let input = Input(base: x.base, stride: x.stride, width: x.width)
        let order = products.first.matrix.columnOrder
        multiply(order.map { reorder(input, rows, $0) } ?? input, rows, products, adding)
    }

    private func multiply(_ x: Input, _ rows: Int, _ products: Products, _ adding: Bool) {
        if products.areQuantized { quantize(x, rows) }
        guard products.weightCount * rows > Self.serialWork, pool.count > 1 else {
            return products.each { product in
                multiply(x, rows, product, 0..<product.matrix.panelCount, adding)
            }
        }
        pool.run(on: (self, x, rows, products, adding)) { phase, worker in
            let (ops, x, rows, products, adding) = phase
            products.each { product in
                let panels = ops.pool.stripe(worker, of: product.matrix.panelCount)
                if !panels.isEmpty { ops.multiply(x, rows, product, panels, adding) }
            }
        }
    }

    private func multiply(
        _ x: Input,
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
        guard let multiply = tm_matmul_of(kernels.functions, matrix.format.code) else {
            preconditionFailure("no kernel for \(matrix.format)")
        }
        multiply(
            matrix.base,
            &activations,
            Int32(panels.lowerBound),
            Int32(panels.upperBound),
            product.output.base,
            product.output.stride,
            adding ? 1 : 0
        )
    }

    /// A copy of `x` with its columns in the order that a matrix has them.
    private func reorder(_ x: Input, _ rows: Int, _ order: [Int32]) -> Input {
        precondition(order.count == x.width)
        precondition(rows <= reordered.capacity && x.width <= reordered.width)
        forRows(rows, cost: 4 * x.width) { row in
            let from = x[row], to = reordered[row]
            for (i, column) in order.enumerated() { to[i] = from[Int(column)] }
        }
        return Input(base: reordered.base, stride: reordered.stride, width: x.width)
    }

    private func quantize(_ x: Input, _ rows: Int) {
        precondition(rows <= quantized.capacity && x.width <= quantized.maxWidth)
        let width = x.width
        forRows(rows, cost: 4 * width) { row in
            table.quantize(
                x[row],
                Int32(width),
                quantized.quants + row * width,
                quantized.scales + row * (width / 32),
                quantized.sums + row * (width / 16)
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
