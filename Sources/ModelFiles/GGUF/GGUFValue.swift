/// A metadata value, as it lies in the file; looked into only when asked. Numbers of any width, and
/// text. Values made here are written as they are.
package struct GGUFValue: Sendable {
    package let type: GGUFValueType
    /// Without the type; a string with its length, an array with its element type and count.
    let payload: GGUFBytes

    init(type: GGUFValueType, payload: GGUFBytes) {
        self.type = type
        self.payload = payload
    }

    /// A number, truth value or string.
    package init<Value: GGUFElement>(_ value: Value) {
        var bytes: [UInt8] = []
        value.append(to: &bytes)
        self.init(type: Value.ggufType, payload: GGUFBytes(bytes))
    }

    package init<Element: GGUFElement>(array: [Element]) {
        var bytes: [UInt8] = []
        Element.ggufType.rawValue.append(to: &bytes)
        UInt64(array.count).append(to: &bytes)
        for element in array { element.append(to: &bytes) }
        self.init(type: .array, payload: GGUFBytes(bytes))
    }

    /// An integer of any width; nil for other values and for those beyond `Int`.
    package var int: Int? {
        payload.withBytes { bytes in
            var cursor = GGUFCursor(bytes)
            return switch type {
            case .uint8: cursor.read(UInt8.self).map { Int($0) }
            case .int8: cursor.read(Int8.self).map { Int($0) }
            case .uint16: cursor.read(UInt16.self).map { Int($0) }
            case .int16: cursor.read(Int16.self).map { Int($0) }
            case .uint32: cursor.read(UInt32.self).map { Int($0) }
            case .int32: cursor.read(Int32.self).map { Int($0) }
            case .uint64: cursor.read(UInt64.self).flatMap { Int(exactly: $0) }
            case .int64: cursor.read(Int64.self).map { Int($0) }
            case .float32, .float64, .bool, .string, .array: nil
            }
        }
    }

    /// A number of any kind; integers beyond 2^53 are rounded.
    package var double: Double? {
        payload.withBytes { bytes in
            var cursor = GGUFCursor(bytes)
            return switch type {
            case .float32: cursor.read().map { Double(Float(bitPattern: $0)) }
            case .float64: cursor.read().map { Double(bitPattern: $0) }
            case .uint64: cursor.read(UInt64.self).map { Double($0) }
            default: int.map { Double($0) }
            }
        }
    }

    package var bool: Bool? {
        guard type == .bool else { return nil }
        return payload.withBytes { $0.first.map { $0 != 0 } }
    }

    /// A string; what is not UTF-8 in it becomes U+FFFD (`utf8` has the bytes).
    package var string: String? { text { String(decoding: $0, as: UTF8.self) } }

    /// A string's bytes, which need not be UTF-8.
    package var utf8: [UInt8]? { text { [UInt8]($0) } }

    private func text<Result>(_ read: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard type == .string else { return nil }
        return payload.withBytes { bytes in
            var cursor = GGUFCursor(bytes)
            return cursor.string().map(read)
        }
    }

    package var array: GGUFArray? { type == .array ? GGUFArray(payload) : nil }
}

extension GGUFValue: CustomStringConvertible {
    /// For people: the value, cut where it is long; of an array its type and length.
    package var description: String {
        if let array { return "\(array.elementType)[\(array.count)]" }
        if let string { return quoted(string) }
        if let bool { return "\(bool)" }
        if type == .float32, let double { return "\(Float(double))" }
        return int.map { "\($0)" } ?? double.map { "\($0)" } ?? "\(type)"
    }
}

/// A Swift type that metadata can hold.
package protocol GGUFElement: Sendable {
    static var ggufType: GGUFValueType { get }
    /// Adds the value as the file has it.
    func append(to payload: inout [UInt8])
}

extension GGUFElement where Self: FixedWidthInteger {
    package func append(to payload: inout [UInt8]) {
        withUnsafeBytes(of: littleEndian) { payload.append(contentsOf: $0) }
    }
}

extension UInt8: GGUFElement { package static var ggufType: GGUFValueType { .uint8 } }
extension Int8: GGUFElement { package static var ggufType: GGUFValueType { .int8 } }
extension UInt16: GGUFElement { package static var ggufType: GGUFValueType { .uint16 } }
extension Int16: GGUFElement { package static var ggufType: GGUFValueType { .int16 } }
extension UInt32: GGUFElement { package static var ggufType: GGUFValueType { .uint32 } }
extension Int32: GGUFElement { package static var ggufType: GGUFValueType { .int32 } }
extension UInt64: GGUFElement { package static var ggufType: GGUFValueType { .uint64 } }
extension Int64: GGUFElement { package static var ggufType: GGUFValueType { .int64 } }

extension Float: GGUFElement {
    package static var ggufType: GGUFValueType { .float32 }
    package func append(to payload: inout [UInt8]) { bitPattern.append(to: &payload) }
}

extension Double: GGUFElement {
    package static var ggufType: GGUFValueType { .float64 }
    package func append(to payload: inout [UInt8]) { bitPattern.append(to: &payload) }
}

extension Bool: GGUFElement {
    package static var ggufType: GGUFValueType { .bool }
    package func append(to payload: inout [UInt8]) { payload.append(self ? 1 : 0) }
}

extension String: GGUFElement {
    package static var ggufType: GGUFValueType { .string }
    package func append(to payload: inout [UInt8]) {
        UInt64(utf8.count).append(to: &payload)
        payload.append(contentsOf: utf8)
    }
}
