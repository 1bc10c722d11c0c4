/// Numbers of 4 and 8 bits in 32-bit words, lowest first.
enum Packing {
    /// Eight numbers of 4 bits as eight bytes.
    @inline(__always)
    static func bytes(ofNibbles word: UInt32) -> UInt64 {
        var spread = UInt64(word)
        spread = (spread | spread << 16) & 0x0000_FFFF_0000_FFFF
        spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF
        return (spread | spread << 4) & 0x0F0F_0F0F_0F0F_0F0F
    }

    /// Four codes of 8 bits around 128 as the bits of four `Int8` around 0.
    @inline(__always)
    static func signed(_ word: UInt32) -> UInt32 { word ^ 0x8080_8080 }

    /// Number `index` of a word.
    @inline(__always)
    static func number(_ index: Int, of word: UInt32, bits: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: word >> UInt32(truncatingIfNeeded: index * bits))
            & UInt8(truncatingIfNeeded: (1 << bits) - 1)
    }

    /// Words that hold `count` numbers.
    static func words(_ count: Int, bits: Int) -> Int { (count - 1) / (32 / bits) + 1 }
}

extension UnsafeRawBufferPointer {
    /// 32-bit word `index`, at any alignment.
    @inline(__always)
    func word(_ index: Int) -> UInt32 { loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self) }
}

/// The smallest number of groups of `size` that hold `count`; both at least 1.
func groups(_ count: Int, of size: Int) -> Int { (count - 1) / size + 1 }
