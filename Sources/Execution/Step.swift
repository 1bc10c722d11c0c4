package import Core
internal import Foundation
internal import Kernels

/// A plan made ready for the kernels: one row per token, and for each row its position, its angles
/// and its sequence's blocks in both parts of the cache. Filled anew for every step; its buffers are taken once.
package final class Step: @unchecked Sendable {  // used by one `Executor.run` at a time
    package private(set) var tokens: [TokenID] = []
    package private(set) var positions: [Int] = []
    /// Rows whose logits are wanted.
    package private(set) var sampledRows: [Int] = []
    /// All rows, in tiles that attention computes together.
    private(set) var tiles: [QueryTile] = []
    private let queriesPerTile: Int
    /// One table for each of the configuration's ropes.
    let angles: [Angles]
    package let cache: KVStore

    private let placeOfRow: UnsafeMutablePointer<CachePlaces.Place>
    private let tables, windowTables: BlockTables
    private let layers: [LayerConfiguration]
    private let window: Int?
    private let maxChunks: Int
    private let maxRows: Int

    /// Cosines and sines of every row's position, (rows, width / 2).
    struct Angles: Sendable {
        let cosines, sines: Rows
        let frequencies: [Float]
        let amplitude: Float
    }

    /// - Parameters:
    ///   - maxChunks: sequences in one step.
    ///   - contextLength: positions of one sequence.
    init(
        _ configuration: DecoderConfiguration,
        cache: KVStore,
        maxRows: Int,
        maxChunks: Int,
        contextLength: Int
    ) throws(KernelError) {
        self.cache = cache
        self.maxRows = maxRows
        let group = configuration.headCount / configuration.keyValueHeadCount
        queriesPerTile = cache.shape.queriesPerTile(group: group)
        angles = try configuration.ropes.map { rope throws(KernelError) in
            Angles(
                cosines: try Rows(capacity: maxRows, width: rope.width / 2),
                sines: try Rows(capacity: maxRows, width: rope.width / 2),
                frequencies: rope.frequencies(contextLength: contextLength),
                amplitude: rope.amplitude
            )
        }
        let width = KVBlock.count(forTokens: contextLength)
        placeOfRow = .allocate(capacity: maxRows)
        tables = BlockTables(count: maxChunks, width: width)
        windowTables = BlockTables(count: maxChunks, width: width)
        layers = configuration.layers
        window = configuration.window
        self.maxChunks = maxChunks
    }

    deinit { placeOfRow.deallocate() }

    package var rowCount: Int { tokens.count }

    func prepare(_ plan: StepPlan, allRows: Bool) throws(ExecutionError) {
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        sampledRows.removeAll(keepingCapacity: true)
        tiles.removeAll(keepingCapacity: true)
        guard plan.chunks.count <= maxChunks, plan.tokenCount <= maxRows else {
            throw .init(
                .badInput,
                "a step of \(plan.tokenCount) tokens is over the executor's limit"
            )
        }
        for (index, chunk) in plan.chunks.enumerated() {
            try add(chunk, table: index)
            let wanted = allRows ? chunk.tokens.count : chunk.sampledRows
            guard 0...chunk.tokens.count ~= wanted else {
                throw .init(.badInput, "a chunk has fewer tokens than rows of logits are wanted")
            }
            sampledRows.append(contentsOf: rowCount - wanted..<rowCount)
        }
        for row in 0..<rowCount { computeAngles(row) }
    }

    private func add(_ chunk: StepPlan.Chunk, table: Int) throws(ExecutionError) {
        let needed = KVBlock.count(forTokens: chunk.start + chunk.tokens.count)
        guard chunk.start >= 0, needed <= tables.width else {
            throw .init(.badInput, "sequence \(chunk.sequence) is over the executor's context")
        }
        try tables.write(chunk.blocks, 0..<needed, to: table, below: cache.blockCount)
        if let window {
            let first = KVBlock.first(seenFrom: chunk.start, window: window)
            let count = cache.windowBlockCount
            try windowTables.write(chunk.windowBlocks, first..<needed, to: table, below: count)
        }
        for offset in stride(from: 0, to: chunk.tokens.count, by: queriesPerTile) {
            let count = min(queriesPerTile, chunk.tokens.count - offset)
            let seen = chunk.start + offset + 1
            tiles.append(QueryTile(row: rowCount + offset, count: count, tokens: seen))
        }
        for (offset, token) in chunk.tokens.enumerated() {
            let place = CachePlaces.Place(table: table, position: chunk.start + offset)
            (placeOfRow + rowCount).initialize(to: place)
            tokens.append(token)
            positions.append(chunk.start + offset)
        }
    }

    /// The angle is rounded to single precision before the cosine, as in the reference.
    private func computeAngles(_ row: Int) {
        for table in angles {
            let cosine = table.cosines[row], sine = table.sines[row]
            for (index, frequency) in table.frequencies.enumerated() {
                let angle = Double(Float(positions[row]) * frequency)
                cosine[index] = Float(cos(angle)) * table.amplitude
                sine[index] = Float(sin(angle)) * table.amplitude
            }
        }
    }

    /// The rotation of all rows by one of the configuration's ropes.
    func rotation(_ rope: Int, _ style: RopeStyle, offset: Int = 0) -> Rotation {
        let angles = angles[rope]
        return Rotation(
            cosines: angles.cosines,
            sines: angles.sines,
            style: style,
            offset: offset
        )
    }

    /// Where the rows have their keys and values in the layer's cache; entries before the layer's
    /// window mean nothing.
    func places(layer: Int) -> CachePlaces {
        let tables = layers[layer].window == nil ? tables : windowTables
        return CachePlaces(
            tables: tables.base,
            tableWidth: tables.width,
            rows: placeOfRow
        )
    }
}

/// Block tables of a step's sequences, each with room for `width` blocks.
private final class BlockTables {
    let width: Int
    private let entries: UnsafeMutablePointer<Int32>

    init(count: Int, width: Int) {
        self.width = width
        entries = .allocate(capacity: count * width)
    }

    deinit { entries.deallocate() }

    /// The first table; others follow it.
    var base: UnsafePointer<Int32> { UnsafePointer(entries) }

    /// Copies the part of `blocks` that will be read.
    /// - Parameter count: the blocks that the cache has.
    func write(
        _ blocks: [Int32],
        _ range: Range<Int>,
        to table: Int,
        below count: Int
    ) throws(ExecutionError) {
        for index in range {
            guard index < blocks.count, blocks[index] >= 0, blocks[index] < count else {
                let block = index < blocks.count ? "\(blocks[index])" : "\(index) of its table"
                throw .init(.badInput, "a sequence has no cache block \(block)")
            }
            entries[table * width + index] = blocks[index]
        }
    }
}
