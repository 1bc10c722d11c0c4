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
        forRows(rows, cost: 4 * x.width) { row in
            for head in stride(from: offset, to: x.width, by: headWidth) {
                switch style {
                case .halves: table.attention.pointee.rope(x[row] + head, cosines[row], sines[row], Int32(width))
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
        forRows(rows, cost: 4 * keys.width) { row in
            let (block, offset) = slot(row)
            for head in 0..<cache.heads {
                tm_store_kv(
                    keys[row] + head * cache.headWidth,
                    values[row] + head * cache.valueWidth,
                    Int32(cache.headWidth),
                    Int32(cache.valueWidth),
                    Int32(offset),
                    cache.keys(block, head),
                    cache.values(block, head)
                )
            }
        }
    }

    /// Attention of each row over its own positions. Query heads share key/value heads in groups.
    /// Shapes: q `(rows, queryHeads * headWidth)`, out `(rows, queryHeads * valueWidth)`.
    /// - Parameter context: row `row`'s block table and how many positions it attends.
    package func attend(
        _ out: Rows,
        _ q: Rows,
        rows: Int,
        in cache: CacheLayer,
        _ shape: AttentionShape,
        context: (_ row: Int) -> (blocks: UnsafePointer<Int32>, tokens: Int)
    ) {
        let kernel = table.attention.pointee.attend
        let group = q.width / cache.headWidth / cache.heads
        pool.each(rows * cache.heads) { item in
            let (row, head) = item.quotientAndRemainder(dividingBy: cache.heads)
            let (blocks, tokens) = context(row)
            var view = tm_attention(
                keys: cache.keys(0, head),
                values: cache.values(0, head),
                blocks: blocks,
                block_stride: cache.blockStride,
                first: Int32(shape.window.map { max(0, tokens - $0) } ?? 0),
                tokens: Int32(tokens),
                head_width: Int32(cache.headWidth),
                value_width: Int32(cache.valueWidth),
                scale: shape.scale,
                softcap: shape.softcap ?? 0,
                sinks: shape.sinks.map { $0.base + head * group }
            )
            kernel?(
                &view,
                q[row] + head * group * cache.headWidth,
                Int32(group),
                out[row] + head * group * cache.valueWidth
            )
        }
    }
}

/// One layer's part of the paged cache: per block and head, keys `(headWidth, 32)` then values
/// `(32, valueWidth)`. A view; the owner of the memory outlives it.
package struct CacheLayer {
    let base: UnsafeMutablePointer<Float>
    package let heads: Int
    /// Of keys.
    package let headWidth: Int
    package let valueWidth: Int

    package init(
        base: UnsafeMutablePointer<Float>,
        heads: Int,
        headWidth: Int,
        valueWidth: Int
    ) {
        self.base = base
        self.heads = heads
        self.headWidth = headWidth
        self.valueWidth = valueWidth
    }

    /// The same shape `floats` further on.
    package func moved(by floats: Int) -> CacheLayer {
        CacheLayer(base: base + floats, heads: heads, headWidth: headWidth, valueWidth: valueWidth)
    }

    /// Floats of one block.
    package var blockStride: Int { heads * (headWidth + valueWidth) * Int(TM_KV_BLOCK) }

    func keys(_ block: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        base + block * blockStride + head * (headWidth + valueWidth) * Int(TM_KV_BLOCK)
    }

    func values(_ block: Int, _ head: Int) -> UnsafeMutablePointer<Float> {
        keys(block, head) + headWidth * Int(TM_KV_BLOCK)
    }
}
