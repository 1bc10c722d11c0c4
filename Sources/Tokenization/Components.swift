import Core

// Reads the pipeline's components from tokenizer.json.

extension Normalizer {
    init(component json: JSON?, at path: String) throws(TokenizationError) {
        self = .none
        guard let json, !json.isNull else { return }
        let component = try Component(json, at: path)
        switch component.type {
        case "NFC":
            _ = try component.fields([])
            self = .nfc
        case "Sequence":
            for child in try component.children("normalizers")
            where try Normalizer(component: child.json, at: child.path) == .nfc { self = .nfc }
        default: throw component.unsupported()
        }
    }
}

extension PreTokenizer {
    static let byteLevelKeys = ["add_prefix_space", "trim_offsets", "use_regex"]

    init(component json: JSON?, at path: String) throws(TokenizationError) {
        var hasByteLevel = false
        steps = try Self.steps(json, path, &hasByteLevel)
        if !hasByteLevel {
            throw TokenizationError(
                .unsupported,
                "unsupported: BPE without the ByteLevel pre-tokenizer",
                at: path
            )
        }
    }

    private static func steps(
        _ json: JSON?,
        _ path: String,
        _ hasByteLevel: inout Bool
    ) throws(TokenizationError) -> [Step] {
        let component = try Component(json, at: path)
        if hasByteLevel {
            throw TokenizationError(
                .unsupported,
                "unsupported: \"\(component.type)\" after ByteLevel",
                at: path
            )
        }
        switch component.type {
        case "Sequence":
            var steps: [Step] = []
            for child in try component.children("pretokenizers") {
                steps += try Self.steps(child.json, child.path, &hasByteLevel)
            }
            return steps
        case "Split": return [.split(try scanner(component))]
        case "Digits":
            let fields = try component.fields(["individual_digits"])
            let individual = try fields.bool("individual_digits", default: false)
            return [.split(WordScanner(.digits(individual: individual)))]
        case "ByteLevel":
            hasByteLevel = true
            return try byteLevel(component)
        default: throw component.unsupported()
        }
    }

    private static func byteLevel(_ component: Component) throws(TokenizationError) -> [Step] {
        let fields = try component.fields(byteLevelKeys)
        var steps: [Step] = []
        if try fields.bool("add_prefix_space", default: true) { steps.append(.prefixSpace) }
        if try fields.bool("use_regex", default: true) { steps.append(.split(WordScanner(.gpt2))) }
        return steps
    }

    private static func scanner(_ component: Component) throws(TokenizationError) -> WordScanner {
        let fields = try component.fields(["pattern", "behavior", "invert"])
        let pattern = try fields.object("pattern", allowed: ["Regex"])
        let text = try pattern.string("Regex")
        guard let scanner = WordScanner(pattern: text) else {
            throw TokenizationError(
                .unsupported,
                "unsupported regular expression \(text); known are those of GPT-2, Llama-3 and "
                    + "Qwen2",
                at: pattern.location("Regex")
            )
        }
        // The known expressions match all of any text, so that these two come to the same.
        let behavior = try fields.string("behavior")
        let invert = try fields.bool("invert")
        guard behavior == "Isolated" || (behavior == "Removed" && invert) else {
            throw TokenizationError(
                .unsupported,
                "unsupported behavior \"\(behavior)\"",
                at: component.path
            )
        }
        return scanner
    }
}

extension PostProcessor {
    init(
        component json: JSON?,
        at path: String,
        _ vocabulary: Vocabulary
    ) throws(TokenizationError) {
        self.init()
        guard let json, !json.isNull else { return }
        let component = try Component(json, at: path)
        switch component.type {
        case "ByteLevel":
            // Its settings change offsets only, which are not kept.
            _ = try component.fields(PreTokenizer.byteLevelKeys)
        case "TemplateProcessing": try read(template: component, vocabulary)
        case "Sequence":
            for child in try component.children("processors") {
                self = then(try PostProcessor(component: child.json, at: child.path, vocabulary))
            }
        default: throw component.unsupported()
        }
    }

    private mutating func read(
        template component: Component,
        _ vocabulary: Vocabulary
    ) throws(TokenizationError) {
        let fields = try component.fields(["single", "pair", "special_tokens"])
        var seen = 0
        for (index, piece) in try fields.array("single").enumerated() {
            let path = fields.location("single[\(index)]")
            if piece["Sequence"] != nil {
                seen += 1
                continue
            }
            guard let name = piece["SpecialToken"]?["id"]?.string else {
                throw TokenizationError(.malformed, "expected SpecialToken or Sequence", at: path)
            }
            let ids = try Self.ids(of: name, fields["special_tokens"]?[name], path, vocabulary)
            if seen == 0 { prefix += ids } else { suffix += ids }
        }
        if seen != 1 {
            throw TokenizationError(
                .malformed,
                "expected the text exactly once and found it \(seen) times",
                at: fields.location("single")
            )
        }
    }

    private static func ids(
        of name: String,
        _ entry: JSON?,
        _ path: String,
        _ vocabulary: Vocabulary
    ) throws(TokenizationError) -> [TokenID] {
        guard let list = entry?["ids"]?.array else {
            throw TokenizationError(
                .malformed,
                "\"\(name)\" is not among special_tokens",
                at: path
            )
        }
        var ids: [TokenID] = []
        for value in list {
            guard let id = value.int.flatMap(TokenID.init(exactly:)), vocabulary.contains(id) else {
                throw TokenizationError(
                    .inconsistent,
                    "\"\(name)\" has an id that is not in the vocabulary",
                    at: path
                )
            }
            ids.append(id)
        }
        return ids
    }
}
