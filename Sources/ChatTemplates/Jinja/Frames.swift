/// Which variables each block of a template reads and assigns, in the order of the text.
///
/// jinja2 decides from it where a name comes from: a name that a block assigns before it reads it is
/// a variable of that block from its start, undefined until the assignment runs, and hides what the
/// caller passed under that name from the blocks inside.
struct Frames: Sendable {
    private struct Frame {
        var parent: Int?
        /// Names in the order of their first use, and whether that use hides the caller's value.
        var uses: [(name: Int, isFirstAssignment: Bool)] = []
        var known: Set<Int> = []
    }

    private var frames = [Frame(parent: nil)]
    /// The innermost block now.
    private(set) var current = 0

    /// Opens a block inside the current one; returns the number to leave it with.
    mutating func enter() -> Int {
        frames.append(Frame(parent: current))
        defer { current = frames.count - 1 }
        return current
    }

    mutating func leave(to outer: Int) { current = outer }

    mutating func read(_ name: Int) { use(name, isFirstAssignment: false) }

    /// - Parameter isConditional: inside an `if` of this block, after which the name may still mean
    ///   the caller's value.
    mutating func assign(_ name: Int, isConditional: Bool) {
        use(name, isFirstAssignment: !isConditional)
    }

    /// A parameter or loop variable: always has a value.
    mutating func declare(_ name: Int) { use(name, isFirstAssignment: false) }

    private mutating func use(_ name: Int, isFirstAssignment: Bool) {
        guard frames[current].known.insert(name).inserted else { return }
        frames[current].uses.append((name, isFirstAssignment))
    }

    /// For each block the names that start undefined.
    func hiddenNames() -> [[Int]] {
        frames.indices.map { index in
            frames[index].uses.filter { $0.isFirstAssignment && !isKnown($0.name, outside: index) }
                .map(\.name)
        }
    }

    private func isKnown(_ name: Int, outside index: Int) -> Bool {
        var next = frames[index].parent
        while let frame = next {
            if frames[frame].known.contains(name) { return true }
            next = frames[frame].parent
        }
        return false
    }
}
