internal import CKernels
internal import CLinux

/// The operations an architecture is written in, on rows of floats, spread over the worker pool.
/// `rows` counts tokens; every operation treats each token for itself.
package final class Ops: Sendable {
    package let pool: WorkerPool
    package let level: KernelLevel
    private let kernels: KernelTable
    private let quantized: QuantizedRows
    private let reordered: Rows

    /// Below this many multiply-adds a phase is done by the caller: waking a worker costs more.
    private static let serialWork = 1 << 15

    /// - Parameters:
    ///   - maxRows: the most tokens any call will have.
    ///   - maxWidth: the longest row any matrix will read.
    package init(
        pool: WorkerPool,
        level: KernelLevel = .best,
        maxRows: Int,
        maxWidth: Int
    ) throws(KernelError) {
        self.pool = pool
        self.level = level
        kernels = KernelTable(level)
        quantized = try QuantizedRows(capacity: maxRows, maxWidth: (maxWidth + 31) & ~31)
        reordered = try Rows(capacity: maxRows, width: maxWidth)
    }

    private var table: tm_kernels { kernels.functions.pointee }

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

    /// Activations as one phase reads them.
    private struct Input {
        let base: UnsafeMutablePointer<Float>
        let stride: Int
        let width: Int

        subscript(row: Int) -> UnsafeMutablePointer<Float> { base + row * stride }
    }

    /// One phase for each run of products that take the columns in the same order.
    private func multiply(_ x: Rows, _ rows: Int, _ products: [Product], adding: Bool) {
        let input = Input(base: x.base, stride: x.stride, width: x.width)
        var rest = products[...]
        while let first = rest.first {
            let order = first.matrix.columnOrder
            let same = rest.prefix { $0.matrix.columnOrder == order }
            multiply(order.map { reorder(input, rows, $0) } ?? input, rows, same, adding)
            rest = rest.dropFirst(same.count)
        }
    }

    private func multiply(_ x: Input, _ rows: Int, _ products: ArraySlice<Product>, _ adding: Bool)
    {
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
    private func forRows(_ rows: Int, cost: Int, _ body: (Int) -> Void) {
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

    /// gate = silu(gate) * up.
    package func swiglu(_ gate: Rows, _ up: Rows, rows: Int) {
        forRows(rows, cost: 16 * gate.width) { row in
            table.swiglu(gate[row], up[row], Int32(gate.width))
        }
    }

    /// Rotates every head of every row by its position's angles: `cosines` and `sines` hold half a
    /// head per row.
    package func rope(_ x: Rows, rows: Int, headWidth: Int, cosines: Rows, sines: Rows) {
        forRows(rows, cost: 4 * x.width) { row in
            for head in stride(from: 0, to: x.width, by: headWidth) {
                table.rope(x[row] + head, cosines[row], sines[row], Int32(headWidth))
            }
        }
    }

    // MARK: attention

    /// Stores each row's keys and values, `(rows, heads * headWidth)`, in the cache.
    /// - Parameter slot: where row `row` goes: its block and its place in there.
    package func store(
        _ keys: Rows,
        _ values: Rows,
        rows: Int,
        in cache: CacheLayer,
        slot: (_ row: Int) -> (block: Int, offset: Int)
    ) {
        forRows(rows, cost: 4 * keys.width) { row in
            let (block, offset) = slot(row)
            for head in 0..<cache.heads {
                let start = head * cache.headWidth
                tm_store_kv(
                    keys[row] + start,
                    values[row] + start,
                    Int32(cache.headWidth),
                    Int32(offset),
                    cache.keys(block, head),
                    cache.values(block, head)
                )
            }
        }
    }

    /// out = softmax(scale * q K^T) V for each row, over the row's own positions. Query heads share
    /// key/value heads in groups. Shapes: q, out `(rows, queryHeads * headWidth)`.
    /// - Parameter context: row `row`'s block table and how many positions it attends.
    package func attend(
        _ out: Rows,
        _ q: Rows,
        rows: Int,
        in cache: CacheLayer,
        scale: Float,
        context: (_ row: Int) -> (blocks: UnsafePointer<Int32>, tokens: Int)
    ) {
        let kernel = table.attend
        let group = q.width / cache.headWidth / cache.heads
        pool.each(rows * cache.heads) { item in
            let (row, head) = item.quotientAndRemainder(dividingBy: cache.heads)
            let (blocks, tokens) = context(row)
            var view = tm_attention(
                keys: cache.keys(0, head),
                values: cache.values(0, head),
                blocks: blocks,
                block_stride: cache.blockStride,
                tokens: Int32(tokens),
                head_width: Int32(cache.headWidth),
                scale: scale
            )
            let start = head * group * cache.headWidth
            kernel?(&view, q[row] + start, Int32(group), cache.headWidth, out[row] + start)
        }
    }
}

/// One layer's part of the paged cache: per block and head, keys `(headWidth, 32)` then values
/// `(32, headWidth)`. A view; the owner of the memory outlives it.
package struct CacheLayer {
    let base: UnsafeMutablePointer<Float>
    package let heads: Int
    package let headWidth: Int

    package init(base: UnsafeMutablePointer<Float>, heads: Int, headWidth: Int) {
        self.base = base
        self.heads = heads
        self.headWidth = headWidth
    }

    /// Floats of one block.
    package var blockStride: Int { Self.blockStride(heads: heads, headWidth: headWidth) }

    package static func blockStride(heads: Int, headWidth: Int) -> Int {
        heads * 2 * headWidth * Int(TM_KV_BLOCK)
    }

    func keys(_ block: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        base + block * blockStride + head * 2 * headWidth * Int(TM_KV_BLOCK)
    }

    func values(_ block: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        keys(block, head) + headWidth * Int(TM_KV_BLOCK)
    }
}
