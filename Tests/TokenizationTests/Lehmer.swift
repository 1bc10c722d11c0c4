/// A small generator with a seed, so that a failure can be repeated.
struct Lehmer: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 0xDA94_2042_E4DD_58B5 &+ 0x9E37_79B9_7F4A_7C15
        return state ^ (state >> 29)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
