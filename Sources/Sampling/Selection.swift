/// Finds where to cut a distribution without sorting it: the logits' bits, in an order that follows
/// their values, are looked at eight at a time from the top. Four passes suffice for any input.
struct Selection {
    /// What stays: all above `key`, and the first `equals` of those with just this key.
    struct Cut: Equatable {
        var key: UInt32
        var equals: Int
    }

    private static let digitBits: UInt32 = 8
    private static let digitMask: UInt32 = 1 << digitBits - 1
    private static let shifts: [UInt32] = [24, 16, 8, 0]

    /// The weight of each value of the digit in question.
    private var sums = [Double](repeating: 0, count: 1 << Int(digitBits))

    /// The shortest run of entries, from the highest logit down, whose weights reach `target`; at
    /// least one entry, at most all that have weight.
    mutating func cut(of logits: [Float], _ weights: [Float], reaching target: Double) -> Cut {
        var prefix: UInt32 = 0
        var above = 0.0
        for shift in Self.shifts {
            sum(logits, weights, below: prefix, shift)
            prefix |= chooseDigit(reaching: target, above: &above) << shift
        }
        let rest = target - above
        return Cut(key: prefix, equals: equals(to: prefix, logits, weights, reaching: rest))
    }

    /// Adds up weights by digit, of the entries whose higher digits are those of `prefix`.
    private mutating func sum(
        _ logits: [Float],
        _ weights: [Float],
        below prefix: UInt32,
        _ shift: UInt32
    ) {
        for i in sums.indices { sums[i] = 0 }
        let settled = shift + Self.digitBits
        for i in logits.indices {
            let key = logits[i].sortKey
            // Smart shifts give 0 beyond the width: at first every key agrees.
            guard key >> settled == prefix >> settled else { continue }
            sums[Int(key >> shift & Self.digitMask)] += Double(weights[i])
        }
    }

    /// The digit at which the target is reached, or the lowest with weight; adds to `above` what
    /// lies over it.
    private func chooseDigit(reaching target: Double, above: inout Double) -> UInt32 {
        var chosen: Int?
        for digit in sums.indices.reversed() where sums[digit] > 0 {
            if let last = chosen { above += sums[last] }
            chosen = digit
            if above + sums[digit] >= target { break }
        }
        return UInt32(chosen ?? 0)
    }

    private func equals(
        to key: UInt32,
        _ logits: [Float],
        _ weights: [Float],
        reaching rest: Double
    ) -> Int {
        var sum = 0.0
        var count = 0
        for i in logits.indices where logits[i].sortKey == key {
            sum += Double(weights[i])
            count += 1
            if sum >= rest { break }
        }
        return count
    }
}

extension Float {
    /// Orders as the numbers do: the sign bit flipped, and of negative numbers all bits.
    var sortKey: UInt32 {
        bitPattern >> 31 == 0 ? bitPattern | 1 << 31 : ~bitPattern
    }
}
