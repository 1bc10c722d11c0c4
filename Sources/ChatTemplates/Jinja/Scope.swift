/// Variables of one block, by the parser's number for their name, inside an outer scope.
final class Scope {
    private var numbers: [Int] = []
    private var values: [Value] = []
    let parent: Scope?

    init(parent: Scope?) { self.parent = parent }

    /// Looks here and then outwards.
    func find(_ number: Int) -> Value? {
        var scope: Scope? = self
        while let here = scope {
            if let place = here.numbers.lastIndex(of: number) { return here.values[place] }
            scope = here.parent
        }
        return nil
    }

    func set(_ number: Int, _ value: Value) {
        if let place = numbers.firstIndex(of: number) {
            values[place] = value
        } else {
            numbers.append(number)
            values.append(value)
        }
    }

    func removeAll() {
        numbers.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }
}
