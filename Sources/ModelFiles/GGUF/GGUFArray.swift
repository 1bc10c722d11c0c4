/// An array of metadata where it lies in the file. Every call walks it anew and keeps nothing, so
/// ask once. All answers are nil when the elements are of another type.
package struct GGUFArray: Sendable {
    package let elementType: GGUFValueType
    package let count: Int
    private let elements: GGUFBytes

    /// - Parameter payload: element type, count, and the elements up to its end.
    init?(_ payload: GGUFBytes) {
        let header = payload.withBytes { bytes in
            var cursor = GGUFCursor(bytes)
            let type = cursor.read(UInt32.self).flatMap(GGUFValueType.init(rawValue:))
            return (type, cursor.read(UInt64.self).flatMap { Int(exactly: $0) }, cursor.offset)
        }
        guard let type = header.0, let count = header.1 else { return nil }
        elementType = type
        self.count = count
        elements = payload.part(header.2..<payload.count)
    }

    /// Integers of any width; nil also when one is beyond `Int`.
    package func ints() -> [Int]? {
        switch elementType {
        case .uint8: map { (value: UInt8) in Int(value) }
        case .int8: map { (value: Int8) in Int(value) }
        case .uint16: map { (value: UInt16) in Int(value) }
        case .int16: map { (value: Int16) in Int(value) }
        case .uint32: map { (value: UInt32) in Int(value) }
        case .int32: map { (value: Int32) in Int(value) }
        case .uint64: map { (value: UInt64) in Int(exactly: value) }
        case .int64: map { (value: Int64) in Int(value) }
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// Floats of either width, the wider ones rounded.
    package func floats() -> [Float]? {
        elementType == .float32
            ? map { (bits: UInt32) in Float(bitPattern: bits) } : doubles()?.map { Float($0) }
    }

    /// Floats of either width.
    package func doubles() -> [Double]? {
        switch elementType {
        case .float32: map { (bits: UInt32) in Double(Float(bitPattern: bits)) }
        case .float64: map { (bits: UInt64) in Double(bitPattern: bits) }
        default: nil
        }
    }

    package func bools() -> [Bool]? {
        elementType == .bool ? map { (value: UInt8) in value != 0 } : nil
    }

    /// What is not UTF-8 becomes U+FFFD; two strings may become one that way (see `forEachString`).
    package func strings() -> [String]? {
        var strings: [String] = []
        let whole = forEachString { strings.append(String(decoding: $0, as: UTF8.self)) }
        return whole ? strings : nil
    }

    /// Hands over each string's bytes, which need not be UTF-8 and are valid during the call.
    /// - Returns: whether the elements are strings.
    package func forEachString(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows -> Bool {
        guard elementType == .string else { return false }
        return try elements.withBytes { bytes in
            var cursor = GGUFCursor(bytes)
            for _ in 0..<count {
                guard let string = cursor.string() else { return false }
                try body(string)
            }
            return true
        }
    }

    /// Arrays in this array.
    package func arrays() -> [GGUFArray]? {
        guard elementType == .array else { return nil }
        let ranges = elements.withBytes { bytes in
            var cursor = GGUFCursor(bytes)
            var ranges: [Range<Int>] = []
            for _ in 0..<count {
                let start = cursor.offset
                guard (try? cursor.skip(.array)) != nil else { break }
                ranges.append(start..<cursor.offset)
            }
            return ranges
        }
        return ranges.compactMap { GGUFArray(elements.part($0)) }
    }

    /// The elements as they lie in the file.
    package func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try elements.withBytes(body)
    }

    private func map<Stored: FixedWidthInteger, Value>(_ convert: (Stored) -> Value?) -> [Value]? {
        elements.withBytes { bytes in
            guard count <= bytes.count / MemoryLayout<Stored>.size else { return nil }
            var cursor = GGUFCursor(bytes)
            var values: [Value] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard let stored: Stored = cursor.read(), let value = convert(stored) else {
                    return nil
                }
                values.append(value)
            }
            return values
        }
    }
}
