/// How Python prints values: `str` and `repr`.
extension Interpreter {
    /// `str(value)`; nothing for an undefined value.
    func printed(_ value: Value) throws(TemplateError) -> Text {
        switch value {
        case .undefined: return Text("")
        case .string(let text): return text
        case .object(let markup as Markup): return markup.text
        case .list, .dict, .object:
            var builder = TextBuilder()
            try write(value, into: &builder)
            return builder.text
        default: return Text(try scalar(value))
        }
    }

    /// `repr(value)`.
    func represented(_ value: Value) throws(TemplateError) -> Text {
        var builder = TextBuilder()
        try write(value, into: &builder)
        return builder.text
    }

    private func write(_ value: Value, into builder: inout TextBuilder) throws(TemplateError) {
        try charge()
        if builder.bytes.count > 1 << 24 { throw fail("a printed value is too long", .limit) }
        switch value {
        case .undefined: builder.append("Undefined")
        case .string(let text):
            try charge(text.bytes.count >> 1)
            builder.append(Self.quoted(text).bytes, isInput: text.hasInput)
        case .list(let list): try write(list, into: &builder)
        case .dict(let dict): try write(dict, into: &builder)
        case .object(let object):
            try nested { () throws(TemplateError) in try write(object, into: &builder) }
        default: builder.append(try scalar(value))
        }
    }

    private func write(_ dict: Dict, into builder: inout TextBuilder) throws(TemplateError) {
        builder.append("{")
        for (index, entry) in dict.entries.enumerated() {
            if index > 0 { builder.append(", ") }
            try write(entry.key, into: &builder)
            builder.append(": ")
            try write(entry.value, into: &builder)
        }
        builder.append("}")
    }

    private func write(_ list: List, into builder: inout TextBuilder) throws(TemplateError) {
        builder.append(list.isTuple ? "(" : "[")
        for (index, element) in list.elements.enumerated() {
            if index > 0 { builder.append(", ") }
            try write(element, into: &builder)
        }
        if list.isTuple && list.elements.count == 1 { builder.append(",") }
        builder.append(list.isTuple ? ")" : "]")
    }

    private func write(_ object: Object, into builder: inout TextBuilder) throws(TemplateError) {
        switch object {
        case let range as RangeObject: builder.append(range.printed)
        case let loop as Loop: builder.append("<LoopContext \(loop.index + 1)/\(loop.items.count)>")
        case let macro as Macro:
            let name = Text(macro.definition.name)
            let label = macro.definition.isNamed ? Self.quoted(name).string : "anonymous"
            builder.append("<Macro \(label)>")
        case let namespace as Namespace:
            builder.append("<Namespace ")
            try write(namespace.dict, into: &builder)
            builder.append(">")
        case let markup as Markup:
            builder.append("Markup(")
            try write(.string(markup.text), into: &builder)
            builder.append(")")
        case let view as DictView:
            builder.append(view.typeName + "(")
            try write(List(view.elements), into: &builder)
            builder.append(")")
        default: builder.append("<\(object.typeName) object>")
        }
    }

    /// A number, truth value or none.
    func scalar(_ value: Value) throws(TemplateError) -> String {
        switch value {
        case .bool(let value): return value ? "True" : "False"
        case .int(let value): return String(value)
        case .big(let value): return try decimal(value)
        case .float(let value): return Self.number(value)
        default: return "None"
        }
    }

    /// The decimal digits of an integer; Python prints no more than `BigInt.digitLimit`.
    func decimal(_ value: BigInt) throws(TemplateError) -> String {
        try charge(value.words.count * value.words.count >> 5)
        let text = value.text()
        if text.utf8.count > BigInt.digitLimit + 1 {
            throw fail("an integer of more than \(BigInt.digitLimit) digits", .limit)
        }
        return text
    }

    /// A float as Python prints it: shortest digits, an exponent below 1e-4 and from 1e16.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let (digits, exponent) = decimal(value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            let rest = digits.dropFirst()
            let mantissa = digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
            let power = String(abs(exponent))
            let padding = power.count < 2 ? "0" : ""
            return sign + mantissa + (exponent < 0 ? "e-" : "e+") + padding + power
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.count))
        let fraction = padded.dropFirst(exponent + 1)
        return sign + padded.prefix(exponent + 1) + "." + (fraction.isEmpty ? "0" : fraction)
    }

    /// The shortest digits that mean `value`, and the power of ten of the first.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + mantissa[0].count - 1
        var digits = mantissa[0] + (mantissa.count > 1 ? mantissa[1] : "")
        while digits.count > 1, digits.first == "0" {
            digits = digits.dropFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), digits == "0" ? 0 : exponent)
    }

    /// `repr` of a text.
    static func quoted(_ text: Text) -> Text {
        let usesDouble =
            text.bytes.contains(UInt8(ascii: "'")) && !text.bytes.contains(UInt8(ascii: "\""))
        let quote: Unicode.Scalar = usesDouble ? "\"" : "'"
        var result = String(quote)
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case quote, "\\":
                result += "\\"
                result.unicodeScalars.append(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let scalar where scalar.isPythonPrintable: result.unicodeScalars.append(scalar)
            default: result += escaped(scalar.value)
            }
        }
        return text.derived(result + String(quote))
    }

    static func escaped(_ value: UInt32) -> String {
        let hex = String(value, radix: 16)
        let (letter, width) = value < 0x100 ? ("x", 2) : value < 0x10000 ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - hex.count) + hex
    }
}

extension Unicode.Scalar {
    /// `str.isprintable` for one code point.
    var isPythonPrintable: Bool {
        if self == " " { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }
}
