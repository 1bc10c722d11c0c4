/// One of Unicode's normal forms (UAX 15), with the reference's version of Unicode.
enum NormalForm: Sendable {
    case nfc, nfd, nfkc, nfkd

    private var isCompatible: Bool { self == .nfkc || self == .nfkd }
    private var composes: Bool { self == .nfc || self == .nfkc }

    /// Whether `scalar` may join or sort before what stands before it. A text may be cut before
    /// others and the parts normalised one by one.
    static func joinsBefore(_ scalar: Int) -> Bool {
        scalar >= 0x300 && NormalData.flags[scalar] & NormalData.attaches != 0
    }

    /// Whether `scalar` stays as it is and joins nothing before it.
    func isInert(_ scalar: Int) -> Bool {
        scalar < 0xA0 || NormalData.flags[scalar] & mask == 0
    }

    private var mask: UInt8 {
        switch self {
        case .nfc: NormalData.marks | NormalData.joins | NormalData.recomposed
        case .nfd: NormalData.marks | NormalData.canonical
        case .nfkc:
            NormalData.marks | NormalData.joins | NormalData.recomposed | NormalData.compatible
        case .nfkd: NormalData.marks | NormalData.canonical | NormalData.compatible
        }
    }

    /// The normal form of `scalars`, one and those after it that may join it.
    func apply(_ scalars: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        for scalar in scalars {
            NormalData.decompose(scalar, compatible: isCompatible, into: &result)
        }
        Self.sort(&result)
        return composes ? Self.compose(result) : result
    }

    /// Sorts each run of combining marks by class, stably.
    private static func sort(_ scalars: inout [UInt32]) {
        var start = 0
        while start < scalars.count {
            var end = start
            while end < scalars.count, NormalData.combiningClass(scalars[end]) != 0 { end += 1 }
            if end - start > 1 {
                let run = scalars[start..<end].enumerated().map {
                    (NormalData.combiningClass($1), $0, $1)
                }
                let sorted = run.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
                scalars.replaceSubrange(start..<end, with: sorted.map(\.2))
            }
            start = end + 1
        }
    }

    /// Joins each scalar to the last starter if nothing stands between them.
    private static func compose(_ scalars: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let own = NormalData.combiningClass(scalar)
            let isNext = starter == result.count - 1
            if let at = starter, isNext || lastClass < own,
                let joined = NormalData.composition(result[at], scalar)
            {
                result[at] = joined
                continue
            }
            if own == 0 { starter = result.count }
            lastClass = own
            result.append(scalar)
        }
        return result
    }
}

/// What UAX 15 needs to know of each scalar.
private enum NormalData {
    // Bits of `flags`.
    /// Has a combining class.
    static let marks: UInt8 = 1
    /// May compose with what stands before it.
    static let joins: UInt8 = 2
    /// Has a canonical decomposition, or it does not compose to itself again.
    static let canonical: UInt8 = 4
    static let recomposed: UInt8 = 8
    /// Has a compatibility decomposition of its own.
    static let compatible: UInt8 = 16
    /// It or what it decomposes to has `marks` or `joins`.
    static let attaches: UInt8 = 32

    private struct Mapping: Sendable {
        var scalars: [UInt32: [UInt32]] = [:]
        var excluded: Set<UInt32> = []

        init(_ table: String) {
            var reader = TableReader(table)
            var scalar: UInt32 = 0
            while !reader.isAtEnd {
                scalar += reader.number()
                if reader.take("!") { excluded.insert(scalar) } else { _ = reader.take(":") }
                var parts = [reader.number()]
                while reader.take(",") { parts.append(reader.number()) }
                scalars[scalar] = parts
            }
        }
    }

    private static let canonicalMapping = Mapping(UnicodeDecompositions.canonical)
    private static let compatibleMapping = Mapping(UnicodeDecompositions.compatible)

    private static let classes = ScalarTable { flat in
        var reader = TableReader(UnicodeDecompositions.classes)
        var end: UInt32 = 0
        while !reader.isAtEnd {
            let start = end + reader.number()
            end = start + reader.number()
            let value = UInt8(truncatingIfNeeded: reader.number())
            for scalar in start..<end { flat[Int(scalar)] = value }
        }
    }

    private static let compositions: [UInt64: UInt32] = {
        var result: [UInt64: UInt32] = [:]
        // Two scalars first: longer ones are a composed scalar and one more.
        let mapping = canonicalMapping
        let composed = mapping.scalars.filter { !mapping.excluded.contains($0.key) }
        for (scalar, parts) in composed.sorted(by: { $0.value.count < $1.value.count }) {
            var first = parts[0]
            for part in parts.dropFirst().dropLast() {
                first = result[pair(first, part)] ?? first
            }
            if let last = parts.dropFirst().last { result[pair(first, last)] = scalar }
        }
        return result
    }()

    static let flags = ScalarTable { flat in
        for scalar in 0..<0x110000 where classes[scalar] != 0 { flat[scalar] |= marks }
        for key in compositions.keys { flat[Int(key & 0xFFFF_FFFF)] |= joins }
        for scalar in Hangul.vowels { flat[Int(scalar)] |= joins }
        for scalar in Hangul.finals { flat[Int(scalar)] |= joins }
        for scalar in Hangul.syllables { flat[Int(scalar)] |= canonical }
        for scalar in canonicalMapping.scalars.keys { flat[Int(scalar)] |= canonical }
        for scalar in canonicalMapping.excluded { flat[Int(scalar)] |= recomposed }
        for scalar in compatibleMapping.scalars.keys { flat[Int(scalar)] |= compatible }
        for scalar in flat.indices where flat[scalar] & (marks | joins) != 0 {
            flat[scalar] |= attaches
        }
        for mapping in [canonicalMapping, compatibleMapping] {
            for (scalar, parts) in mapping.scalars
            where flat[Int(parts[0])] & (marks | joins) != 0 {
                flat[Int(scalar)] |= attaches
            }
        }
    }

    static func combiningClass(_ scalar: UInt32) -> UInt8 { classes[Int(scalar)] }

    private static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 {
        UInt64(first) << 32 | UInt64(second)
    }

    static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.composition(first, second) ?? compositions[pair(first, second)]
    }

    static func decompose(_ scalar: UInt32, compatible: Bool, into output: inout [UInt32]) {
        if Hangul.syllables.contains(scalar) {
            Hangul.decompose(scalar, into: &output)
        } else if compatible, let parts = compatibleMapping.scalars[scalar] {
            output += parts
        } else if let parts = canonicalMapping.scalars[scalar] {
            output += parts
        } else {
            output.append(scalar)
        }
    }
}

/// Syllables are made of their letters by arithmetic (The Unicode Standard, section 3.12).
private enum Hangul {
    static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
    static let leads: Range<UInt32> = 0x1100..<0x1113
    static let vowels: Range<UInt32> = 0x1161..<0x1176
    static let finals: Range<UInt32> = 0x11A8..<0x11C3

    static func decompose(_ scalar: UInt32, into output: inout [UInt32]) {
        let index = scalar - syllables.lowerBound
        output.append(leads.lowerBound + index / 588)
        output.append(vowels.lowerBound + index % 588 / 28)
        if index % 28 > 0 { output.append(finals.lowerBound + index % 28 - 1) }
    }

    static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if leads.contains(first), vowels.contains(second) {
            let lead = (first - leads.lowerBound) * 588
            return syllables.lowerBound + lead + (second - vowels.lowerBound) * 28
        }
        if syllables.contains(first), (first - syllables.lowerBound) % 28 == 0,
            finals.contains(second)
        {
            return first + second - finals.lowerBound + 1
        }
        return nil
    }
}
