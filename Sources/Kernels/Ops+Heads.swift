internal import CKernels

/// Which elements of a head a rotation pairs.
package enum RopeStyle: Sendable {
    /// Element i with element i + width / 2.
    case halves
    /// Neighbours.
    case pairs
}

// What follows are views: the rows, norms and tables that they are made of outlive them.

/// Turns elements `offset..<offset + 2 * cosines.width` of a head by the angles of its row's
/// position.
package struct Rotation {
    /// (rows, half of the rotated width).
    let cosines, sines: RowView
    let style: RopeStyle
    let offset: Int

    package init(cosines: Rows, sines: Rows, style: RopeStyle, offset: Int = 0) {
        self.cosines = cosines.view
        self.sines = sines.view
        self.style = style
        self.offset = offset
    }

    fileprivate func apply(_ head: UnsafeMutablePointer<Float>, _ row: Int, _ tools: Tools) {
        let width = Int32(2 * cosines.width), x = head + offset
        switch style {
        case .halves: tools.attention.pointee.rope?(x, cosines[row], sines[row], width)
        case .pairs: tm_rope_pairs(x, cosines[row], sines[row], width)
        }
    }
}

/// Queries or keys as their projection gives them, `(rows, heads * width)`, and what is done to them
/// before attention.
package struct Heads {
    let rows: RowView
    /// Of one head.
    let width: Int
    private let norm: NormView?
    private let rotation: Rotation?

    package init(_ rows: Rows, width: Int, norm: Norm? = nil, rotation: Rotation?) {
        if let rotation { precondition(rotation.offset + 2 * rotation.cosines.width <= width) }
        self.rows = rows.view
        self.width = width
        self.norm = norm?.view
        self.rotation = rotation
    }

    fileprivate func prepare(_ row: Int, _ tools: Tools) {
        norm?.applyToHeads(rows[row], rows.width, headWidth: width, tools)
        guard let rotation else { return }
        for head in stride(from: 0, to: rows.width, by: width) {
            rotation.apply(rows[row] + head, row, tools)
        }
    }
}

/// Everything between the projections of a layer and its attention: queries and keys normed and
/// rotated, keys and values stored in the cache, in one pass over a row.
package struct HeadPass {
    private let q, k: Heads
    private let v: RowView
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
        self.v = v.view
        self.limit = limit
        self.join = join
        self.cache = cache
        self.places = places
    }

    var queries: RowView { q.rows }

    /// Of one row, in multiply-adds.
    var cost: Int { 4 * (q.rows.width + k.rows.width) + 8 * cache.heads * cache.headWidth }

    func apply(_ row: Int, _ tools: Tools) {
        if let limit {
            clamp(q.rows, row, to: limit)
            clamp(k.rows, row, to: limit)
            clamp(v, row, to: limit)
        }
        q.prepare(row, tools)
        k.prepare(row, tools)
        join?.apply(row, shared: k.rows)
        store(join?.keys ?? k.rows, row, tools)
    }

    private func clamp(_ x: RowView, _ row: Int, to limit: Float) {
        for i in 0..<x.width { x[row][i] = min(max(x[row][i], -limit), limit) }
    }

    private func store(_ keys: RowView, _ row: Int, _ tools: Tools) {
        let (block, offset) = places.slot(row), store = tools.attention.pointee.store
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
    private let own: RowView
    private let ownWidth: Int
    /// Where the whole keys go, (rows, heads * head width).
    let keys: RowView

    package init(own: Rows, ownWidth: Int, keys: Rows) {
        self.own = own.view
        self.ownWidth = ownWidth
        self.keys = keys.view
    }

    fileprivate func apply(_ row: Int, shared: RowView) {
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
    /// A row's sequence and its position there.
    package struct Place {
        let table, position: Int32

        /// - Parameter table: the number of the sequence's block table.
        package init(table: Int, position: Int) {
            self.table = Int32(table)
            self.position = Int32(position)
        }
    }

    /// Block tables of the step's sequences, `tableWidth` entries each.
    private let tables: UnsafePointer<Int32>
    private let tableWidth: Int
    private let rows: UnsafePointer<Place>

    package init(
        tables: UnsafePointer<Int32>,
        tableWidth: Int,
        rows: UnsafePointer<Place>
    ) {
        self.tables = tables
        self.tableWidth = tableWidth
        self.rows = rows
    }

    /// The blocks of the row's sequence.
    func table(_ row: Int) -> UnsafePointer<Int32> { tables + Int(rows[row].table) * tableWidth }

    /// Where the row's own key and value go.
    fileprivate func slot(_ row: Int) -> (block: Int, offset: Int) {
        let position = Int(rows[row].position), size = Int(TM_KV_BLOCK)
        return (Int(table(row)[position / size]), position % size)
    }
}
