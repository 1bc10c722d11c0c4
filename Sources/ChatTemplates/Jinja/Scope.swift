/// Variables of one block, by the parser's number for their name, inside an outer scope.
final class Scope {
    /// Up to here a search is faster than hashing.
    private static let smallCount = 16

    private var numbers: [Int] = []
    private var values: [Value] = []
    /// Where each number is, once there are many.
    private var index: [Int: Int] = [:]
    let parent: Scope?

    init(parent: Scope?) { self.parent = parent }

    /// Looks here and then outwards.
    func find(_ number: Int) -> Value? {
        var scope: Scope? = self
        while let here = scope {
            if let place = here.place(of: number) { return here.values[place] }
            scope = here.parent
        }
        return nil
    }

    func set(_ number: Int, _ value: Value) {
        if let place = place(of: number) {
            values[place] = value
            return
        }
        numbers.append(number)
        values.append(value)
        if numbers.count > Self.smallCount {
            for place in index.count..<numbers.count { index[numbers[place]] = place }
        }
    }

    private func place(of number: Int) -> Int? {
        numbers.count > Self.smallCount ? index[number] : numbers.firstIndex(of: number)
    }

    func removeAll() {
        numbers = []
        values = []
        index = [:]
    }
}
