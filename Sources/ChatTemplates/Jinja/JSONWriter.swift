/// Python's `json.dumps`, as transformers' `tojson` calls it.
struct JSONWriter {
    var indent: Text?
    var itemSeparator = Text(", ")
    var keySeparator = Text(": ")
    var escapesUnicode = false
    var sortsKeys = false
    private var output: [UInt8] = []
    private var hasInput = false
    /// The interpreter's purse.
    let charge: (Int) throws(TemplateError) -> Void
    let fail: (String) -> TemplateError
    /// The entries of a dictionary in the order of their keys, which may be an error.
    let sorted: (Dict) throws(TemplateError) -> [Dict.Entry]

    init(
        charge: @escaping (Int) throws(TemplateError) -> Void,
        fail: @escaping (String) -> TemplateError,
        sorted: @escaping (Dict) throws(TemplateError) -> [Dict.Entry]
    ) {
        self.charge = charge
        self.fail = fail
        self.sorted = sorted
    }

    mutating func write(_ value: Value, level: Int = 0) throws(TemplateError) {
        try charge(1)
        switch value {
        case .none: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .int(let value): append(String(value))
        case .big(let value):
            try charge(value.words.count * value.words.count >> 5)
            append(value.text())
        case .float(let value): append(Self.number(value))
        case .string(let text):
            try charge(escapesUnicode ? text.bytes.count >> 1 : text.bytes.count >> 4)
            write(text)
        case .list(let list):
            try container("[", "]", count: list.elements.count, level) {
                (writer, index) throws(TemplateError) in
                try writer.write(list.elements[index], level: level + 1)
            }
        case .dict(let dict): try write(dict, level: level)
        case .object(let markup as Markup): try write(.string(markup.text), level: level)
        case .undefined, .object:
            throw fail("a value of type \(value.typeName) cannot be written as JSON")
        }
    }

    private mutating func write(_ dict: Dict, level: Int) throws(TemplateError) {
        var entries: [(key: Text, value: Value)] = []
        for (key, value) in sortsKeys ? try sorted(dict) : dict.entries {
            entries.append((try name(of: key), value))
        }
        try container("{", "}", count: entries.count, level) {
            (writer, index) throws(TemplateError) in
            writer.write(entries[index].key)
            writer.append(writer.keySeparator)
            try writer.write(entries[index].value, level: level + 1)
        }
    }

    private func name(of key: Value) throws(TemplateError) -> Text {
        switch key {
        case .string(let text): return text
        case .none: return Text("null")
        case .bool(let value): return Text(value ? "true" : "false")
        case .int(let value): return Text(String(value))
        case .big(let value): return Text(value.text())
        case .object(let markup as Markup): return markup.text
        case .float(let value): return Text(Self.number(value))
        default: throw fail("a JSON key cannot be of type \(key.typeName)")
        }
    }

    private mutating func container(
        _ open: String,
        _ close: String,
        count: Int,
        _ level: Int,
        _ element: (inout JSONWriter, Int) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        append(open)
        for index in 0..<count {
            if index > 0 { append(itemSeparator) }
            newline(level + 1)
            try element(&self, index)
        }
        if count > 0 { newline(level) }
        append(close)
    }

    private mutating func newline(_ level: Int) {
        guard let indent else { return }
        append("\n")
        for _ in 0..<level { append(indent) }
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }

    private mutating func append(_ text: Text) {
        output.append(contentsOf: text.bytes)
        if text.hasInput { hasInput = true }
    }

    /// What was written. Escapes move bytes around: what holds input is input as a whole.
    var text: Text { Text(output, hasInput ? .all : .none) }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return Interpreter.number(value)
    }

    /// A text in quotes.
    private mutating func write(_ text: Text) {
        if text.hasInput { hasInput = true }
        output.append(UInt8(ascii: "\""))
        if escapesUnicode && !text.isASCII {
            for unit in text.string.utf16 { write(unit: UInt32(unit)) }
        } else {
            write(text.bytes)
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func write(_ bytes: [UInt8]) {
        var start = 0
        for (index, byte) in bytes.enumerated()
        where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            output.append(contentsOf: bytes[start..<index])
            write(unit: UInt32(byte))
            start = index + 1
        }
        output.append(contentsOf: bytes[start...])
    }

    /// One ASCII character, or a UTF-16 unit that is escaped.
    private mutating func write(unit: UInt32) {
        switch unit {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        case 0x20...0x7F: output.append(UInt8(unit))
        default:
            let hex = String(unit, radix: 16)
            append("\\u" + String(repeating: "0", count: 4 - hex.count) + hex)
        }
    }
}
