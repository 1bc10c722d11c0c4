internal import CKernels

/// Which elements of a head a rotation pairs.
package enum RopeStyle: Sendable {
    /// Element i with element i + width / 2.
    case halves
    /// Neighbours.
    case pairs
}

/// Turns elements `offset..<offset + 2 * cosines.width` of a head by the angles of its row's
/// position.
package struct Rotation {
    /// (rows, half of the rotated width).
    let cosines, sines: Rows
    let style: RopeStyle
    let offset: Int

    package init(cosines: Rows, sines: Rows, style: RopeStyle, offset: Int = 0) {
        self.cosines = cosines
        self.sines = sines
        self.style = style
        self.offset = offset
    }

    fileprivate func apply(_ head: UnsafeMutablePointer<Float>, _ row: Int, _ ops: Ops) {
        let width = Int32(2 * cosines.width), x = head + offset
        switch style {
        case .halves: ops.attention.rope?(x, cosines[row], sines[row], width)
        case .pairs: tm_rope_pairs(x, cosines[row], sines[row], width)
        }
    }
}

/// Queries or keys as their projection gives them, `(rows, heads * width)`, and what is done to them
/// before attention.
package struct Heads {
    package let rows: Rows
    /// Of one head.
    let width: Int
    let norm: Norm?
    let rotation: Rotation?

    package init(_ rows: Rows, width: Int, norm: Norm? = nil, rotation: Rotation?) {
        if let rotation { precondition(rotation.offset + 2 * rotation.cosines.width <= width) }
        self.rows = rows
        self.width = width
        self.norm = norm
        self.rotation = rotation
    }

    fileprivate func prepare(_ row: Int, _ ops: Ops) {
        norm?.applyToHeads(rows[row], rows.width, headWidth: width, ops)
        guard let rotation else { return }
        for head in stride(from: 0, to: rows.width, by: width) {
            rotation.apply(rows[row] + head, row, ops)
        }
    }
}

/// Everything between the projections of a layer and its attention: queries and keys normed and
/// rotated, keys and values stored in the cache, in one pass over a row.
package struct HeadPass {
    private let q, k: Heads
    private let v: Rows
    /// Queries, keys and values are limited to this magnitude before anything else (OLMo).
    private let limit: Float?
    private let join: KeyJoin?
    let cache: CacheLayer
    let places: CachePlaces

    /// - Parameters:
    ///   - v: (rows, heads * value width).
    ///   - join: where `k` is but a part of the keys.
    package init(
        q: Heads,
        k: Heads,
        v: Rows,
        limit: Float? = nil,
        join: KeyJoin? = nil,
        cache: CacheLayer,
        places: CachePlaces
    ) {
        self.q = q
        self.k = k
        self.v = v
        self.limit = limit
        self.join = join
        self.cache = cache
        self.places = places
    }

    var queries: Rows { q.rows }

    /// Of one row, in multiply-adds.
    var cost: Int { 4 * (q.rows.width + k.rows.width) + 8 * cache.heads * cache.headWidth }

    func apply(_ row: Int, _ ops: Ops) {
        if let limit {
            clamp(q.rows, row, to: limit)
            clamp(k.rows, row, to: limit)
            clamp(v, row, to: limit)
        }
        q.prepare(row, ops)
        k.prepare(row, ops)
        join?.apply(row, shared: k.rows)
        store(join?.keys ?? k.rows, row, ops)
    }

    private func clamp(_ x: Rows, _ row: Int, to limit: Float) {
        for i in 0..<x.width { x[row][i] = min(max(x[row][i], -limit), limit) }
    }

    private func store(_ keys: Rows, _ row: Int, _ ops: Ops) {
        let (block, offset) = places.slot(row), store = ops.attention.store
        for head in 0..<cache.heads {
            store?(
                cache.format.code,
                keys[row] + head * cache.headWidth,
                v[row] + head * cache.valueWidth,
                Int32(cache.headWidth),
                Int32(cache.valueWidth),
                Int32(offset),
                cache.block(block, head)
            )
        }
    }
}

/// Latent attention: every head of a key is a part of its own and then a part that all share.
package struct KeyJoin {
    /// (rows, heads * own width).
    private let own: Rows
    private let ownWidth: Int
    /// Where the whole keys go, (rows, heads * head width).
    let keys: Rows

    package init(own: Rows, ownWidth: Int, keys: Rows) {
        self.own = own
        self.ownWidth = ownWidth
        self.keys = keys
    }

    fileprivate func apply(_ row: Int, shared: Rows) {
        let headWidth = ownWidth + shared.width
        for head in 0..<keys.width / headWidth {
            let target = keys[row] + head * headWidth
            target.update(from: own[row] + head * ownWidth, count: ownWidth)
            (target + ownWidth).update(from: shared[row], count: shared.width)
        }
    }
}

/// Where the rows of a step have their keys and values in one layer's cache.
package struct CachePlaces {
    /// Block tables of the step's sequences, `tableWidth` entries each. They outlive the call.
    private let tables: UnsafePointer<Int32>
    private let tableWidth: Int
    private let tableOfRow, positions: [Int]

    /// - Parameters:
    ///   - tableOfRow: the number of each row's table.
    ///   - positions: of each row in its sequence.
    package init(
        tables: UnsafePointer<Int32>,
        tableWidth: Int,
        tableOfRow: [Int],
        positions: [Int]
    ) {
        self.tables = tables
        self.tableWidth = tableWidth
        self.tableOfRow = tableOfRow
        self.positions = positions
    }

    /// The blocks of the row's sequence.
    func table(_ row: Int) -> UnsafePointer<Int32> { tables + tableOfRow[row] * tableWidth }

    /// Where the row's own key and value go.
    fileprivate func slot(_ row: Int) -> (block: Int, offset: Int) {
        let (index, offset) = positions[row].quotientAndRemainder(dividingBy: Int(TM_KV_BLOCK))
        return (Int(table(row)[index]), offset)
    }
}
