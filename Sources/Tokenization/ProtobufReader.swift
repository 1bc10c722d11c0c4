import Core

/// The fields of one message in protobuf's wire format
/// (https://protobuf.dev/programming-guides/encoding), in place. Unknown fields are stepped over by
/// whoever reads; nothing is ever read beyond the message.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64
        /// A string, a message or packed numbers: where it lies.
        case bytes(Range<Int>)
    }

    private let data: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ data: [UInt8]) { self.init(data, 0..<data.count) }

    /// - Parameter range: the message inside `data`.
    init(_ data: [UInt8], _ range: Range<Int>) {
        self.data = data
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field; nil at the end of the message.
    mutating func next() throws(TokenizationError) -> (field: Int, value: Value)? {
        if position == end { return nil }
        let key = try varint()
        let field = Int(truncatingIfNeeded: key >> 3)
        guard key < 1 << 32, field > 0 else { throw error("a field without a number") }
        switch key & 7 {
        case 0: return (field, .varint(try varint()))
        case 1:
            _ = try take(8)
            return (field, .fixed64)
        case 2:
            let length = try varint()
            return (field, .bytes(try take(Int(clamping: length))))
        case 5:
            let bits = try take(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(data[$1]) }
            return (field, .fixed32(bits))
        default: throw error("a field of no known wire type")
        }
    }

    private mutating func varint() throws(TokenizationError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard position < end else { throw error("a number is cut off") }
            let byte = data[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw error("a number of more than ten bytes")
    }

    private mutating func take(_ count: Int) throws(TokenizationError) -> Range<Int> {
        guard count <= end - position else { throw error("a field is longer than its message") }
        let range = position..<position + count
        position += count
        return range
    }

    private func error(_ message: String) -> TokenizationError {
        TokenizationError(
            .malformed,
            "not a SentencePiece model: \(message)",
            at: "byte \(position)"
        )
    }
}
