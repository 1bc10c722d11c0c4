/// GPT-2's spelling of bytes as printable characters, which byte-level vocabularies are written in.
/// Printable Latin-1 stands for itself; the other 68 bytes become U+0100 and up, in order.
enum ByteLevel {
    /// The scalar that spells each byte.
    static let scalars: [Unicode.Scalar] = {
        var spare = (0x100...0x143).compactMap(Unicode.Scalar.init).makeIterator()
        return (0...255).compactMap { (byte: UInt8) in
            isPlain(byte) ? Unicode.Scalar(byte) : spare.next()
        }
    }()

    /// The byte of each scalar below U+0144, or -1.
    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = Int16(byte) }
        return table
    }()

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: true
        default: false
        }
    }

    /// What a vocabulary entry stands for: its bytes if all of it is spelled in this alphabet, and
    /// otherwise its own UTF-8, as the reference's ByteLevel decoder has it.
    /// - Returns: whether it is spelled in this alphabet.
    @discardableResult
    static func decode(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        into output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        let bytes = bytes.span
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            guard scalar < 0x144, bytes[scalar] >= 0 else {
                output.removeSubrange(start...)
                for index in range { output.append(text[index]) }
                return false
            }
            output.append(UInt8(truncatingIfNeeded: bytes[scalar]))
            index += length
        }
        return true
    }

    /// The bytes that `text[word]` spells; characters outside of the alphabet are left out.
    static func bytes(_ text: Span<UInt8>, _ word: Range<Int>) -> [UInt8] {
        var result: [UInt8] = []
        var index = word.lowerBound
        while index < word.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if scalar < 0x144, bytes[scalar] >= 0 {
                result.append(UInt8(truncatingIfNeeded: bytes[scalar]))
            }
            index += length
        }
        return result
    }
}
