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

/// Which elements of a head a rotation pairs.
package enum RopeStyle: Sendable {
    /// Element i with element i + width / 2.
    case halves
    /// Neighbours.
    case pairs
}

extension Ops {
    /// Rotates elements `offset..<offset + 2 * cosines.width` of every head of every row by its
    /// position's angles.
    package func rope(
        _ x: Rows,
        rows: Int,
        headWidth: Int,
        offset: Int = 0,
        style: RopeStyle,
        cosines: Rows,
        sines: Rows
    ) {
        let width = 2 * cosines.width
        precondition(offset + width <= headWidth)
        let halves = attention.rope
        forRows(rows, cost: 4 * x.width) { row in
            for head in stride(from: offset, to: x.width, by: headWidth) {
                switch style {
                case .halves: halves?(x[row] + head, cosines[row], sines[row], Int32(width))
                case .pairs: tm_rope_pairs(x[row] + head, cosines[row], sines[row], Int32(width))
                }
            }
        }
    }

    /// Stores each row's keys `(rows, heads * headWidth)` and values `(rows, heads * valueWidth)`
    /// in the cache.
    /// - Parameter slot: where row `row` goes: its block and its place in there.
    package func store(
        _ keys: Rows,
        _ values: Rows,
        rows: Int,
        in cache: CacheLayer,
        slot: (_ row: Int) -> (block: Int, offset: Int)
    ) {
        let store = attention.store
        forRows(rows, cost: 8 * keys.width) { row in
            let (block, offset) = slot(row)
            for head in 0..<cache.heads {
                store?(
                    cache.format.code,
                    keys[row] + head * cache.headWidth,
                    values[row] + head * cache.valueWidth,
                    Int32(cache.headWidth),
                    Int32(cache.valueWidth),
                    Int32(offset),
                    cache.block(block, head)
                )
            }
        }
    }

    /// Attention of each row over its own positions. Query heads share key/value heads in groups.
    /// Shapes: q `(rows, queryHeads * headWidth)`, out `(rows, queryHeads * valueWidth)`.
    /// - Parameters:
    ///   - tiles: all rows, each once.
    ///   - blocks: the block table of the sequence that row `row` is of.
    package func attend(
        _ out: Rows,
        _ q: Rows,
        _ tiles: [QueryTile],
        in cache: CacheLayer,
        _ shape: AttentionShape,
        blocks: (_ row: Int) -> UnsafePointer<Int32>
    ) {
        let group = q.width / cache.headWidth / cache.heads
        let phase = AttentionPhase(out: out, q: q, cache: cache, shape: shape, group: group)
        let count = tiles.count * phase.callsPerTile
        func call(_ item: Int) -> tm_attention {
            // One head's tiles follow one another and find its keys in the cache; the last tiles,
            // which see most, come first.
            let (call, tile) = item.quotientAndRemainder(dividingBy: tiles.count)
            let last = tiles[tiles.count - 1 - tile]
            return phase.call(call, last, blocks: blocks(last.row))
        }
        if attendInChunks(count, phase, tiles, call) { return }
        let attend = attention.attend
        let isLittle = phase.work(tiles) < Self.serialAttention
        func compute(_ item: Int) {
            var view = call(item)
            attend?(&view)
        }
        if isLittle { return (0..<count).forEach(compute) }
        pool.each(count, compute)
    }

    /// Below this many multiply-adds the caller does it all: waking a worker costs more.
    private static let serialAttention = 1 << 17

    /// Few calls over many positions: workers take chunks of them. Joining chunks in their order
    /// gives the same bits as one worker's going through them.
    /// - Returns: false if that does not pay, or there is no room.
    private func attendInChunks(
        _ count: Int,
        _ phase: AttentionPhase,
        _ tiles: [QueryTile],
        _ call: (_ item: Int) -> tm_attention
    ) -> Bool {
        guard pool.count > 1, count < 3 * pool.count else { return false }
        let chunks = tiles.reduce(0) { max($0, phase.chunks($1).count) }
        let queries = tiles.reduce(0) { max($0, $1.count) }
        let callFloats = chunks * queries * phase.headsPerCall * phase.rowFloats
        guard chunks > 1, count * callFloats <= parts.count else { return false }
        let attend = attention.attend_chunk, join = attention.join_chunks
        pool.each(count * chunks) { index in
            let (item, chunk) = index.quotientAndRemainder(dividingBy: chunks)
            let range = phase.chunks(tiles[tiles.count - 1 - item % tiles.count])
            guard chunk < range.count else { return }
            var view = call(item)
            let floats = Int(view.queries * view.heads) * phase.rowFloats
            let part = parts.base + item * callFloats + chunk * floats
            attend?(&view, Int32(range.lowerBound + chunk), part)
        }
        pool.each(count) { item in
            var view = call(item)
            join?(&view, parts.base + item * callFloats)
        }
        return true
    }
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
    let out, q: Rows
    let cache: CacheLayer
    let shape: AttentionShape
    /// Query heads of one key/value head.
    let group: Int
    /// The most query heads of one call; groups that are larger take several.
    let headsPerCall: Int

    init(out: Rows, q: Rows, cache: CacheLayer, shape: AttentionShape, group: Int) {
        self.out = out
        self.q = q
        self.cache = cache
        self.shape = shape
        self.group = group
        headsPerCall = min(group, cache.rowsPerCall)
    }

    private var callsPerGroup: Int { (group + headsPerCall - 1) / headsPerCall }
    var callsPerTile: Int { cache.heads * callsPerGroup }
    /// Floats of one row's part.
    var rowFloats: Int { cache.valueWidth + 2 }

    /// Chunks of positions that the tile sees.
    func chunks(_ tile: QueryTile) -> Range<Int> {
        let first = shape.window.map { max(0, tile.tokens - $0) } ?? 0
        let last = tile.tokens + tile.count - 1
        let size = Int(TM_ATTENTION_CHUNK)
        return first / size..<(last + size - 1) / size
    }

    /// Multiply-adds for all tiles, windows apart.
    func work(_ tiles: [QueryTile]) -> Int {
        let positions = tiles.reduce(0) { $0 + $1.count * $1.tokens }
        return positions * cache.heads * group * (cache.headWidth + cache.valueWidth)
    }

    /// Call `index`, of `callsPerTile`, for a tile.
    func call(_ index: Int, _ tile: QueryTile, blocks: UnsafePointer<Int32>) -> tm_attention {
        let (shared, part) = index.quotientAndRemainder(dividingBy: callsPerGroup)
        let head = shared * group + part * headsPerCall
        return tm_attention(
            cache: UnsafeRawPointer(cache.block(0, shared)),
            blocks: blocks,
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
