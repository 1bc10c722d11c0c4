import Core

/// Full blocks by what they hold: a tree whose edges are exactly `KVBlock.size` tokens and whose
/// roots are tenants. Tokens are compared, not only their hash, so a hit is never a collision; no
/// path leads from one tenant to another.
struct PrefixIndex {
    /// A place in the tree: where a tenant's prompts begin, or after some block. Serials are never
    /// used twice, so what hangs below an evicted block can never be reached again.
    enum Place: Hashable {
        case root(TenantID)
        case after(serial: UInt64)
    }

    private struct Edge: Hashable {
        let from: Place
        let tokens: ArraySlice<TokenID>
    }

    private struct Node {
        let block: Int32
        let serial: UInt64
    }

    /// Lengths of beginnings that are indexed, the longest first.
    private static let beginnings = [24, 16, 8]

    private var nodes: [Edge: Node] = [:]
    /// By place and the first few tokens of a block after it: the latest such block.
    private var partial: [Edge: Int32] = [:]
    /// By block: the edge that leads to it, nil when the block is not in the index.
    private var edges: [Edge?]
    private var nextSerial: UInt64 = 0

    /// - Parameter isUsed: takes memory for all blocks at once.
    init(blockCount: Int, isUsed: Bool) {
        edges = Array(repeating: nil, count: blockCount)
        guard isUsed else { return }
        nodes.reserveCapacity(blockCount)
        partial.reserveCapacity(Self.beginnings.count * blockCount)
    }

    /// Blocks in the index, free or in use.
    var count: Int { nodes.count }

    func contains(_ block: Int32) -> Bool { edges[Int(block)] != nil }

    /// The block that holds `tokens` when they follow `place`, and the place after it.
    func find(_ tokens: ArraySlice<TokenID>, at place: Place) -> (block: Int32, place: Place)? {
        guard let node = nodes[Edge(from: place, tokens: tokens)] else { return nil }
        return (node.block, .after(serial: node.serial))
    }

    /// A block after `place` that begins as `tokens` does, and how many tokens they share; nil when
    /// they would be few. A fork inside a block is found this way.
    func findBeginning(
        of tokens: ArraySlice<TokenID>,
        at place: Place
    ) -> (block: Int32, count: Int)? {
        for length in Self.beginnings where length <= tokens.count {
            let edge = Edge(from: place, tokens: tokens.prefix(length))
            guard let block = partial[edge], let known = edges[Int(block)]?.tokens else { continue }
            return (block, zip(known, tokens).prefix { $0 == $1 }.count)
        }
        return nil
    }

    /// Records that `block` holds `tokens` after `place`; returns the block that is recorded now,
    /// and the place after it. When another block holds the same already, that one stays.
    mutating func insert(
        _ block: Int32,
        _ tokens: ArraySlice<TokenID>,
        at place: Place
    ) -> (block: Int32, place: Place) {
        if let known = find(tokens, at: place) { return known }
        // A copy of the tokens alone: a slice would keep its whole sequence alive.
        let edge = Edge(from: place, tokens: ArraySlice(Array(tokens)))
        let serial = nextSerial
        nextSerial += 1
        nodes[edge] = Node(block: block, serial: serial)
        edges[Int(block)] = edge
        for beginning in Self.beginnings(of: edge) { partial[beginning] = block }
        return (block, .after(serial: serial))
    }

    /// Forgets `block`, whose content is about to change.
    mutating func remove(_ block: Int32) {
        guard let edge = edges[Int(block)] else { return }
        nodes[edge] = nil
        edges[Int(block)] = nil
        for beginning in Self.beginnings(of: edge) where partial[beginning] == block {
            partial[beginning] = nil
        }
    }

    private static func beginnings(of edge: Edge) -> some Sequence<Edge> {
        beginnings.lazy.map { Edge(from: edge.from, tokens: edge.tokens.prefix($0)) }
    }
}
