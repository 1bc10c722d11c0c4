import Core

/// One of llama.cpp's names (`tokenizer.ggml.pre`) for the way words are split: what the tokenizer.json
/// of the models of that name says.
struct GGUFSplitting {
    /// Splits one after the other: each cuts what the ones before left.
    private(set) var steps: [JSON]
    /// Words that are tokens stay whole.
    private(set) var ignoresMerges = false
    /// Texts begin with the beginning-of-sequence token, where the file does not say.
    private(set) var addsBOS = false
    /// Texts are composed (NFC) before they are split; llama.cpp leaves that out, Hugging Face does
    /// not.
    private(set) var composes = false

    /// - Throws: for a name that is not known, or none.
    static func named(_ name: String?) throws(TokenizationError) -> GGUFSplitting {
        if let name, let known = known.first(where: { $0.names.contains(name) }) {
            var splitting = known.splitting
            splitting.composes = composing.contains(name)
            return splitting
        }
        let names = known.flatMap(\.names).joined(separator: ", ")
        let problem =
            name == nil
            ? "the file does not say how it splits words; convert the model anew"
            : "unsupported splitting of words \"\(name?.prefix(40) ?? "")\""
        throw TokenizationError(
            .unsupported,
            "\(problem); known are \(names)",
            at: "tokenizer.ggml.pre"
        )
    }

    /// `pre_tokenizer` of tokenizer.json.
    var json: JSON { ["type": "Sequence", "pretokenizers": .array(steps)] }

    private static let composing: Set<String> = [
        "qwen2", "qwen35", "deepseek-r1-qwen", "command-r", "olmo", "mpt", "gpt-neox",
    ]

    // MARK: steps

    private static func split(_ pattern: String) -> JSON {
        [
            "type": "Split", "behavior": "Isolated", "invert": false,
            "pattern": ["Regex": .string(pattern)],
        ]
    }

    private static func bytes(splits: Bool) -> JSON {
        ["type": "ByteLevel", "add_prefix_space": false, "use_regex": .bool(splits)]
    }

    /// Splits by patterns, then bytes.
    private static func patterns(_ patterns: String...) -> GGUFSplitting {
        GGUFSplitting(steps: patterns.map(split) + [bytes(splits: false)])
    }

    private static func first(_ steps: JSON...) -> GGUFSplitting {
        GGUFSplitting(steps: steps + [bytes(splits: true)])
    }

    private func whole(addsBOS: Bool = false) -> GGUFSplitting {
        var copy = self
        copy.ignoresMerges = true
        copy.addsBOS = addsBOS
        return copy
    }

    private static func digits(_ individual: Bool) -> JSON {
        ["type": "Digits", "individual_digits": .bool(individual)]
    }

    // MARK: patterns

    private static let ends = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    private static let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    private static let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
    private static let lead = #"[^\r\n\p{L}\p{N}]?"#

    /// Words of upper case letters, then lower case ones (o200k), and after them, as given,
    /// contractions and numbers.
    private static func cased(
        _ contractions: String,
        numbers: String,
        marks: String = #" ?[^\s\p{L}\p{N}]+[\r\n/]*"#,
        not excluded: String = ""
    ) -> String {
        let upper = excluded.isEmpty ? upper : "(?:(?!\(excluded))\(upper))"
        let lower = excluded.isEmpty ? lower : "(?:(?!\(excluded))\(lower))"
        return "\(lead)\(upper)*\(lower)+\(contractions)|\(lead)\(upper)+\(lower)*\(contractions)|"
            + "\(numbers)|\(marks)|\(ends)"
    }

    private static let o200k = cased(contractions + "?", numbers: #"\p{N}{1,3}"#)
    private static let cl100k = WordScanner.cl100kPattern(#"\p{N}{1,3}"#)

    private static let deepseek3 =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"##
        + #" ?[\p{P}\p{S}]+[\r\n]*|"# + ends

    /// Letters that DeepSeek LLM takes for those of words.
    private static let deepseekLetters =
        "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚ"
        + "Ḁ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u{1F7D}ᾀ-ᾴᾶ-ᾼ\u{1FBE}ῂ-ῄῆ-ῌῐ-\u{1FD3}ῖ-\u{1FDB}ῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u{2126}ℨ"
        + "\u{212A}-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ"
        + "𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃"

    private static let bloom = " ?[^(\\s|.,!?…。，、।۔،)]+"

    // MARK: names

    private static let known: [(names: [String], splitting: GGUFSplitting)] = [
        (
            [
                "gpt-2", "phi-2", "mpt", "olmo", "gpt-neox", "jais", "trillion", "granite-docling",
                "exaone4", "gigachat", "a.x-4.0", "mellum", "modern-bert", "roberta-bpe", "jina-es",
                "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
            ],
            first()
        ),
        (
            [
                "smollm", "starcoder", "refact", "granite", "command-r", "codeshell", "exaone",
                "minerva-7b", "mellum2",
            ],
            first(digits(true))
        ),
        (
            [
                "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0",
                "lfm2", "jina-v5-nano",
            ],
            patterns(cl100k).whole(addsBOS: true)
        ),
        (["glm4", "glm5"], patterns(cl100k).whole()),
        (["smaug-bpe", "dbrx", "chatglm-bpe"], patterns(cl100k)),
        (
            [
                "qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "solar-open",
                "kormo", "f2llmv2", "grok-2",
            ],
            patterns(WordScanner.cl100kPattern(#"\p{N}"#))
        ),
        (
            ["qwen35"],
            patterns(
                contractions + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|"#
                    + #" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"# + ends
            )
        ),
        (["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2"], patterns(o200k)),
        (["tekken"], patterns(cased("", numbers: #"\p{N}"#)).whole(addsBOS: true)),
        (
            ["kimi-k2"],
            patterns(
                #"\p{Han}+|"#
                    + cased(
                        contractions + "?",
                        numbers: #"\p{N}{1,3}"#,
                        marks: #" ?[^\s\p{L}\p{N}]+[\r\n]*"#,
                        not: #"\p{Han}"#
                    )
            )
        ),
        (
            ["deepseek-llm"],
            patterns(
                #"[\r\n]"#,
                #"\s?["# + deepseekLetters + "]+",
                #"\s?[!-/:-~！-／：-～‘-‟　-。]+"#,
                #"\s+$"#,
                "[一-龥ࠀ-一가-\u{D7FF}]+",
                #"\p{N}+"#
            )
        ),
        (
            ["deepseek-coder"],
            patterns(
                #"[\r\n]"#,
                #"\s?\p{L}+"#,
                #"\s?\p{P}+"#,
                "[一-龥ࠀ-一가-\u{D7FF}]+",
                #"\p{N}"#
            )
        ),
        (
            ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
            patterns(#"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", deepseek3)
        ),
        (
            ["falcon"],
            GGUFSplitting(steps: [
                ["type": "Punctuation", "behavior": "Contiguous"], bytes(splits: true),
                digits(false), split("[0-9][0-9][0-9]"),
            ])
        ),
        (
            ["default"],
            patterns(
                #"[\p{P}\$\+<=>\^~\|]+"#,
                WordScanner.gpt2Pattern,
                #"\p{N}+"#,
                "[0-9][0-9][0-9]"
            )
        ),
        (["poro-chat", "bloom", "gpt3-finnish"], patterns(bloom)),
        (["viking"], patterns(bloom, #"\p{N}"#)),
        (
            ["bailingmoe", "bailingmoe2", "llada-moe"],
            patterns(
                #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}|"#
                    + #" ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#
            )
        ),
        (
            ["seed-coder"],
            patterns(
                contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}|"#
                    + #" ?[^\s\p{L}\p{N}\r\n]+|"# + ends
            )
        ),
        (
            ["exaone-moe"],
            patterns(
                contractions + #"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|"#
                    + #" ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#
            )
        ),
        (
            ["tiny_aya", "cohere2moe"],
            patterns(#"\d{1,3}(?=(?:\d{3})*\b)"#, o200k)
        ),
        (["superbpe"], patterns(#"\p{N}+"#, #"(?=(\d{3})+(?!\d))"#)),
    ]
}
