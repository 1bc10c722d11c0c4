/// Turns a regular expression in Oniguruma's syntax, which tokenizer.json is written in, into one
/// that means the same to PCRE2 with `PCRE2_MULTILINE`. What differs: names of classes and their
/// Unicode, `\h`, `\v`, `\b`, nested classes and `&&`, `(?m)`, how far `(?i)` reaches, and which
/// quantifiers `?` and `+` change.
struct OnigurumaTranslator {
    private let source: [Unicode.Scalar]
    private var index = 0
    private var output: [Unicode.Scalar] = []
    /// Where the last thing that can be repeated starts in `output`.
    private var atom: Int?
    /// The groups that are open; the first is the whole pattern.
    private var groups = [Group(start: 0)]

    private struct Group {
        /// Where it starts in `output`.
        var start: Int
        /// Groups opened for `(?i)`, which reaches to the end of the group around it.
        var inner = 0
    }

    /// - Throws: what is not understood, as a message.
    static func translate(_ pattern: String) throws(RegexError) -> String {
        var translator = OnigurumaTranslator(source: Array(pattern.unicodeScalars))
        return try translator.run()
    }

    private init(source: [Unicode.Scalar]) { self.source = source }

    private mutating func run() throws(RegexError) -> String {
        while let scalar = next() {
            switch scalar {
            case "\\": try escape()
            case "[": try emit(characterClass(depth: 0))
            case "(": try openGroup()
            case ")": try closeGroup()
            case "*", "+", "?": repeated(by: String(scalar))
            case "{": interval()
            case "|":
                put("|")
                atom = nil
            default: emit(String(scalar))
            }
        }
        if groups.count > 1 { throw RegexError("a group that is never closed") }
        put(String(repeating: ")", count: groups[0].inner))
        return String(String.UnicodeScalarView(output))
    }

    // MARK: reading and writing

    private var peek: Unicode.Scalar? { index < source.count ? source[index] : nil }

    private mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        index += 1
        return scalar
    }

    private mutating func take(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        guard source[index...].starts(with: scalars) else { return false }
        index += scalars.count
        return true
    }

    /// The text up to `end`, which is skipped.
    private mutating func text(upTo end: Unicode.Scalar) throws(RegexError) -> String {
        guard let stop = source[index...].firstIndex(of: end) else {
            throw RegexError("\"\(end)\" is missing")
        }
        defer { index = stop + 1 }
        return String(String.UnicodeScalarView(source[index..<stop]))
    }

    private mutating func put(_ text: String) { output += text.unicodeScalars }

    private mutating func emit(_ text: String) {
        atom = output.count
        put(text)
    }

    private mutating func emit(_ node: ClassNode) { emit(node.text) }

    // MARK: groups

    /// After "(".
    private mutating func openGroup() throws(RegexError) {
        atom = nil
        if take("*") { throw RegexError("\"(*\" is not implemented") }
        let start = output.count
        if !take("?") {
            put("(")
        } else if take("#") {
            _ = try text(upTo: ")")
            return
        } else if let kind = ["<=", "<!", ":", "=", "!", ">"].first(where: { take($0) }) {
            put("(?" + kind)
        } else if take("<") {
            put("(?<" + (try text(upTo: ">")) + ">")
        } else if take("'") {
            put("(?<" + (try text(upTo: "'")) + ">")
        } else {
            return try openFlags()
        }
        groups.append(Group(start: start))
    }

    /// After "(?": letters, then ":" or ")".
    private mutating func openFlags() throws(RegexError) {
        var letters = ""
        while let scalar = next() {
            switch scalar {
            case "i", "x", "-": letters.unicodeScalars.append(scalar)
            case "m": letters += "s"
            case ":":
                groups.append(Group(start: output.count))
                return put("(?\(letters):")
            case ")":
                groups[groups.count - 1].inner += 1
                return put("(?\(letters):")
            default: throw RegexError("\"(?\(letters)\(scalar)\" is not implemented")
            }
        }
        throw RegexError("a group that is never closed")
    }

    private mutating func closeGroup() throws(RegexError) {
        guard groups.count > 1, let group = groups.popLast() else {
            throw RegexError("\")\" closes nothing")
        }
        put(String(repeating: ")", count: group.inner + 1))
        atom = group.start
    }

    // MARK: quantifiers

    /// Repeats the last atom; a second character makes that lazy or possessive.
    private mutating func repeated(by quantifier: String, takesMark: Bool = true) {
        guard let start = atom else { return put(quantifier) }
        put(quantifier)
        if takesMark, take("?") { put("?") } else if takesMark, take("+") { put("+") }
        wrap(from: start)
    }

    /// Puts what follows `start` in a group if it is repeated once more.
    private mutating func wrap(from start: Int) {
        guard let scalar = peek, ["*", "+", "?", "{"].contains(scalar) else { return }
        output.insert(contentsOf: "(?:".unicodeScalars, at: start)
        put(")")
    }

    /// After "{": `{n}`, `{n,}`, `{,m}` or `{n,m}`; something else is plain text.
    private mutating func interval() {
        let start = index
        let low = digits()
        let hasComma = take(",")
        let high = hasComma ? digits() : low
        guard take("}"), !(low.isEmpty && high.isEmpty) else {
            index = start
            return emit("\\{")
        }
        let quantifier = hasComma ? "{\(low.isEmpty ? "0" : low),\(high)}" : "{\(low)}"
        guard let atom else { return put(quantifier) }
        put(quantifier)
        // `{n}?` is optional and `{n,m}+` repeated; only `{n,m}?` is lazy.
        if hasComma, take("?") { put("?") }
        wrap(from: atom)
    }

    private mutating func digits() -> String {
        var text = ""
        while let scalar = peek, ("0"..."9").contains(scalar) {
            text.unicodeScalars.append(scalar)
            index += 1
        }
        return text
    }
}

// MARK: escapes

extension OnigurumaTranslator {
    /// After "\", outside of classes.
    private mutating func escape() throws(RegexError) {
        guard let scalar = peek else { throw RegexError("\"\\\" at the end") }
        if let node = try namedClass() { return emit(node) }
        index += 1
        switch scalar {
        case "b", "B":
            let word = "[" + RegexClass.word.text + "]"
            let edges = "(?<=\(word))(?!\(word))|(?<!\(word))(?=\(word))"
            emit(scalar == "b" ? "(?:\(edges))" : "(?!\(edges))")
        case "A", "Z", "z", "G", "R", "X", "N", "1"..."9": emit("\\" + String(scalar))
        case "O": emit("(?s:.)")
        case "k":
            guard take("<") else { throw RegexError("\"\\k\" without a name") }
            emit("\\k<" + (try text(upTo: ">")) + ">")
        default:
            index -= 1
            emit(RegexNode.literal(try escapedScalar()))
        }
    }

    /// After "\": `\d`, `\p{..}` and others that stand for a class; nil for something else.
    private mutating func namedClass() throws(RegexError) -> ClassNode? {
        guard let scalar = peek else { return nil }
        let known: RegexClass
        switch scalar {
        case "d", "D": known = .digit
        case "w", "W": known = .word
        case "s", "S": known = .space
        case "h", "H": known = .hexadecimal
        case "p", "P":
            guard index + 1 < source.count, source[index + 1] == "{" else { return nil }
            return try property(isNegated: scalar == "P")
        default: return nil
        }
        index += 1
        return ClassNode(known, isNegated: ("A"..."Z").contains(scalar))
    }

    private mutating func property(isNegated: Bool) throws(RegexError) -> ClassNode {
        index += 2
        var isNegated = isNegated
        if take("^") { isNegated.toggle() }
        let name = try text(upTo: "}")
        guard let known = RegexClass.named(name) else {
            throw RegexError("unknown property \"\(name.prefix(40))\"")
        }
        return ClassNode(known, isNegated: isNegated)
    }

    /// After "\": a scalar by its number or letter, or itself.
    private mutating func escapedScalar() throws(RegexError) -> Unicode.Scalar {
        guard let scalar = next() else { throw RegexError("\"\\\" at the end") }
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "a": return "\u{07}"
        case "e": return "\u{1B}"
        case "u": return try number(digits: 4, radix: 16)
        case "x":
            if take("{") {
                let digits = try text(upTo: "}")
                guard let value = UInt32(digits, radix: 16), let found = Unicode.Scalar(value)
                else { throw RegexError("\"\\x{\(digits.prefix(20))}\" is no character") }
                return found
            }
            let found = try number(digits: 2, radix: 16)
            // Two digits are a byte to the reference, which above ASCII is no character.
            if found.value < 0x80 { return found }
            throw RegexError("\"\\x\" with a byte above 7F")
        case "0": return try number(digits: 2, radix: 8)
        case _ where scalar.properties.isAlphabetic && scalar.isASCII:
            throw RegexError("\"\\\(scalar)\" is not implemented")
        default: return scalar
        }
    }

    /// Up to `digits` digits.
    private mutating func number(digits: Int, radix: Int) throws(RegexError) -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let scalar = peek, let digit = Character(scalar).hexDigitValue, digit < radix
            else { break }
            value = value * UInt32(radix) + UInt32(digit)
            index += 1
        }
        guard let scalar = Unicode.Scalar(value) else { throw RegexError("a surrogate") }
        return scalar
    }
}

// MARK: classes

/// A character class that may be negated.
private struct ClassNode {
    var members: RegexClass
    var isNegated: Bool

    init(_ members: RegexClass, isNegated: Bool = false) {
        self.members = members
        self.isNegated = isNegated
    }

    /// As PCRE2 writes it.
    var text: String {
        let text = members.text
        if text.isEmpty { return isNegated ? "(?s:.)" : "(?!)" }
        return (isNegated ? "[^" : "[") + text + "]"
    }

    /// The same without negation.
    func plain() throws(RegexError) -> RegexClass {
        if !isNegated { return members }
        guard let inverted = members.inverted else {
            throw RegexError("a script that is negated inside a character class")
        }
        return inverted
    }
}

/// How things are written in PCRE2's syntax.
private enum RegexNode {
    static func literal(_ scalar: Unicode.Scalar) -> String {
        "\\x{" + String(scalar.value, radix: 16) + "}"
    }
}

extension OnigurumaTranslator {
    private static let mostNested = 32

    /// After "[".
    private mutating func characterClass(depth: Int) throws(RegexError) -> ClassNode {
        if depth > Self.mostNested { throw RegexError("character classes nested too deep") }
        let isNegated = take("^")
        var members = RegexClass.empty
        var before: RegexClass?
        var isFirst = true
        while let scalar = next() {
            defer { isFirst = false }
            if scalar == "]", !isFirst {
                if let before { members = try Self.both(before, members) }
                return ClassNode(members, isNegated: isNegated)
            }
            if scalar == "&", take("&") {
                if let old = before { members = try Self.both(old, members) }
                before = members
                members = .empty
            } else {
                members = members.union(try member(scalar, depth))
            }
        }
        throw RegexError("a character class that is never closed")
    }

    private static func both(_ a: RegexClass, _ b: RegexClass) throws(RegexError) -> RegexClass {
        guard let result = a.intersection(b) else { throw RegexError("\"&&\" with a script") }
        return result
    }

    /// One member of a class: a class in it, or a scalar or range of them.
    private mutating func member(
        _ scalar: Unicode.Scalar,
        _ depth: Int
    ) throws(RegexError) -> RegexClass {
        if scalar == "[" {
            if take(":") { return try posix() }
            return try characterClass(depth: depth + 1).plain()
        }
        if scalar == "\\", let node = try namedClass() { return try node.plain() }
        let first = try classScalar(scalar)
        guard peek == "-", index + 1 < source.count, source[index + 1] != "]" else {
            return RegexClass(first)
        }
        let dash = index
        index += 1
        guard let end = next() else { throw RegexError("a range without an end") }
        let named = end == "\\" ? try namedClass() : nil
        if end == "[" || named != nil {
            index = dash
            return RegexClass(first)
        }
        let last = try classScalar(end)
        if first > last { throw RegexError("the range \(first)-\(last) is empty") }
        return RegexClass(first.value...last.value)
    }

    private mutating func classScalar(_ scalar: Unicode.Scalar) throws(RegexError) -> Unicode.Scalar
    {
        guard scalar == "\\" else { return scalar }
        return take("b") ? "\u{08}" : try escapedScalar()
    }

    /// After "[:".
    private mutating func posix() throws(RegexError) -> RegexClass {
        let isNegated = take("^")
        let name = try text(upTo: ":")
        guard take("]"), let known = RegexClass.named(name) else {
            throw RegexError("unknown class \"[:\(name.prefix(40)):]\"")
        }
        return try ClassNode(known, isNegated: isNegated).plain()
    }
}
