internal import Core

/// Reads little-endian values front to back and never past the end: nil, and no movement, where the
/// bytes do not suffice.
struct GGUFCursor {
    private let bytes: UnsafeRawBufferPointer
    /// Never beyond `bytes.count`.
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Bytes that are left.
    var remaining: Int { bytes.count - offset }

    mutating func read<Value: FixedWidthInteger>(_: Value.Type = Value.self) -> Value? {
        guard MemoryLayout<Value>.size <= remaining else { return nil }
        defer { offset += MemoryLayout<Value>.size }
        return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// Passes over `count` bytes; returns where they are.
    mutating func skip(_ count: UInt64) -> Range<Int>? {
        guard count <= UInt64(remaining) else { return nil }
        defer { offset += Int(count) }
        return offset..<offset + Int(count)
    }

    /// Passes over a string: a 64-bit length and that many bytes, which it returns.
    mutating func string() -> UnsafeRawBufferPointer? {
        let start = offset
        guard let length = read(UInt64.self), let range = skip(length) else {
            offset = start
            return nil
        }
        return self[range]
    }

    /// - Precondition: the range came from `skip`.
    subscript(range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[range])
    }
}

/// Why a metadata value cannot be passed over.
enum GGUFFault: Error {
    case truncated
    case tooDeep
    case unknownType(UInt32)
    case notBoolean(UInt8)
}

extension GGUFCursor {
    /// Passes over a value of `type`; costs time in proportion to its bytes at most. Arrays of
    /// strings and of arrays are walked, because only that tells where they end.
    mutating func skip(_ type: GGUFValueType, depth: Int = 0) throws(GGUFFault) {
        switch type {
        case .string: if string() == nil { throw .truncated }
        case .array: try skipArray(depth: depth + 1)
        case .bool: try skipBooleans(1)
        default: try skipFixed(type, 1)
        }
    }

    private mutating func skipArray(depth: Int) throws(GGUFFault) {
        guard depth <= Limits.ggufArrayDepth else { throw .tooDeep }
        guard let number = read(UInt32.self), let count = read(UInt64.self) else {
            throw .truncated
        }
        guard let type = GGUFValueType(rawValue: number) else { throw .unknownType(number) }
        switch type {
        case .bool: try skipBooleans(count)
        case .string, .array:
            guard count <= UInt64(remaining / type.leastByteCount) else { throw .truncated }
            for _ in 0..<count { try skip(type, depth: depth) }
        default: try skipFixed(type, count)
        }
    }

    private mutating func skipFixed(_ type: GGUFValueType, _ count: UInt64) throws(GGUFFault) {
        let (size, overflow) = count.multipliedReportingOverflow(by: UInt64(type.leastByteCount))
        if overflow || skip(size) == nil { throw .truncated }
    }

    private mutating func skipBooleans(_ count: UInt64) throws(GGUFFault) {
        guard let range = skip(count) else { throw .truncated }
        if let byte = self[range].first(where: { $0 > 1 }) { throw .notBoolean(byte) }
    }
}
