internal import CKernels

/// How one attention layer scores: softmax(softcap(scale * q K^T)) V.
package struct AttentionShape: Sendable {
    /// On q . k.
    package var scale: Float
    /// How many of the last positions are seen, the token's own included; nil sees all.
    package var window: Int?
    /// Scores become `softcap * tanh(score / softcap)`.
    package var softcap: Float?
    /// One score per query head that takes weight and gives no value.
    package var sinks: Vector?

    package init(
        scale: Float,
        window: Int? = nil,
        softcap: Float? = nil,
        sinks: Vector? = nil
    ) {
        self.scale = scale
        self.window = window
        self.softcap = softcap
        self.sinks = sinks
    }
}

extension Ops {
    /// `pass` on each row alone, without attention.
    package func apply(_ pass: HeadPass, rows: Int) {
        forRows(rows, cost: pass.cost, on: (pass, tools)) { context, row in
            context.0.apply(row, context.1)
        }
    }

    /// `pass` on each row, and when all keys and values are in the cache, attention of each row over
    /// its own positions. Query heads share key/value heads in groups. Shapes: q `(rows, queryHeads *
    /// headWidth)`, out `(rows, queryHeads * valueWidth)`.
    /// - Parameter tiles: all rows, each once.
    package func attend(
        _ out: Rows,
        rows: Int,
        _ tiles: [QueryTile],
        after pass: HeadPass,
        _ shape: AttentionShape
    ) {
        tiles.withUnsafeBufferPointer { tiles in
            withExtendedLifetime((out, shape)) {
                run(AttentionPhase(self, out.view, pass, tiles, shape), rows: rows)
            }
        }
    }

    private func run(_ phase: AttentionPhase, rows: Int) {
        let cost = phase.pass.cost, isLittle = phase.work + rows * cost < Self.serialAttention
        if pool.count == 1 || isLittle {
            for row in 0..<rows { phase.prepare(row) }
            for item in 0..<phase.callCount { phase.attend(item) }
            return
        }
        let shared = shared(rows, cost: cost)
        for row in shared..<rows { phase.prepare(row) }
        pool.run(on: (phase, pool), items: shared, { $0.0.prepare($1) }) { context, _ in
            context.0.attend(context.1)
        }
        if phase.isSplit {
            pool.run(on: phase, items: phase.callCount) { phase, item in phase.join(item) }
        }
    }

    /// Below this many multiply-adds the caller does it all: waking a worker costs more.
    private static let serialAttention = 1 << 17
}

/// Consecutive tokens of one sequence whose attention is computed together.
package struct QueryTile: Sendable {
    /// The first's row in the step.
    package let row: Int
    package let count: Int
    /// Positions up to and with the first's own.
    package let tokens: Int

    package init(row: Int, count: Int, tokens: Int) {
        self.row = row
        self.count = count
        self.tokens = tokens
    }
}

/// Everything that the calls of one phase of attention share.
private struct AttentionPhase {
    let pass: HeadPass
    private let tools: Tools
    private let out: RowView
    private let tiles: UnsafeBufferPointer<QueryTile>
    private let shape: AttentionShape
    /// Query heads of one key/value head.
    private let group: Int
    /// The most query heads of one call; groups that are larger take several.
    private let headsPerCall: Int
    /// Chunks of positions that a call is split into, 1 where it is not, and the floats that those
    /// of one call leave.
    private var chunks = 1
    private var callFloats = 0

    init(
        _ ops: Ops,
        _ out: RowView,
        _ pass: HeadPass,
        _ tiles: UnsafeBufferPointer<QueryTile>,
        _ shape: AttentionShape
    ) {
        self.pass = pass
        self.out = out
        self.tiles = tiles
        self.shape = shape
        tools = ops.tools
        group = pass.queries.width / pass.cache.headWidth / pass.cache.heads
        headsPerCall = min(group, pass.cache.rowsPerCall)
        split(workers: ops.pool.count, room: ops.parts.count)
    }

    private var cache: CacheLayer { pass.cache }
    private var callsPerGroup: Int { (group + headsPerCall - 1) / headsPerCall }
    var callCount: Int { tiles.count * cache.heads * callsPerGroup }
    var isSplit: Bool { chunks > 1 }
    /// Floats of one row's part.
    private var rowFloats: Int { cache.valueWidth + 2 }

    /// Multiply-adds for all tiles, windows apart.
    var work: Int {
        let positions = tiles.reduce(0) { $0 + $1.count * $1.tokens }
        return positions * cache.heads * group * (cache.headWidth + cache.valueWidth)
    }

    /// Few calls over many positions: workers take chunks of them. Joining chunks in their order
    /// gives the same bits as one worker's going through them.
    /// - Parameter room: floats that all calls together may leave.
    private mutating func split(workers: Int, room: Int) {
        guard workers > 1, callCount < 3 * workers else { return }
        let chunks = tiles.reduce(0) { max($0, range($1).count) }
        let queries = tiles.reduce(0) { max($0, $1.count) }
        let floats = chunks * queries * headsPerCall * rowFloats
        guard chunks > 1, callCount * floats <= room else { return }
        self.chunks = chunks
        callFloats = floats
    }

    func prepare(_ row: Int) { pass.apply(row, tools) }

    /// Takes calls, or chunks of them, as long as there are any.
    func attend(_ pool: WorkerPool) {
        while let index = pool.next(below: callCount * chunks) {
            if isSplit {
                attend(index / chunks, chunk: index % chunks)
            } else {
                attend(index)
            }
        }
    }

    func attend(_ item: Int) {
        var view = call(item)
        tools.attention.pointee.attend?(&view)
    }

    private func attend(_ item: Int, chunk: Int) {
        let range = range(tile(item))
        guard chunk < range.count else { return }
        var view = call(item)
        let floats = Int(view.queries * view.heads) * rowFloats
        let part = tools.parts + item * callFloats + chunk * floats
        tools.attention.pointee.attend_chunk?(&view, Int32(range.lowerBound + chunk), part)
    }

    func join(_ item: Int) {
        var view = call(item)
        tools.attention.pointee.join_chunks?(&view, tools.parts + item * callFloats)
    }

    /// Chunks of positions that the tile sees.
    private func range(_ tile: QueryTile) -> Range<Int> {
        let first = shape.window.map { max(0, tile.tokens - $0) } ?? 0
        let last = tile.tokens + tile.count - 1
        let size = Int(TM_ATTENTION_CHUNK)
        return first / size..<(last + size - 1) / size
    }

    /// One head's tiles follow one another and find its keys in the cache; the last tiles, which see
    /// most, come first.
    private func tile(_ item: Int) -> QueryTile { tiles[tiles.count - 1 - item % tiles.count] }

    private func call(_ item: Int) -> tm_attention {
        let tile = tile(item), q = pass.queries
        let (shared, part) = (item / tiles.count).quotientAndRemainder(dividingBy: callsPerGroup)
        let head = shared * group + part * headsPerCall
        return tm_attention(
            cache: UnsafeRawPointer(cache.block(0, shared)),
            blocks: pass.places.table(tile.row),
            block_stride: cache.blockStride,
            format: cache.format.code,
            head_width: Int32(cache.headWidth),
            value_width: Int32(cache.valueWidth),
            q: UnsafePointer(q[tile.row] + head * cache.headWidth),
            q_stride: q.stride,
            out: out[tile.row] + head * cache.valueWidth,
            out_stride: out.stride,
            queries: Int32(tile.count),
            heads: Int32(min(headsPerCall, group - part * headsPerCall)),
            tokens: Int32(tile.tokens),
            window: Int32(clamping: shape.window ?? 0),
            scale: shape.scale,
            softcap: shape.softcap ?? 0,
            sinks: shape.sinks.map { $0.base + head }
        )
    }
}
