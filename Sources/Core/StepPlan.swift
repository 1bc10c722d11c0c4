/// What one engine step computes: the only value that goes from the scheduler to the executor.
package struct StepPlan: Sendable {
    /// A run of consecutive tokens of one sequence whose keys and values are computed this step.
    package struct Chunk: Sendable {
        package var sequence: SequenceID
        /// The tokens to compute, at positions `start ..< start + tokens.count`.
        package var tokens: [TokenID]
        package var start: Int
        /// Block table: block `i` holds positions `i * KVBlock.size ..< (i + 1) * KVBlock.size`.
        /// Covers at least `start + tokens.count` positions.
        package var blocks: [Int32]
        /// The same table for windowed layers, whose cache is a second set of blocks. Blocks that no
        /// position from `start` on sees may be `KVBlock.gone`. Empty when no layer has a window.
        package var windowBlocks: [Int32]
        /// Whether the logits are wanted of the sequence's last token (it has caught up with its
        /// total) and of every draft after it.
        package var samples: Bool
        /// How many of `tokens`, at their end, are drafts: guesses at what the sequence will say,
        /// whose logits tell whether they were right. 0 unless the chunk samples.
        package var drafts: Int
        /// Prompt tokens that came from the prefix cache; set on a sequence's first chunk only.
        package var cachedTokens: Int

        /// - Parameter windowBlocks: nil takes `blocks`, for who keeps as many blocks of both sets.
        package init(
            sequence: SequenceID,
            tokens: [TokenID],
            start: Int,
            blocks: [Int32],
            windowBlocks: [Int32]? = nil,
            samples: Bool,
            drafts: Int = 0,
            cachedTokens: Int = 0
        ) {
            self.sequence = sequence
            self.tokens = tokens
            self.start = start
            self.blocks = blocks
            self.windowBlocks = windowBlocks ?? blocks
            self.samples = samples
            self.drafts = drafts
            self.cachedTokens = cachedTokens
        }

        /// Rows of logits that the chunk gives: of its last tokens, in their order.
        package var sampledRows: Int { samples ? drafts + 1 : 0 }
    }

    /// A block whose beginning a sequence goes on from: its content is to be copied before anything
    /// is computed, all copies in their order.
    package struct Copy: Sendable, Equatable {
        package var from: Int32
        package var to: Int32
        /// Tokens at the block's start that matter.
        package var tokens: Int
        /// Whether these are blocks of windowed layers.
        package var windowed: Bool

        package init(from: Int32, to: Int32, tokens: Int, windowed: Bool = false) {
            self.from = from
            self.to = to
            self.tokens = tokens
            self.windowed = windowed
        }
    }

    package var chunks: [Chunk]
    package var copies: [Copy] = []
    /// Sequences that lost their blocks before this step; they will be computed again.
    package var preempted: [SequenceID]
    /// Empty chunks, kept for their memory.
    private var spare: [Chunk] = []

    package init(chunks: [Chunk] = [], preempted: [SequenceID] = []) {
        self.chunks = chunks
        self.preempted = preempted
    }

    package var isEmpty: Bool { chunks.isEmpty }

    /// Empties the plan and keeps its memory for the next.
    package mutating func removeAll() {
        while var chunk = chunks.popLast() {
            chunk.tokens.removeAll(keepingCapacity: true)
            // Tables are shared with the scheduler, which is about to change them.
            chunk.blocks = []
            chunk.windowBlocks = []
            spare.append(chunk)
        }
        copies.removeAll(keepingCapacity: true)
        preempted.removeAll(keepingCapacity: true)
    }

    /// Adds a chunk without tokens and blocks, whose other fields mean nothing yet.
    package mutating func appendEmpty() {
        let empty = Chunk(
            sequence: SequenceID(0),
            tokens: [],
            start: 0,
            blocks: [],
            samples: false
        )
        chunks.append(spare.popLast() ?? empty)
    }

    package var tokenCount: Int { chunks.reduce(0) { $0 + $1.tokens.count } }
}

/// What the engine tells the scheduler after a step: an entry for every chunk that sampled, and
/// another after it for every draft that turned out to be right.
package struct StepResult: Sendable {
    package struct Sampled: Sendable {
        package var sequence: SequenceID
        package var token: TokenID
        /// The sequence ends with this token; its blocks are free after `apply`.
        package var isLast: Bool

        package init(sequence: SequenceID, token: TokenID, isLast: Bool) {
            self.sequence = sequence
            self.token = token
            self.isLast = isLast
        }
    }
    package var sampled: [Sampled]
    package init(sampled: [Sampled]) { self.sampled = sampled }
}

/// The paged cache's unit, shared by the scheduler (who counts) and the executor (who stores).
package enum KVBlock {
    /// Tokens a block holds.
    package static let size = 32
    package static func count(forTokens tokens: Int) -> Int { (tokens + size - 1) / size }

    /// In a table of window blocks: given back, no position yet to be computed sees it.
    package static let gone: Int32 = -1
    /// The first block of a table that `position` sees when it sees the last `window` positions.
    package static func first(seenFrom position: Int, window: Int) -> Int {
        max(0, position + 1 - window) / size
    }
    /// The most blocks that a chunk of a sequence can write or see through `window`.
    package static func most(forChunk tokens: Int, window: Int) -> Int {
        // At worst the first of all those positions is the last of its block.
        count(forTokens: window + tokens - 2) + 1
    }
}
