/// How the rows of a weight under Hugging Face's names relate to its rows under GGUF's. Either side
/// may be several tensors; then their rows count through, one tensor after the other.
enum RowLayout: Sendable {
    /// Row by row the same.
    case same
    /// Query or key heads whose rotation pairs GGUF has as neighbours, and Hugging Face as halves.
    case rotatedQueries, rotatedKeys
    /// The same of both, in one tensor with the values.
    case rotatedQueriesAndKeys
    /// Hugging Face has, for every key/value head, its query heads, its key and its value; GGUF all
    /// queries, all keys, all values.
    case groupedHeads
    /// Hugging Face has gate above up, GGUF two tensors.
    case gateAboveUp
    /// The same for every expert.
    case expertGateAboveUp
    /// GGUF has gate above up for every expert, Hugging Face all gates, then all ups.
    case gatesThenUps
    /// Hugging Face alternates gate and up, row by row, GGUF has two tensors.
    case gateUpAlternating
    /// Hugging Face has, for every head, the plain part of its key and its value; GGUF two tensors.
    case latentKeysAndValues

    /// - Parameter rows: of all tensors together, on either side.
    /// - Returns: nil where the model's dimensions do not fit so many rows.
    func order(_ d: GGUFDimensions, rows: Int) -> RowOrder? {
        switch self {
        case .same: .same
        case .rotatedQueries: RowOrder(pairsIn: d.heads, rows)
        case .rotatedKeys: RowOrder(pairsIn: d.keyValueHeads, rows)
        case .rotatedQueriesAndKeys:
            .pairs(width: d.headWidth, until: (d.heads + d.keyValueHeads) * d.headWidth)
        case .groupedHeads:
            RowOrder(
                groups: d.keyValueHeads,
                of: [d.heads / d.keyValueHeads * d.headWidth, d.headWidth, d.headWidth],
                rows
            )
        case .gateAboveUp: RowOrder(halvesIn: 1, rows)
        case .expertGateAboveUp: RowOrder(halvesIn: d.experts, rows)
        case .gatesThenUps: RowOrder(halvesIn: d.experts, rows).map { .turned($0) }
        case .gateUpAlternating: RowOrder(groups: rows / 2, of: [1, 1], rows)
        case .latentKeysAndValues:
            RowOrder(groups: d.heads, of: [d.plainKeyWidth, d.valueWidth], rows)
        }
    }
}

/// A layout with numbers: where each row is on the other side.
indirect enum RowOrder {
    case same
    /// Heads of `width` rows, up to row `until`; the others are at their places.
    case pairs(width: Int, until: Int)
    /// On Hugging Face's side groups of parts so many rows high; on GGUF's the parts of all groups
    /// together, part after part. `starts`: where in a group each part starts, and its end.
    case grouped(starts: [Int], groups: Int)
    /// An order with the sides exchanged.
    case turned(RowOrder)

    init?(pairsIn heads: Int, _ rows: Int) {
        guard heads > 0, rows % (2 * heads) == 0 else { return nil }
        self = .pairs(width: rows / heads, until: rows)
    }

    init?(halvesIn groups: Int, _ rows: Int) {
        guard groups > 0, rows % (2 * groups) == 0 else { return nil }
        self.init(groups: groups, of: [rows / groups / 2, rows / groups / 2], rows)
    }

    init?(groups: Int, of heights: [Int], _ rows: Int) {
        var starts = [0]
        for height in heights { starts.append(starts[starts.count - 1] + height) }
        guard groups > 0, starts[starts.count - 1] > 0, groups * starts[starts.count - 1] == rows
        else { return nil }
        self = .grouped(starts: starts, groups: groups)
    }

    /// Rows of each of GGUF's tensors, where they are not all equal.
    var ggufHeights: [Int]? {
        guard case .grouped(let starts, let groups) = self else { return nil }
        return zip(starts, starts.dropFirst()).map { groups * ($1 - $0) }
    }

    /// Where Hugging Face's row is in GGUF; nil where every row is at its place.
    var toGGUF: ((Int) -> Int)? {
        switch self {
        case .same: nil
        case .turned(let order): order.fromGGUF
        case .pairs(let width, let end):
            { row in
                if row >= end { return row }
                let (half, index) = (row % width).quotientAndRemainder(dividingBy: width / 2)
                return row - row % width + 2 * index + half
            }
        case .grouped(let starts, let groups):
            { row in
                let (group, place) = row.quotientAndRemainder(dividingBy: starts[starts.count - 1])
                let part = Self.part(place, starts)
                let height = starts[part + 1] - starts[part]
                return groups * starts[part] + group * height + place - starts[part]
            }
        }
    }

    /// Where GGUF's row is in Hugging Face's; nil where every row is at its place.
    var fromGGUF: ((Int) -> Int)? {
        switch self {
        case .same: nil
        case .turned(let order): order.toGGUF
        case .pairs(let width, let end):
            { row in
                if row >= end { return row }
                let (index, half) = (row % width).quotientAndRemainder(dividingBy: 2)
                return row - row % width + half * (width / 2) + index
            }
        case .grouped(let starts, let groups):
            { row in
                // Part p starts at groups * starts[p], so that rows / groups finds it.
                let part = Self.part(row / groups, starts)
                let height = starts[part + 1] - starts[part]
                let (group, place) = (row - groups * starts[part])
                    .quotientAndRemainder(dividingBy: height)
                return group * starts[starts.count - 1] + starts[part] + place
            }
        }
    }

    private static func part(_ place: Int, _ starts: [Int]) -> Int {
        var part = 0
        while part + 2 < starts.count, place >= starts[part + 1] { part += 1 }
        return part
    }
}
