internal import CKernels

extension Ops {
    /// The rows that the matrices of a phase read. They may still have to be made: then each is made
    /// and quantised in one pass, just before the phase.
    package struct Input {
        package let rows: Rows
        private let source: Source

        private enum Source {
            case made
            case norm(Norm, Rows)
            case choices([ExpertChoice], Rows)
        }

        /// Rows that are there.
        package init(_ rows: Rows) {
            self.rows = rows
            source = .made
        }

        /// `rows` = norm(x), and x itself where there is no norm. `rows` may be x.
        package init(_ rows: Rows, norm: Norm?, of x: Rows) {
            self.rows = norm == nil ? x : rows
            source = norm.map { .norm($0, x) } ?? .made
            precondition(rows.width == x.width)
        }

        /// Row i of `rows` = the row of x that `choices[i]` names.
        package init(_ rows: Rows, choices: [ExpertChoice], of x: Rows) {
            self.rows = rows
            source = .choices(choices, x)
            precondition(rows.width == x.width && choices.count <= rows.capacity)
        }

        /// The same for who reads them later.
        package var made: Input { Input(rows) }

        var isMade: Bool { if case .made = source { true } else { false } }

        fileprivate func make(_ row: Int, _ ops: Ops) {
            switch source {
            case .made: break
            case .norm(let norm, let x): norm.apply(x[row], to: rows[row], rows.width, ops)
            case .choices(let choices, let x):
                rows[row].update(from: x[choices[row].row], count: x.width)
            }
        }
    }

    /// Where a product goes: into `rows`, or on top of what is there, the residual form.
    package struct Output {
        package let rows: Rows
        package let adds: Bool

        package init(_ rows: Rows, adds: Bool = false) {
            self.rows = rows
            self.adds = adds
        }
    }

    /// One matrix of a phase, its bias and where both go.
    package struct Product {
        let matrix: Matrix
        let bias: Vector?
        let output: Output

        package init(_ matrix: Matrix, bias: Vector? = nil, _ output: Output) {
            precondition(
                matrix.rows == output.rows.width,
                "the output is not as wide as the matrix"
            )
            precondition(bias == nil || bias?.count == matrix.rows)
            self.matrix = matrix
            self.bias = bias
            self.output = output
        }

        package init(_ matrix: Matrix, bias: Vector? = nil, _ rows: Rows) {
            self.init(matrix, bias: bias, Output(rows))
        }
    }

    /// output = x W^T + bias for each product; all read the same `x`. Shapes: x `(rows, columns)`,
    /// output `(rows, matrix.rows)`.
    /// - Parameter mixing: what becomes of the first product, or of the first two.
    package func matmul(
        _ x: Input,
        rows: Int,
        _ first: Product,
        _ second: Product? = nil,
        _ third: Product? = nil,
        mixing: Mixing? = nil
    ) {
        precondition(mixing == nil || second == nil || second?.matrix.rows == first.matrix.rows)
        var phase = MatmulPhase(
            ops: self,
            input: x,
            rows: rows,
            products: Products(first: first, second: second, third: third),
            mixing: mixing
        )
        if let observer {
            make(x, rows: rows)
            phase.input = x.made
            phase.products.each { observer.observe($0.matrix, x.rows, rows: rows) }
        }
        if phase.products.shareOrder { run(phase) } else { runOneByOne(phase) }
    }

    /// Makes rows that several will read, or that are about to change.
    package func make(_ x: Input, rows: Int) {
        if x.isMade { return }
        forRows(rows, cost: 4 * x.rows.width, on: (self, x)) { context, row in
            context.1.make(row, context.0)
        }
    }

    private func run(_ phase: MatmulPhase) {
        let rows = phase.rows
        guard phase.products.weightCount * rows > Self.serialWork, pool.count > 1 else {
            for row in 0..<rows { phase.prepare(row) }
            return phase.multiply(share: 0, of: 1)
        }
        let shared = shared(rows, cost: phase.preparation)
        for row in shared..<rows { phase.prepare(row) }
        pool.run(on: phase, items: shared, { $0.prepare($1) }) { phase, worker in
            phase.multiply(share: worker, of: phase.ops.pool.count)
        }
    }

    /// For products that take the columns in different orders.
    private func runOneByOne(_ phase: MatmulPhase) {
        var one = phase
        one.mixing = nil
        phase.products.each {
            one.products = Products(first: $0, second: nil, third: nil)
            run(one)
            one.input = one.input.made
        }
        if let mixing = phase.mixing {
            let up = phase.products.second?.output.rows
            mix(mixing, phase.products.first.output.rows, up, rows: phase.rows)
        }
    }
}

/// The products of one phase. Not an array: a warm step allocates nothing.
private struct Products {
    let first: Ops.Product
    let second, third: Ops.Product?

    func each(_ body: (Ops.Product) -> Void) {
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

/// All that the workers of one phase need.
private struct MatmulPhase {
    let ops: Ops
    var input: Ops.Input
    let rows: Int
    var products: Products
    var mixing: Mixing?

    private var width: Int { input.rows.width }
    private var order: [Int32]? { products.first.matrix.columnOrder }

    /// What a row costs before it is multiplied, in multiply-adds.
    var preparation: Int {
        (input.isMade ? 0 : 4 * width) + (order == nil ? 0 : 4 * width)
            + (products.areQuantized ? 4 * width : 0)
    }

    /// Makes a row, in the order in which the matrices have its columns, and its int8 copy.
    func prepare(_ row: Int) {
        input.make(row, ops)
        var x = input.rows[row]
        if let order {
            precondition(order.count == width && width <= ops.reordered.width)
            let reordered = ops.reordered[row]
            for (i, column) in order.enumerated() { reordered[i] = x[Int(column)] }
            x = reordered
        }
        if products.areQuantized { ops.quantize(x, row, width) }
    }

    /// Computes one of `count` equal shares of all products, bias and mixing included.
    func multiply(share: Int, of count: Int) {
        func panels(_ product: Ops.Product) -> Range<Int> {
            let total = product.matrix.panelCount
            return total * share / count..<total * (share + 1) / count
        }
        products.each { multiply($0, panels($0)) }
        guard let mixing else { return }
        // What the share has just computed; both halves of a hidden layer are as wide.
        let columns = columns(products.first, panels(products.first))
        let gate = products.first.output.rows, up = products.second?.output.rows
        for row in 0..<rows { mixing.apply(gate, up, row, columns, ops) }
    }

    private func columns(_ product: Ops.Product, _ panels: Range<Int>) -> Range<Int> {
        16 * panels.lowerBound..<min(16 * panels.upperBound, product.matrix.rows)
    }

    private func multiply(_ product: Ops.Product, _ panels: Range<Int>) {
        if panels.isEmpty { return }
        let matrix = product.matrix, output = product.output.rows
        precondition(matrix.columns == width)
        let values = order == nil ? input.rows : ops.reordered
        var activations = tm_activations(
            values: values.base,
            value_stride: values.stride,
            quants: ops.quantized.quants,
            scales: ops.quantized.scales,
            sums: ops.quantized.sums,
            tokens: Int32(rows),
            k: Int32(width)
        )
        ops.matmul(of: matrix.format)(
            matrix.base,
            &activations,
            Int32(panels.lowerBound),
            Int32(panels.upperBound),
            output.base,
            output.stride,
            product.output.adds ? 1 : 0
        )
        guard let bias = product.bias else { return }
        let columns = columns(product, panels), start = columns.lowerBound
        for row in 0..<rows {
            ops.table.add(output[row] + start, bias.base + start, Int32(columns.count))
        }
    }
}

extension Ops {
    fileprivate func quantize(_ x: UnsafePointer<Float>, _ row: Int, _ width: Int) {
        precondition(row < quantized.capacity && width <= quantized.maxWidth)
        table.quantize(
            x,
            Int32(width),
            quantized.quants + row * width,
            quantized.scales + row * (width / 32),
            quantized.sums + row * (width / 16)
        )
    }
}
