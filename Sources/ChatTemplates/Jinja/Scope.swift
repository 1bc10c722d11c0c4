/// Variables of one block, by the parser's number for their name, inside an outer scope.
final class Scope {
    /// Up to here a search is faster than hashing.
    private static let smallCount = 16

    private var entries: [(number: Int, value: Value)] = []
    /// Where each number is, once there are many.
    private var index: [Int: Int] = [:]
    let parent: Scope?

    init(parent: Scope?) { self.parent = parent }

    /// Looks here and then outwards.
    func find(_ number: Int) -> Value? {
        var scope = self
        while true {
            if let place = scope.place(of: number) { return scope.entries[place].value }
            guard let parent = scope.parent else { return nil }
            scope = parent
        }
    }

    func set(_ number: Int, _ value: Value) {
        if let place = place(of: number) {
            entries[place].value = value
            return
        }
        if entries.isEmpty { entries.reserveCapacity(4) }
        entries.append((number, value))
        if entries.count > Self.smallCount {
            for place in index.count..<entries.count { index[entries[place].number] = place }
        }
    }

    private func place(of number: Int) -> Int? {
        if entries.count > Self.smallCount { return index[number] }
        for place in entries.indices where entries[place].number == number { return place }
        return nil
    }

    func removeAll() {
        entries = []
        index = [:]
    }
}
