import Core

/// Byte strings with an id each, to find all that begin at one place of a text: a double array, in
/// which the step from a node with a byte is one addition and one comparison.
struct ByteTrie: Sendable {
    private struct Unit {
        /// Where the node's children are: that of byte `b` is at `base + b`.
        var base: Int32 = 0
        /// The node that this one is a child of; -1 in a free unit.
        var parent: Int32 = -1
        /// The id of the string that ends here, or -1.
        var id: TokenID = -1
    }

    static let root = 0

    private var units = [Unit(base: 0, parent: 0)]

    /// The child of `node` for `byte`; nil if no string goes on so.
    @inline(__always)
    func child(_ node: Int, _ byte: UInt8) -> Int? {
        let child = Int(units[node].base) &+ Int(byte)
        // The root is its own parent, and nobody's child.
        return child < units.count && units[child].parent == node && child != Self.root
            ? child : nil
    }

    /// The id of the string that ends at `node`; -1 if none does.
    @inline(__always)
    func id(_ node: Int) -> TokenID { units[node].id }

    /// The id of `text[range]` as a whole; -1 if it is none of the strings.
    func find(_ text: Span<UInt8>, _ range: Range<Int>) -> TokenID {
        var node = Self.root
        for index in range {
            guard let child = child(node, text[index]) else { return -1 }
            node = child
        }
        return id(node)
    }

    /// - Parameters:
    ///   - table: entry `i` gets id `i`; of equal ones the last. Empty strings are left out.
    ///   - include: which entries are strings of this trie.
    init(_ table: ByteTable, where include: (TokenID) -> Bool) {
        var builder = Builder(table)
        for entry in 0..<table.count
        where !table.range(entry).isEmpty && include(TokenID(truncatingIfNeeded: entry)) {
            builder.entries.append(Int32(truncatingIfNeeded: entry))
        }
        units = builder.build(units)
    }

    /// Lays out a trie from the root down. Strings are sorted one byte at a time, as far as needed.
    private struct Builder {
        let table: ByteTable
        var entries: [Int32] = []
        private var units: [Unit] = []
        /// The free units in ascending order: the one after each, and the one before.
        private var nextFree: [Int32] = []
        private var previousFree: [Int32] = []
        private var firstFree = 0

        init(_ table: ByteTable) { self.table = table }

        private struct Task {
            var node: Int
            var range: Range<Int>
            var depth: Int
        }

        mutating func build(_ start: [Unit]) -> [Unit] {
            units = start
            nextFree = [1]
            previousFree = [-1]
            firstFree = 1
            var tasks = [Task(node: ByteTrie.root, range: 0..<entries.count, depth: 0)]
            while let task = tasks.popLast() { expand(task, &tasks) }
            return units
        }

        private func byte(_ index: Int, _ depth: Int) -> UInt8 {
            table.blob[table.starts[Int(entries[index])] + depth]
        }

        private func ends(_ index: Int, _ depth: Int) -> Bool {
            table.range(Int(entries[index])).count == depth
        }

        /// Gives the strings that end at a node to it, and its children places.
        private mutating func expand(_ task: Task, _ tasks: inout [Task]) {
            var start = task.range.lowerBound
            for index in task.range where ends(index, task.depth) {
                units[task.node].id = max(units[task.node].id, entries[index])
                entries.swapAt(index, start)
                start += 1
            }
            let rest = start..<task.range.upperBound
            if rest.isEmpty { return }
            let groups = group(rest, task.depth)
            let base = place(groups.map { byte($0.lowerBound, task.depth) })
            units[task.node].base = Int32(truncatingIfNeeded: base)
            for range in groups {
                let child = base + Int(byte(range.lowerBound, task.depth))
                units[child].parent = Int32(truncatingIfNeeded: task.node)
                tasks.append(Task(node: child, range: range, depth: task.depth + 1))
            }
        }

        /// Sorts `entries[range]` by the byte at `depth` and returns the ranges of equal bytes.
        private mutating func group(_ range: Range<Int>, _ depth: Int) -> [Range<Int>] {
            if range.count == 1 { return [range] }
            if range.count < 32 { sortFew(range, depth) } else { sortMany(range, depth) }
            var groups: [Range<Int>] = []
            var start = range.lowerBound
            for index in range where byte(index, depth) != byte(start, depth) {
                groups.append(start..<index)
                start = index
            }
            groups.append(start..<range.upperBound)
            return groups
        }

        private mutating func sortFew(_ range: Range<Int>, _ depth: Int) {
            for index in range.dropFirst() {
                var at = index
                while at > range.lowerBound, byte(at - 1, depth) > byte(at, depth) {
                    entries.swapAt(at, at - 1)
                    at -= 1
                }
            }
        }

        private mutating func sortMany(_ range: Range<Int>, _ depth: Int) {
            var places = [Int](repeating: 0, count: 257)
            for index in range { places[Int(byte(index, depth)) + 1] += 1 }
            for value in 1..<257 { places[value] += places[value - 1] }
            let values = range.map { Int(byte($0, depth)) }
            for (entry, value) in zip(Array(entries[range]), values) {
                entries[range.lowerBound + places[value]] = entry
                places[value] += 1
            }
        }

        /// Takes units for children with these bytes, ascending.
        /// - Returns: their base.
        private mutating func place(_ bytes: [UInt8]) -> Int {
            let low = Int(bytes[0])
            var free = firstFree
            var misses = 0
            while true {
                let base = free - low
                grow(to: max(free, base + 256))
                if base >= 0, bytes.allSatisfy({ units[base + Int($0)].parent < 0 }) {
                    for byte in bytes { take(base + Int(byte)) }
                    return base
                }
                free = Int(nextFree[free])
                misses += 1
                // Crowded: what is free at the front is given up for wide nodes, in favour of speed.
                if misses > 64 { free = max(free, units.count) }
            }
        }

        private mutating func grow(to count: Int) {
            while units.count <= count {
                let unit = Int32(truncatingIfNeeded: units.count)
                units.append(Unit())
                nextFree.append(unit + 1)
                previousFree.append(lastFree)
                lastFree = unit
            }
        }

        private var lastFree: Int32 = -1

        private mutating func take(_ unit: Int) {
            units[unit].parent = 0
            let next = Int(nextFree[unit])
            let previous = Int(previousFree[unit])
            if previous >= 0 { nextFree[previous] = Int32(truncatingIfNeeded: next) }
            if next < units.count {
                previousFree[next] = Int32(truncatingIfNeeded: previous)
            } else {
                lastFree = Int32(truncatingIfNeeded: previous)
            }
            if unit == firstFree { firstFree = next }
        }
    }
}
