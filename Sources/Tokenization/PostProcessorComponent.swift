import Core

// Reads `post_processor` of tokenizer.json.

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
        case "BertProcessing", "RobertaProcessing":
            let fields = try component.fields(["sep", "cls", "trim_offsets", "add_prefix_space"])
            prefix = [try Self.id("cls", fields, vocabulary)]
            suffix = [try Self.id("sep", fields, vocabulary)]
        case "Sequence":
            for child in try component.children("processors") {
                self = then(try PostProcessor(component: child.json, at: child.path, vocabulary))
            }
        default: throw component.unsupported()
        }
    }

    /// `["<s>", 0]`.
    private static func id(
        _ key: String,
        _ fields: Fields,
        _ vocabulary: Vocabulary
    ) throws(TokenizationError) -> TokenID {
        let pair = try fields.array(key)
        guard pair.count == 2, let name = pair[0].string else {
            throw fields.wrongType(key, "a token and its id")
        }
        return try id(pair[1], of: name, fields.location(key), vocabulary)
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
        for value in list { ids.append(try id(value, of: name, path, vocabulary)) }
        return ids
    }

    private static func id(
        _ value: JSON,
        of name: String,
        _ path: String,
        _ vocabulary: Vocabulary
    ) throws(TokenizationError) -> TokenID {
        guard let id = value.int.flatMap(TokenID.init(exactly:)), vocabulary.contains(id) else {
            throw TokenizationError(
                .inconsistent,
                "\"\(name)\" has an id that is not in the vocabulary",
                at: path
            )
        }
        return id
    }
}
