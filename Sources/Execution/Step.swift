package import Core
internal import Foundation
internal import Kernels

/// A plan made ready for the kernels: one row per token, and for each row its position, its angles
/// and its sequence's blocks. Filled anew for every step; its buffers are taken once.
package final class Step: @unchecked Sendable {  // used by one `Executor.run` at a time
    package private(set) var tokens: [TokenID] = []
    package private(set) var positions: [Int] = []
    /// Rows whose logits are wanted.
    package private(set) var sampledRows: [Int] = []
    /// One table for each of the configuration's ropes.
    let angles: [Angles]
    package let cache: KVStore

    private var tableOfRow: [Int] = []
    private let blockTables: UnsafeMutablePointer<Int32>
    private let tableCapacity: Int
    private let tableCount: Int
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
        angles = try configuration.ropes.map { rope throws(KernelError) in
            Angles(
                cosines: try Rows(capacity: maxRows, width: rope.width / 2),
                sines: try Rows(capacity: maxRows, width: rope.width / 2),
                frequencies: rope.frequencies(contextLength: contextLength),
                amplitude: rope.amplitude
            )
        }
        tableCapacity = KVBlock.count(forTokens: contextLength)
        tableCount = maxChunks
        blockTables = .allocate(capacity: tableCapacity * maxChunks)
    }

    deinit { blockTables.deallocate() }

    package var rowCount: Int { tokens.count }

    func prepare(_ plan: StepPlan, allRows: Bool) throws(ExecutionError) {
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        tableOfRow.removeAll(keepingCapacity: true)
        sampledRows.removeAll(keepingCapacity: true)
        guard plan.chunks.count <= tableCount, plan.tokenCount <= maxRows else {
            throw .init(
                .badInput,
                "a step of \(plan.tokenCount) tokens is over the executor's limit"
            )
        }
        for (index, chunk) in plan.chunks.enumerated() {
            try add(chunk, table: index)
            if allRows {
                sampledRows.append(contentsOf: rowCount - chunk.tokens.count..<rowCount)
            } else if chunk.samples {
                sampledRows.append(rowCount - 1)
            }
        }
        for row in 0..<rowCount { computeAngles(row) }
    }

    private func add(_ chunk: StepPlan.Chunk, table: Int) throws(ExecutionError) {
        let needed = KVBlock.count(forTokens: chunk.start + chunk.tokens.count)
        guard chunk.start >= 0, needed <= chunk.blocks.count, needed <= tableCapacity else {
            throw .init(.badInput, "sequence \(chunk.sequence) is over the executor's context")
        }
        for index in 0..<needed {
            let block = chunk.blocks[index]
            guard block >= 0, block < cache.blockCount else {
                throw .init(.badInput, "no cache block \(block)")
            }
            blockTables[table * tableCapacity + index] = block
        }
        for (offset, token) in chunk.tokens.enumerated() {
            tokens.append(token)
            positions.append(chunk.start + offset)
            tableOfRow.append(table)
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

    /// The cache place of a row's own key and value.
    func slot(_ row: Int) -> (block: Int, offset: Int) {
        let (index, offset) = positions[row].quotientAndRemainder(dividingBy: KVBlock.size)
        return (Int(table(row)[index]), offset)
    }

    func table(_ row: Int) -> UnsafePointer<Int32> {
        UnsafePointer(blockTables + tableOfRow[row] * tableCapacity)
    }
}
