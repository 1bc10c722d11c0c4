import Core

/// The blocks of windowed layers: a pool of its own, and which of them hold the tokens of a block
/// in the prefix index. Such a link lasts until either block is taken for new content. Without a
/// window there are no blocks and every table is empty.
struct WindowBlocks {
    private(set) var pool: BlockPool
    private let window: Int?
    /// By block in the prefix index: the window block with the same tokens, or `gone`.
    private var windowOf: [Int32]
    /// The reverse, by window block.
    private var fullOf: [Int32]

    init(_ configuration: SchedulerConfiguration) {
        window = configuration.window
        pool = BlockPool(count: configuration.windowBlockCount)
        let fullCount = window == nil ? 0 : configuration.blockCount
        windowOf = Array(repeating: KVBlock.gone, count: fullCount)
        fullOf = Array(repeating: KVBlock.gone, count: configuration.windowBlockCount)
    }

    // MARK: Tables

    /// Blocks that `table` lacks to cover `tokens` positions.
    func missing(in table: [Int32], tokens: Int) -> Int {
        window == nil ? 0 : max(0, KVBlock.count(forTokens: tokens) - table.count)
    }

    /// Blocks of a sequence that `table` has room for; without a window no table sets a limit.
    func covered(by table: [Int32]) -> Int { window == nil ? .max : table.count }

    /// Gives back what a table has beyond its first `count` blocks.
    mutating func trim(_ table: inout [Int32], to count: Int) {
        while table.count > count, let block = table.popLast() {
            if block != KVBlock.gone { release(block) }
        }
    }

    /// Whether enough are free for a table that will grow to `tokens` positions, sliding, and holds
    /// no more than `most` at a time.
    func canExtend(_ table: [Int32], to tokens: Int, most: Int) -> Bool {
        let held = table.count { $0 != KVBlock.gone }
        return min(missing(in: table, tokens: tokens), most - held) <= pool.freeCount
    }

    /// Appends blocks for new content.
    /// - Precondition: `count` are free.
    mutating func extend(_ table: inout [Int32], by count: Int) {
        for _ in 0..<count {
            guard let block = pool.take() else { preconditionFailure("no window block is free") }
            unlink(full: fullOf[Int(block)])
            table.append(block)
        }
    }

    /// Gives back what no position from `position` on sees.
    mutating func slide(_ table: inout [Int32], to position: Int) {
        guard let window else { return }
        var number = KVBlock.first(seenFrom: position, window: window) - 1
        while number >= 0, table[number] != KVBlock.gone {
            release(table[number])
            table[number] = KVBlock.gone
            number -= 1
        }
    }

    /// Gives all of a table back.
    mutating func release(_ table: inout [Int32]) {
        for block in table.reversed() where block != KVBlock.gone { release(block) }
        table = []
    }

    private mutating func release(_ block: Int32) {
        pool.release(block, keepContent: fullOf[Int(block)] != KVBlock.gone)
    }

    // MARK: Links to the prefix index

    /// Records that block `number` of `table` holds the tokens of block `full` of the index. When
    /// another is known to, that one stays.
    mutating func link(_ number: Int, of table: [Int32], full: Int32) {
        guard window != nil, windowOf[Int(full)] == KVBlock.gone else { return }
        windowOf[Int(full)] = table[number]
        fullOf[Int(table[number])] = full
    }

    /// Forgets the window block of `full`, if there is one.
    mutating func unlink(full: Int32) {
        guard window != nil, full != KVBlock.gone, windowOf[Int(full)] != KVBlock.gone else {
            return
        }
        fullOf[Int(windowOf[Int(full)])] = KVBlock.gone
        windowOf[Int(full)] = KVBlock.gone
    }

    /// The window block with the content of `full`; nil when there is none, `gone` when the model
    /// has no windows and so needs none.
    func twin(of full: Int32) -> Int32? {
        guard window != nil else { return KVBlock.gone }
        let twin = windowOf[Int(full)]
        return twin == KVBlock.gone ? nil : twin
    }

    /// How many blocks at the start of `run` a sequence can go on after: the most for which all
    /// window blocks that the next position sees are still there.
    func usable(_ run: [Int32]) -> Int {
        guard let window else { return run.count }
        var usable = 0
        var linked = 0
        for (number, block) in run.enumerated() {
            linked = windowOf[Int(block)] == KVBlock.gone ? 0 : linked + 1
            let count = number + 1
            let first = KVBlock.first(seenFrom: count * KVBlock.size, window: window)
            if linked >= count - first { usable = count }
        }
        return usable
    }

    /// A table for a sequence that goes on after `run`; what it sees of it is retained.
    /// - Precondition: all of `run` is usable.
    mutating func pin(_ run: [Int32]) -> [Int32] {
        guard let window else { return [] }
        let first = KVBlock.first(seenFrom: run.count * KVBlock.size, window: window)
        var table = Array(repeating: KVBlock.gone, count: run.count)
        for number in first..<run.count {
            table[number] = windowOf[Int(run[number])]
            pool.retain(table[number])
        }
        return table
    }
}
