/// Random numbers by position and not by history: the same seed and index give the same number, so
/// recomputing a sequence repeats its choices. Two rounds of SplitMix64's finaliser.
enum CounterRandom {
    private static let gamma: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// The seed goes through a round of its own, or nearby seeds would share shifted streams.
    static func bits(seed: UInt64, index: UInt64) -> UInt64 {
        mix(mix(seed &+ gamma) &+ (index &+ 1) &* gamma)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// The random numbers of one pick: as many as it takes, and all follow from the seed and the index.
struct RandomStream {
    private let seed: UInt64
    private var index: UInt64 = 0

    init(seed: UInt64, index: Int) {
        self.seed = CounterRandom.bits(seed: seed, index: UInt64(truncatingIfNeeded: index))
    }

    mutating func next() -> UInt64 {
        defer { index &+= 1 }
        return CounterRandom.bits(seed: seed, index: index)
    }

    /// Uniform in 0 ..< 1.
    mutating func uniform() -> Double { Self.uniform(next()) }

    /// The upper 53 bits as a number in 0 ..< 1.
    static func uniform(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }
}
