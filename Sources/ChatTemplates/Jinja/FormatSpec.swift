import Glibc

/// How Python writes a value into a field:
/// `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`, and the flags of a `%`
/// directive, which say the same.
struct FormatSpec {
    static let widthLimit = 10_000

    var fill = Text(" ")
    /// `<`, `>`, `=`, `^`, or 0 for the type's own side.
    var align: UInt8 = 0
    /// A 0 before the width: without `align`, numbers are filled behind their sign.
    var fillsZeros = false
    /// `+`, a space, or 0 for a sign on negative numbers alone.
    var sign: UInt8 = 0
    var isAlternate = false
    /// `z`: no minus sign on a zero.
    var zeroNegative = false
    var width = 0
    /// `,`, `_` or 0.
    var grouping: UInt8 = 0
    var precision: Int?
    /// The letter at the end, or 0.
    var type: UInt8 = 0

    /// Reads a whole specification; false if it is none.
    mutating func parse(_ text: Text) -> Bool {
        let bytes = text.bytes
        var index = 0
        let first = text.offset(ofCodePoint: 1) ?? bytes.count
        let hasFill = first < bytes.count && Self.aligns.contains(bytes[first])
        if hasFill {
            fill = text.slice(0..<first)
            align = bytes[first]
            index = first + 1
        } else if let byte = bytes.first, Self.aligns.contains(byte) {
            align = byte
            index = 1
        }
        func take(_ options: String) -> UInt8? {
            guard index < bytes.count, options.utf8.contains(bytes[index]) else { return nil }
            index += 1
            return bytes[index - 1]
        }
        func number() -> Int? {
            let digits = bytes[index...].prefix { $0 &- UInt8(ascii: "0") < 10 }
            index += digits.count
            return Int(String(decoding: digits, as: UTF8.self)) ?? (digits.isEmpty ? nil : .max)
        }
        sign = take("+- ") ?? 0
        zeroNegative = take("z") != nil
        isAlternate = take("#") != nil
        if !hasFill, take("0") != nil {
            fill = Text("0")
            fillsZeros = true
        }
        width = number() ?? 0
        grouping = take(",_") ?? 0
        if take(".") != nil {
            guard let places = number() else { return false }
            precision = places
        }
        type = take("bcdeEfFgGnosxX%") ?? 0
        return index == bytes.count
    }

    private static let aligns = Array("<>=^".utf8)

    /// Takes one flag of a `%` directive.
    mutating func takeFlag(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"): align = UInt8(ascii: "<")
        case UInt8(ascii: "+"): sign = byte
        case UInt8(ascii: " "): if sign == 0 { sign = byte }
        case UInt8(ascii: "#"): isAlternate = true
        case UInt8(ascii: "0"): fillsZeros = true
        default: return false
        }
        return true
    }

    var radix: Int {
        switch type {
        case UInt8(ascii: "b"): 2
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "x"), UInt8(ascii: "X"): 16
        default: 10
        }
    }

    /// Commas are for decimal digits alone.
    var allowsGrouping: Bool {
        grouping == 0 || type != UInt8(ascii: "n") && (grouping == UInt8(ascii: "_") || radix == 10)
    }

    var isForFloat: Bool {
        "eEfFgG%n".utf8.contains(type) && (grouping == 0 || type != UInt8(ascii: "n")) || type == 0
    }

    // MARK: padding

    /// `text` in a field of the width, at the side of `align`.
    func padded(_ text: Text) -> Text {
        let missing = width - text.count
        if missing <= 0 { return text }
        let left =
            align == UInt8(ascii: "<") ? 0 : align == UInt8(ascii: "^") ? missing / 2 : missing
        return fills(left) + text + fills(missing - left)
    }

    private func fills(_ count: Int) -> Text {
        fill.repeated(count)
    }

    /// A number from its digits, which may begin with a minus sign.
    func padded(number: String) -> Text {
        var digits = number[...]
        let isNegative = digits.hasPrefix("-")
        if isNegative { digits = digits.dropFirst() }
        var head =
            isNegative
            ? "-" : sign == 0 || sign == UInt8(ascii: "-") ? "" : String(Unicode.Scalar(sign))
        if isAlternate, radix != 10 {
            head += "0" + String(Unicode.Scalar(type))
        }
        if type == UInt8(ascii: "X") { digits = digits.uppercased()[...] }
        let fillsInside = align == UInt8(ascii: "=") || align == 0 && fillsZeros
        let room = fillsInside && fill.bytes == [UInt8(ascii: "0")] ? width - head.utf8.count : 0
        let body = grouped(String(digits), room: room)
        let missing = width - head.utf8.count - body.utf8.count
        if fillsInside, missing > 0 { return Text(head) + fills(missing) + Text(body) }
        var spec = self
        if spec.align == 0 { spec.align = UInt8(ascii: ">") }
        return spec.padded(Text(head + body))
    }

    /// The digits before the point in groups, with zeros before them to fill `room`.
    private func grouped(_ digits: String, room: Int) -> String {
        if grouping == 0 { return digits }
        let size = radix == 10 ? 3 : 4
        let whole = digits.prefix { radix == 16 ? $0.isHexDigit : $0.isNumber }
        if whole.isEmpty { return digits }
        let rest = digits.dropFirst(whole.count)
        var count = whole.count
        while count + (count - 1) / size + rest.count < room { count += 1 }
        let padded = String(repeating: "0", count: count - whole.count) + whole
        var output = ""
        for (index, digit) in padded.enumerated() {
            if index > 0 && (count - index) % size == 0 {
                output.unicodeScalars.append(Unicode.Scalar(grouping))
            }
            output.append(digit)
        }
        return output + rest
    }

    /// An integer of a `%` directive, where a precision asks for leading zeros.
    func percentInteger(_ number: String) -> Text {
        let isNegative = number.hasPrefix("-")
        let digits = isNegative ? number.dropFirst() : number[...]
        let zeros = String(repeating: "0", count: max(0, (precision ?? 0) - digits.utf8.count))
        return padded(number: (isNegative ? "-" : "") + zeros + digits)
    }

    // MARK: floats

    /// The digits of a float for this type and precision.
    func digits(of number: Double) -> String {
        var value = number
        if zeroNegative, let rounded = Double(Self.print(value, self)), rounded == 0 { value = 0 }
        let text = Self.print(value, self)
        return type == UInt8(ascii: "F") || type == UInt8(ascii: "E") || type == UInt8(ascii: "G")
            ? text.uppercased() : text
    }

    private static func print(_ value: Double, _ spec: FormatSpec) -> String {
        guard value.isFinite else {
            let word = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
            return spec.type == UInt8(ascii: "%") ? word + "%" : word
        }
        switch spec.type | 0x20 {
        case UInt8(ascii: "f"): return printf("f", value, spec.precision ?? 6, spec.isAlternate)
        case UInt8(ascii: "e"): return printf("e", value, spec.precision ?? 6, spec.isAlternate)
        case UInt8(ascii: "g"), UInt8(ascii: "n"):
            return printf("g", value, spec.precision ?? 6, spec.isAlternate)
        case UInt8(ascii: "%"):
            return printf("f", value * 100, spec.precision ?? 6, spec.isAlternate) + "%"
        default: return general(value, spec)
        }
    }

    /// Without a type: as `g`, but with a digit behind the point, and all digits by default.
    private static func general(_ value: Double, _ spec: FormatSpec) -> String {
        guard let precision = spec.precision else { return Interpreter.number(value) }
        let places = max(precision, 1)
        let scientific = printf("e", value, places - 1, spec.isAlternate)
        let parts = scientific.split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        if exponent == places - 1 || exponent < -4 || exponent >= places {
            var mantissa = parts[0]
            if mantissa.contains("."), !spec.isAlternate {
                while mantissa.last == "0" { mantissa = mantissa.dropLast() }
                if mantissa.last == "." { mantissa = mantissa.dropLast() }
            }
            return mantissa + "e" + (parts.count > 1 ? parts[1] : "+00")
        }
        let text = printf("g", value, places, spec.isAlternate)
        return text.contains(".") || text.contains("e") ? text : text + ".0"
    }

    /// C's rendering of a finite number, which rounds the exact decimal value.
    static func printf(
        _ letter: String,
        _ value: Double,
        _ precision: Int,
        _ isAlternate: Bool = false
    ) -> String {
        var buffer = [CChar](repeating: 0, count: precision + 400)
        let format = "%" + (isAlternate ? "#" : "") + ".*" + letter
        let count = withVaList([Int32(clamping: precision), value]) {
            vsnprintf(&buffer, buffer.count, format, $0)
        }
        let bytes = buffer.prefix(max(0, Int(count))).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
