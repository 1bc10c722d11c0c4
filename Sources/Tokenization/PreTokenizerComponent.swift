import Core

// Reads `pre_tokenizer` of tokenizer.json.

extension PreTokenizer {
    static let byteLevelKeys = ["add_prefix_space", "trim_offsets", "use_regex"]

    /// - Parameter takesBytes: whether the model can take the bytes of words themselves, where the
    ///   file spells them.
    init(
        component json: JSON?,
        at path: String,
        modelTakesBytes takesBytes: Bool
    ) throws(TokenizationError) {
        self.init()
        guard let json, !json.isNull else { return }
        steps = try Self.steps(json, path)
        guard takesBytes, let spelling = steps.firstIndex(where: \.isSpelling) else { return }
        let rest = steps[(spelling + 1)...]
        if rest.isEmpty {
            steps.removeLast()
            wordsAreBytes = true
        } else if rest.allSatisfy(\.onlyCuts) {
            unspells = true
            wordsAreBytes = true
        }
    }

    private static func steps(_ json: JSON?, _ path: String) throws(TokenizationError) -> [Step] {
        let component = try Component(json, at: path)
        switch component.type {
        case "Sequence":
            var steps: [Step] = []
            for child in try component.children("pretokenizers") {
                steps += try Self.steps(child.json, child.path)
            }
            return steps
        case "ByteLevel": return try byteLevel(component)
        case "Split": return [try split(component)]
        case "Metaspace": return [.metaspace(try Metaspace(component))]
        case "Digits":
            let fields = try component.fields(["individual_digits"])
            let individual = try fields.bool("individual_digits", default: false)
            return [cut(ScalarFlags.numeric, individual ? .isolated : .contiguous)]
        case "Punctuation":
            let fields = try component.fields(["behavior"])
            return [cut(ScalarFlags.punctuation, try behavior(fields, default: .isolated))]
        case "WhitespaceSplit":
            _ = try component.fields([])
            return [cut(ScalarFlags.space, .removed)]
        case "Whitespace":
            _ = try component.fields([])
            return [cut(ScalarFlags.space, .removed), cut(ScalarFlags.word, .contiguous)]
        case "BertPreTokenizer":
            _ = try component.fields([])
            return [cut(ScalarFlags.space, .removed), cut(ScalarFlags.punctuation, .isolated)]
        case "CharDelimiterSplit":
            let delimiter = try component.fields(["delimiter"]).character("delimiter")
            return [.splitWhere(Splitter(pattern: .literal(delimiter), behavior: .removed))]
        default: throw component.unsupported()
        }
    }

    private static func cut(_ flags: UInt8, _ behavior: Splitter.Behavior) -> Step {
        .splitWhere(Splitter(pattern: .scalars(flags), behavior: behavior))
    }

    private static func byteLevel(_ component: Component) throws(TokenizationError) -> [Step] {
        let fields = try component.fields(byteLevelKeys)
        var steps: [Step] = []
        if try fields.bool("add_prefix_space", default: true) { steps.append(.prefixSpace) }
        if try fields.bool("use_regex", default: true) { steps.append(.split(WordScanner(.gpt2))) }
        return steps + [.spellBytes]
    }

    private static func split(_ component: Component) throws(TokenizationError) -> Step {
        let fields = try component.fields(["pattern", "behavior", "invert"])
        let behavior = try behavior(fields)
        let inverts = try fields.bool("invert")
        // The known expressions match all of any text, so that these two come to the same.
        if behavior == .isolated && !inverts || behavior == .removed && inverts,
            let text = fields["pattern"]?["Regex"]?.string,
            let scanner = WordScanner(pattern: text)
        {
            return .split(scanner)
        }
        let pattern = try fields.pattern("pattern")
        return .splitWhere(Splitter(pattern: pattern, behavior: behavior, inverts: inverts))
    }

    private static func behavior(
        _ fields: Fields,
        default: Splitter.Behavior? = nil
    ) throws(TokenizationError) -> Splitter.Behavior {
        if fields["behavior"] == nil, let `default` { return `default` }
        let name = try fields.string("behavior")
        guard let behavior = Splitter.Behavior(rawValue: name) else {
            throw TokenizationError(
                .unsupported,
                "unsupported behavior \"\(name.prefix(40))\"",
                at: fields.location("behavior")
            )
        }
        return behavior
    }
}

extension PreTokenizer.Step {
    fileprivate var isSpelling: Bool { if case .spellBytes = self { true } else { false } }

    /// Whether words keep the characters they are made of.
    fileprivate var onlyCuts: Bool {
        switch self {
        case .split, .splitWhere: true
        case .prefixSpace, .metaspace, .spellBytes: false
        }
    }
}

extension Metaspace {
    /// The pre-tokenizer or decoder of this name.
    init(_ component: Component) throws(TokenizationError) {
        let fields = try component.fields([
            "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep",
        ])
        replacement = try fields.character("replacement")
        splits =
            fields["split"]?.isNull == true ? true : try fields.bool("split", default: true)
        prepending = .always
        if fields["prepend_scheme"] != nil {
            let name = try fields.string("prepend_scheme")
            guard let scheme = Prepending(rawValue: name) else {
                throw fields.wrongType("prepend_scheme", "\"first\", \"never\" or \"always\"")
            }
            prepending = scheme
        }
        // Left from earlier versions of the format.
        if let old = fields["add_prefix_space"], !old.isNull,
            try !fields.bool("add_prefix_space"), prepending != .never
        {
            throw TokenizationError(
                .inconsistent,
                "add_prefix_space is false, but prepend_scheme is \"\(prepending.rawValue)\"",
                at: component.path
            )
        }
    }
}
