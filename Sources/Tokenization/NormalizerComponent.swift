import Core

// Reads `normalizer` of tokenizer.json.

extension Normalizer {
    init(component json: JSON?, at path: String) throws(TokenizationError) {
        self.init()
        guard let json, !json.isNull else { return }
        let component = try Component(json, at: path)
        if component.type == "Sequence" {
            for child in try component.children("normalizers") {
                steps += try Normalizer(component: child.json, at: child.path).steps
            }
        } else if let step = try Step(component) {
            steps = [step]
        }
    }
}

extension Normalizer.Step {
    /// nil if the component does nothing.
    fileprivate init?(_ component: Component) throws(TokenizationError) {
        switch component.type {
        case "NFC": self = try Self.plain(component, .form(.nfc))
        case "NFD": self = try Self.plain(component, .form(.nfd))
        case "NFKC": self = try Self.plain(component, .form(.nfkc))
        case "NFKD": self = try Self.plain(component, .form(.nfkd))
        case "StripAccents": self = try Self.plain(component, .stripAccents)
        case "Lowercase": self = try Self.plain(component, .lowercase)
        case "ByteLevel": self = try Self.plain(component, .byteLevel)
        case "Prepend":
            self = .prepend(Array(try component.fields(["prepend"]).string("prepend").utf8))
        case "Replace":
            let fields = try component.fields(["pattern", "content"])
            let content = Array(try fields.string("content").utf8)
            self = .replace(try fields.pattern("pattern"), with: content)
        case "Strip":
            let fields = try component.fields(["strip_left", "strip_right"])
            self = .strip(
                left: try fields.bool("strip_left"),
                right: try fields.bool("strip_right")
            )
        case "Precompiled": try self.init(precompiled: component)
        default: throw component.unsupported()
        }
    }

    private static func plain(
        _ component: Component,
        _ step: Self
    ) throws(TokenizationError) -> Self {
        _ = try component.fields([])
        return step
    }

    private init?(precompiled component: Component) throws(TokenizationError) {
        let key = "precompiled_charsmap"
        let fields = try component.fields([key])
        guard let value = fields[key], !value.isNull else { return nil }
        guard let bytes = Base64.decode(try fields.string(key)) else {
            throw fields.wrongType(key, "base64")
        }
        if bytes.isEmpty { return nil }
        self = .precompiled(try PrecompiledCharsmap(bytes, at: fields.location(key)))
    }
}

/// RFC 4648, section 4.
enum Base64 {
    /// nil if `text` is not base64 with its padding.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        if padding > 2 { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(digits.count / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        for digit in digits.dropLast(padding) {
            guard let value = value(digit) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return output
    }

    private static func value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
