extension JSON {
    /// Compact JSON text, or indented by two spaces.
    package func text(pretty: Bool = false) -> String {
        String(decoding: bytes(pretty: pretty), as: UTF8.self)
    }

    /// The same as UTF-8 bytes.
    package func bytes(pretty: Bool = false) -> [UInt8] {
        var writer = Writer(pretty: pretty)
        writer.write(self, depth: 0)
        return writer.output
    }
}

private struct Writer {
    let pretty: Bool
    var output: [UInt8] = []

    init(pretty: Bool) { self.pretty = pretty }

    mutating func write(_ value: JSON, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .int(let value): append(String(value))
        // JSON has no words for these; null is what most encoders write.
        case .double(let value): append(value.isFinite ? value.description : "null")
        case .string(let value): write(string: value)
        case .array(let values):
            list("[", "]", values, depth: depth) { $0.write($1, depth: depth + 1) }
        case .object(let object):
            list("{", "}", object.members, depth: depth) { writer, member in
                writer.write(string: member.key)
                writer.append(writer.pretty ? ": " : ":")
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func list<Element>(
        _ open: String,
        _ close: String,
        _ elements: [Element],
        depth: Int,
        _ body: (inout Writer, Element) -> Void
    ) {
        append(open)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            if pretty { newline(depth + 1) }
            body(&self, element)
        }
        if pretty && !elements.isEmpty { newline(depth) }
        append(close)
    }

    private mutating func newline(_ depth: Int) {
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: 2 * depth))
    }

    private mutating func write(string: String) {
        output.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: String) { output.append(contentsOf: text.utf8) }
}
