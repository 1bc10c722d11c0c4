internal import COpenSSL

/// SHA-256 (FIPS 180-4), by the distribution's OpenSSL.
enum Digest {
    static let byteCount = 32

    static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
            SHA256(bytes, bytes.count, output.baseAddress)
            count = byteCount
        }
    }

    static func sha256(_ text: String) -> [UInt8] { sha256(Array(text.utf8)) }
}

/// Lower-case hexadecimal digits of random bytes from the operating system.
enum RandomText {
    static func hexadecimal(bytes: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<bytes).reduce(into: "") { text, _ in
            let byte = UInt8.random(in: .min ... .max, using: &generator)
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
