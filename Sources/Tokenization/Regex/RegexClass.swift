/// What may stand in a character class: the scalars as the reference has them, and how to say that
/// to PCRE2, whose own Unicode is another version.
struct RegexClass {
    /// nil where only PCRE2 knows.
    var set: ScalarSet?
    /// Members of a class in PCRE2's syntax, such as `\p{Lu}\x{A7CB}`; nil if it takes the set.
    private var members: String?

    private init(_ set: ScalarSet?, members: String? = nil) {
        self.set = set
        self.members = members
    }

    init(_ ranges: ClosedRange<UInt32>...) { self.init(ScalarSet(ranges)) }

    init(_ scalar: Unicode.Scalar) { self.init(scalar.value...scalar.value) }

    static let empty = RegexClass(ScalarSet())

    /// Members of a class in PCRE2's syntax; empty for the empty set.
    var text: String { members ?? Self.text(set ?? ScalarSet()) }

    /// The same with its scalars one by one: where case does not matter, PCRE2 adds the other case
    /// of scalars but not of properties.
    var withoutProperties: RegexClass {
        guard let set else { return self }
        return RegexClass(set)
    }

    private static func text(_ set: ScalarSet) -> String {
        return set.ranges.map { range in
            let first = "\\x{" + String(range.lowerBound, radix: 16) + "}"
            if range.count == 1 { return first }
            return first + "-\\x{" + String(range.upperBound, radix: 16) + "}"
        }.joined()
    }

    func union(_ other: RegexClass) -> RegexClass {
        let both = set.flatMap { set in other.set.map(set.union) }
        return RegexClass(both, members: text + other.text)
    }

    /// nil where the set is not known.
    var inverted: RegexClass? {
        guard let set else { return nil }
        return RegexClass(set.inverted)
    }

    func intersection(_ other: RegexClass) -> RegexClass? {
        guard let set, let second = other.set else { return nil }
        return RegexClass(set.intersection(second))
    }
}

// MARK: classes by name

extension RegexClass {
    static let space = RegexClass(
        stride(from: 0, to: UnicodeRanges.spaces.count, by: 2).reduce(into: ScalarSet()) {
            let range = UnicodeRanges.spaces[$1]...UnicodeRanges.spaces[$1 + 1]
            $0 = $0.union(ScalarSet([range]))
        }
    )
    static let digit = category("Nd") ?? .empty
    static let hexadecimal = RegexClass(0x30...0x39, 0x41...0x46, 0x61...0x66)
    /// `\w` outside of character classes, and what `\b` goes by.
    static let word = words(ScalarSet(table: UnicodeSets.regexWord))
    /// `\w` in character classes: the reference leaves out `²³¹¼½¾` there.
    static let wordInClass: RegexClass = {
        let left = ScalarSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]).inverted
        return words(ScalarSet(table: UnicodeSets.regexWord).intersection(left))
    }()

    private static func words(_ set: ScalarSet) -> RegexClass {
        like(set, ["L", "M", "Nd", "Pc"])
    }

    /// The class of `\p{name}` or `[:name:]`; nil if the reference knows no such name, or this
    /// program does not.
    static func named(_ name: String) -> RegexClass? {
        let plain = String(name.lowercased().filter { !" _-".contains($0) })
        if let known = Self.known[plain] { return known() }
        if let script = UnicodeSets.scripts[plain] { return RegexClass(ScalarSet(table: script)) }
        if let short = longNames[plain] { return category(short) }
        if plain.count <= 2 {
            return category(plain.prefix(1).uppercased() + plain.dropFirst())
        }
        return script(plain)
    }

    private static let known: [String: @Sendable () -> RegexClass] = [
        "any": { RegexClass(ScalarSet.all) },
        "assigned": { category("Cn")?.inverted ?? .empty },
        "ascii": { RegexClass(0...0x7F) },
        "space": { space }, "whitespace": { space }, "digit": { digit }, "word": { wordInClass },
        "xdigit": { hexadecimal },
        "blank": { (category("Zs") ?? .empty).union(RegexClass("\t")) },
        "cntrl": { category("Cc") ?? .empty },
        "alpha": { table(UnicodeSets.alphabetic, like: ["L"]) },
        "alphabetic": { table(UnicodeSets.alphabetic, like: ["L"]) },
        "alnum": { table(UnicodeSets.alphabetic, like: ["L"]).union(digit) },
        "upper": { table(UnicodeSets.uppercase, like: ["Lu"]) },
        "uppercase": { table(UnicodeSets.uppercase, like: ["Lu"]) },
        "lower": { table(UnicodeSets.lowercase, like: ["Ll"]) },
        "lowercase": { table(UnicodeSets.lowercase, like: ["Ll"]) },
        "punct": { table(UnicodeSets.regexPunctuation, like: ["P", "S"]) },
    ]

    private static let longNames = [
        "letter": "L", "uppercaseletter": "Lu", "lowercaseletter": "Ll", "titlecaseletter": "Lt",
        "modifierletter": "Lm", "otherletter": "Lo", "mark": "M", "combiningmark": "M",
        "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me", "number": "N",
        "decimalnumber": "Nd", "letternumber": "Nl", "othernumber": "No", "punctuation": "P",
        "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "openpunctuation": "Ps",
        "closepunctuation": "Pe", "initialpunctuation": "Pi", "finalpunctuation": "Pf",
        "otherpunctuation": "Po", "symbol": "S", "mathsymbol": "Sm", "currencysymbol": "Sc",
        "modifiersymbol": "Sk", "othersymbol": "So", "separator": "Z", "spaceseparator": "Zs",
        "lineseparator": "Zl", "paragraphseparator": "Zp", "other": "C", "control": "Cc",
        "format": "Cf", "surrogate": "Cs", "privateuse": "Co", "unassigned": "Cn",
    ]

    private static let categories: [String: ScalarSet] = {
        var reader = TableReader(UnicodeSets.categories)
        var ranges: [String: [ClosedRange<UInt32>]] = [:]
        var start: UInt32 = 0
        while !reader.isAtEnd {
            let name = reader.name()
            let end = start + reader.number()
            ranges[name, default: []].append(start...end - 1)
            start = end
        }
        return ranges.mapValues { ScalarSet($0) }
    }()

    private static let recent = ScalarSet(table: UnicodeSets.recent)

    /// A general category, of one letter or two.
    private static func category(_ name: String) -> RegexClass? {
        let sets = categories.filter { $0.key.hasPrefix(name) }.map(\.value)
        if sets.isEmpty { return nil }
        let set = ScalarSet(sets.flatMap(\.ranges))
        // PCRE2 has scalars in these that the reference puts elsewhere.
        if ["C", "Cn", "Mn"].contains(name) { return RegexClass(set) }
        return RegexClass(set, members: #"\p{\#(name)}"# + text(unknownToPCRE(set)))
    }

    /// Scalars of `set` that an old PCRE2 takes for unassigned, or for another category.
    private static func unknownToPCRE(_ set: ScalarSet) -> ScalarSet {
        set.intersection(recent.union(ScalarSet([0x1171E...0x1171E])))
    }

    /// A set of `UnicodeSets`, most of which is `parts`.
    private static func table(_ table: String, like parts: [String]) -> RegexClass {
        like(ScalarSet(table: table), parts)
    }

    /// A set, most of which is `parts`, categories.
    private static func like(_ set: ScalarSet, _ parts: [String]) -> RegexClass {
        let common = parts.compactMap(category).reduce(empty) { $0.union($1) }
        guard let known = common.set, known.intersection(set.inverted).isEmpty else {
            return RegexClass(set)
        }
        return RegexClass(
            set,
            members: common.text + text(set.intersection(known.inverted))
        )
    }

    /// One of the rarer scripts as PCRE2 has it; the reference may know some scalars more.
    private static func script(_ name: String) -> RegexClass? {
        guard name.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
        return RegexClass(nil, members: "\\p{sc:\(name)}")
    }
}
