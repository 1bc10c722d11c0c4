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

    private var nodes: [Edge: Node] = [:]
    /// By block: the edge that leads to it, nil when the block is not in the index.
    private var edges: [Edge?]
    private var nextSerial: UInt64 = 0

    init(blockCount: Int) { edges = Array(repeating: nil, count: blockCount) }

    /// Blocks in the index, free or in use.
    var count: Int { nodes.count }

    func contains(_ block: Int32) -> Bool { edges[Int(block)] != nil }

    /// The block that holds `tokens` when they follow `place`, and the place after it.
    func find(_ tokens: ArraySlice<TokenID>, at place: Place) -> (block: Int32, place: Place)? {
        guard let node = nodes[Edge(from: place, tokens: tokens)] else { return nil }
        return (node.block, .after(serial: node.serial))
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
        return (block, .after(serial: serial))
    }

    /// Forgets `block`, whose content is about to change.
    mutating func remove(_ block: Int32) {
        guard let edge = edges[Int(block)] else { return }
        nodes[edge] = nil
        edges[Int(block)] = nil
    }
}
