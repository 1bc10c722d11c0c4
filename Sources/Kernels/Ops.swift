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
    let tools: Tools
    let maxRows: Int
    private let quantized: QuantizedRows
    private let reordered: Rows
    let parts: AttentionParts
    let observer: (any ActivationObserver)?

    /// Below this many multiply-adds a phase is done by the caller: waking a worker costs more.
    static let serialWork = 1 << 15

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
        self.maxRows = maxRows
        kernels = KernelTable(level)
        quantized = try QuantizedRows(capacity: maxRows, maxWidth: (maxWidth + 31) & ~31)
        reordered = try Rows(capacity: maxRows, width: maxWidth)
        parts = try AttentionParts(count: partFloats)
        tools = Tools(
            kernels: kernels.functions,
            quants: quantized.quants,
            scales: quantized.scales,
            sums: quantized.sums,
            reordered: reordered.view,
            parts: parts.base
        )
    }

    /// Runs `body` with denormals flushed to zero on this thread, as on every worker.
    package func computing<R>(_ body: () -> R) -> R {
        let state = clinux_flush_denormals()
        defer { clinux_restore_float_state(state) }
        return body()
    }

    /// How many of so many rows, each of `cost` multiply-adds, the workers do together: all, or none
    /// where the caller alone is as fast.
    func shared(_ rows: Int, cost: Int) -> Int {
        pool.count > 1 && rows > 1 && rows * cost > Self.serialWork ? rows : 0
    }

    /// Calls `body` for each row, on the workers when there is enough to do.
    /// - Parameters:
    ///   - cost: of one row, in multiply-adds.
    ///   - context: what `body` needs; it captures nothing.
    func forRows<Context>(
        _ rows: Int,
        cost: Int,
        on context: Context,
        _ body: @escaping (Context, _ row: Int) -> Void
    ) {
        let shared = shared(rows, cost: cost)
        for row in shared..<rows { body(context, row) }
        if shared > 0 { pool.run(on: context, items: shared, body) }
    }
}
