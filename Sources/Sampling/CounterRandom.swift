/// Random numbers by position and not by history: the same seed and index give the same number, so
/// recomputing a sequence repeats its choices. Two rounds of SplitMix64's finaliser.
enum CounterRandom {
    private static let gamma: UInt64 = 0x9e37_79b9_7f4a_7c15

    /// Uniform in 0 ..< 1, with 53 random bits.
    static func uniform(seed: UInt64, index: Int) -> Double {
        Double(bits(seed: seed, index: UInt64(truncatingIfNeeded: index)) >> 11) * 0x1p-53
    }

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
