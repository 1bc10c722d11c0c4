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
            precondition(rows.width == x.width)
            self.rows = norm == nil ? x : rows
            source = norm.map { .norm($0, x) } ?? .made
        }

        /// Row i of `rows` = the row of x that `choices[i]` names.
        package init(_ rows: Rows, choices: [ExpertChoice], of x: Rows) {
            precondition(rows.width == x.width && choices.count <= rows.capacity)
            self.rows = rows
            source = .choices(choices, x)
        }

        /// The same for who reads them later.
        package var made: Input { Input(rows) }

        fileprivate var view: InputView {
            switch source {
            case .made: InputView(rows: rows.view, source: .made)
            case .norm(let norm, let x):
                InputView(rows: rows.view, source: .norm(norm.view, x.view))
            case .choices(let choices, let x):
                InputView(rows: rows.view, source: .choices(choices, x.view))
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
        fileprivate let matrix: Matrix
        fileprivate let bias: Vector?
        fileprivate let output: Output

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
        precondition(rows <= maxRows && x.rows.width <= tools.reordered.width)
        precondition(first.matrix.columns == x.rows.width)
        precondition((second ?? first).matrix.columns == x.rows.width)
        precondition((third ?? first).matrix.columns == x.rows.width)
        precondition(mixing == nil || (second ?? first).matrix.rows == first.matrix.rows)
        let order = first.matrix.columnOrder
        guard (second ?? first).matrix.columnOrder == order,
            (third ?? first).matrix.columnOrder == order
        else {
            matmul(x, rows: rows, first)
            if let second { matmul(x.made, rows: rows, second) }
            if let third { matmul(x.made, rows: rows, third) }
            if let mixing { mix(mixing, first.output.rows, second?.output.rows, rows: rows) }
            return
        }
        if let observer {
            make(x, rows: rows)
            for product in [first, second, third].compactMap({ $0 }) {
                observer.observe(product.matrix, x.rows, rows: rows)
            }
        }
        withExtendedLifetime((x, first, second, third)) {
            run(
                MatmulPhase(
                    tools: tools,
                    input: observer == nil ? x.view : x.made.view,
                    rows: rows,
                    order: order,
                    first: view(first),
                    second: second.map(view),
                    third: third.map(view),
                    mixing: mixing
                )
            )
        }
    }

    /// Makes rows that several will read, or that are about to change.
    package func make(_ x: Input, rows: Int) {
        withExtendedLifetime(x) {
            let view = x.view
            if view.isMade { return }
            forRows(rows, cost: 4 * x.rows.width, on: (view, tools)) { context, row in
                context.0.make(row, context.1)
            }
        }
    }

    private func run(_ phase: MatmulPhase) {
        let rows = phase.rows
        guard phase.weightCount * rows > Self.serialWork, pool.count > 1 else {
            for row in 0..<rows { phase.prepare(row) }
            return phase.multiply(share: 0, of: 1)
        }
        let shared = shared(rows, cost: phase.preparation)
        for row in shared..<rows { phase.prepare(row) }
        pool.run(on: (phase, pool.count), items: shared, { $0.0.prepare($1) }) { context, worker in
            context.0.multiply(share: worker, of: context.1)
        }
    }

    private func view(_ product: Product) -> ProductView {
        let matrix = product.matrix
        return ProductView(
            format: matrix.format.code,
            isQuantized: matrix.format.isQuantized,
            panels: matrix.base,
            panelCount: matrix.panelCount,
            rows: matrix.rows,
            bias: product.bias?.base,
            output: product.output.rows.view,
            adds: product.output.adds
        )
    }
}

private struct InputView {
    enum Source {
        case made
        case norm(NormView, RowView)
        case choices([ExpertChoice], RowView)
    }

    let rows: RowView
    let source: Source

    var isMade: Bool { if case .made = source { true } else { false } }

    func make(_ row: Int, _ tools: Tools) {
        switch source {
        case .made: break
        case .norm(let norm, let x): norm.apply(x[row], to: rows[row], rows.width, tools)
        case .choices(let choices, let x):
            rows[row].update(from: x[choices[row].row], count: x.width)
        }
    }
}

private struct ProductView {
    let format: tm_format
    let isQuantized: Bool
    let panels: UnsafeRawPointer
    let panelCount, rows: Int
    let bias: UnsafePointer<Float>?
    let output: RowView
    let adds: Bool

    /// Panels of one of `count` equal shares: those that the worker has packed.
    func panels(of share: Int, _ count: Int) -> Range<Int> {
        WorkerPool.stripe(share, of: panelCount, among: count)
    }

    /// The outputs that panels give.
    func outputs(_ panels: Range<Int>) -> Range<Int> {
        let size = Int(TM_PANEL_ROWS)
        return size * panels.lowerBound..<min(size * panels.upperBound, rows)
    }
}

/// All that the workers of one phase need.
private struct MatmulPhase {
    let tools: Tools
    let input: InputView
    let rows: Int
    let order: [Int32]?
    /// Not an array: a warm step allocates nothing.
    let first: ProductView
    let second, third: ProductView?
    let mixing: Mixing?

    private var width: Int { input.rows.width }

    private var areQuantized: Bool {
        first.isQuantized || second?.isQuantized == true || third?.isQuantized == true
    }

    var weightCount: Int { width * (first.rows + (second?.rows ?? 0) + (third?.rows ?? 0)) }

    /// What a row costs before it is multiplied, in multiply-adds.
    var preparation: Int {
        (input.isMade ? 0 : 4 * width) + (order == nil ? 0 : 4 * width)
            + (areQuantized ? 4 * width : 0)
    }

    /// Makes a row, in the order in which the matrices have its columns, and its int8 copy.
    func prepare(_ row: Int) {
        input.make(row, tools)
        var x = input.rows[row]
        if let order {
            let reordered = tools.reordered[row]
            for (i, column) in order.enumerated() { reordered[i] = x[Int(column)] }
            x = reordered
        }
        if areQuantized { tools.quantize(x, row, width) }
    }

    /// Computes one of `count` equal shares of all products, bias and mixing included.
    func multiply(share: Int, of count: Int) {
        multiply(first, first.panels(of: share, count))
        if let second { multiply(second, second.panels(of: share, count)) }
        if let third { multiply(third, third.panels(of: share, count)) }
        guard let mixing else { return }
        // What the share has just computed; both halves of a hidden layer are as wide.
        let columns = first.outputs(first.panels(of: share, count))
        for row in 0..<rows { mixing.apply(first.output, second?.output, row, columns, tools) }
    }

    private func multiply(_ product: ProductView, _ panels: Range<Int>) {
        guard let multiply = tm_matmul_of(tools.kernels, product.format) else {
            preconditionFailure("no kernel for format \(product.format.rawValue)")
        }
        if panels.isEmpty { return }
        let values = order == nil ? input.rows : tools.reordered, output = product.output
        var activations = tm_activations(
            values: values.base,
            value_stride: values.stride,
            quants: tools.quants,
            scales: tools.scales,
            sums: tools.sums,
            tokens: Int32(rows),
            k: Int32(width)
        )
        multiply(
            product.panels,
            &activations,
            Int32(panels.lowerBound),
            Int32(panels.upperBound),
            output.base,
            output.stride,
            product.adds ? 1 : 0
        )
        guard let bias = product.bias else { return }
        let columns = product.outputs(panels), start = columns.lowerBound
        for row in 0..<rows {
            tools.kernels.pointee.add(output[row] + start, bias + start, Int32(columns.count))
        }
    }
}
