import Core

// Reads `decoder` of tokenizer.json.

extension Decoder {
    init(component json: JSON?, at path: String) throws(TokenizationError) {
        self.init()
        guard let json, !json.isNull else {
            separatesBySpace = true
            return
        }
        var stage = Stage.tokens
        try read(json, path, &stage)
    }

    /// What the components so far have made.
    private enum Stage {
        case tokens
        /// After ByteFallback: texts, and texts made of bytes.
        case fallenBack
        /// One text.
        case text
    }

    private mutating func read(
        _ json: JSON?,
        _ path: String,
        _ stage: inout Stage
    ) throws(TokenizationError) {
        let component = try Component(json, at: path)
        switch component.type {
        case "Sequence":
            for child in try component.children("decoders") {
                try read(child.json, child.path, &stage)
            }
        case "ByteLevel":
            _ = try component.fields(PreTokenizer.byteLevelKeys)
            guard stage == .tokens else { throw Self.unsupportedHere(component) }
            joining = .bytes
            stage = .text
        case "ByteFallback":
            _ = try component.fields([])
            guard stage == .tokens else { throw Self.unsupportedHere(component) }
            joining = .byteFallback
            stage = .fallenBack
        case "Fuse":
            _ = try component.fields([])
            stage = .text
        case "Metaspace": try add(metaspace: component, stage)
        case "Replace": try add(replace: component, stage)
        case "Strip": try add(strip: component, stage)
        default: throw component.unsupported()
        }
    }

    private static func unsupportedHere(_ component: Component) -> TokenizationError {
        TokenizationError(
            .unsupported,
            "unsupported: \"\(component.type)\" after the components before it",
            at: component.path
        )
    }

    private mutating func add(
        metaspace component: Component,
        _ stage: Stage
    ) throws(TokenizationError) {
        let metaspace = try Metaspace(component)
        let drops = metaspace.prepending != .never
        let change = Change.metaspace(metaspace.replacement, dropsFirst: drops)
        switch stage {
        case .tokens: changes.append(change)
        case .fallenBack: lateChanges.append(change)
        case .text:
            // The whole text is the first token here.
            textChanges.append(.replace(metaspace.replacement, with: drops ? [] : [0x20]))
        }
    }

    private mutating func add(
        replace component: Component,
        _ stage: Stage
    ) throws(TokenizationError) {
        let fields = try component.fields(["pattern", "content"])
        let pattern = try fields.pattern("pattern")
        let content = Array(try fields.string("content").utf8)
        switch (stage, pattern) {
        case (.tokens, _): changes.append(.replace(pattern, with: content))
        case (.fallenBack, .literal(let old)) where Self.isOneCharacter(old):
            lateChanges.append(.replace(pattern, with: content))
        case (.text, .literal(let old)): textChanges.append(.replace(old, with: content))
        default: throw Self.unsupportedHere(component)
        }
    }

    private static func isOneCharacter(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).unicodeScalars.count == 1
    }

    private mutating func add(
        strip component: Component,
        _ stage: Stage
    ) throws(TokenizationError) {
        let fields = try component.fields(["content", "start", "stop"])
        let strip = EndStrip(
            character: try fields.character("content"),
            start: try fields.count("start"),
            end: try fields.count("stop")
        )
        switch stage {
        case .tokens: changes.append(.strip(strip))
        case .fallenBack: throw Self.unsupportedHere(component)
        case .text: textChanges.append(.strip(strip))
        }
    }
}
