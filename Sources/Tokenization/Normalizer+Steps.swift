extension Normalizer.Step {
    /// What this step makes of `text[range]`; nil if nothing changes. `writer` is fresh.
    func apply(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ writer: consuming NormalizedWriter
    ) throws(RegexError) -> Normalizer.Result? {
        switch self {
        case .form(let form):
            if Self.isInert(form, text, range) { return nil }
            Self.normalize(form, text, range, &writer)
        case .replace(.literal(let old), let content):
            return Self.replace(old, with: content, text, range, &writer) ? writer.result : nil
        case .replace(let pattern, let content):
            let segments = try pattern.segments(of: text, range)
            guard segments.contains(where: \.isMatch) else { return nil }
            for segment in segments {
                if segment.isMatch {
                    writer.add(content, from: segment.range)
                } else {
                    writer.copy(text, segment.range)
                }
            }
        case .prepend(let prefix):
            guard !range.isEmpty, !prefix.isEmpty else { return nil }
            let length = UTF8Scalars.decode(text, at: range.lowerBound).length
            writer.add(prefix, from: range.lowerBound..<range.lowerBound + length)
            writer.copy(text, range)
        case .strip(let left, let right):
            let rest = Self.strip(text, range, left: left, right: right)
            if rest == range { return nil }
            writer.copy(text, rest)
        case .trimSpaces: return Self.trimSpaces(text, range, &writer) ? writer.result : nil
        case .stripAccents: Self.stripAccents(text, range, &writer)
        case .lowercase: Self.lowercase(text, range, &writer)
        case .byteLevel:
            for index in range {
                let spelled = Character(ByteLevel.scalars[Int(text[index])]).utf8
                writer.add(spelled, from: index..<index + 1)
            }
        case .precompiled(let map): map.replace(text, range, &writer)
        }
        return writer.result
    }

    private static func isInert(
        _ form: NormalForm,
        _ text: Span<UInt8>,
        _ range: Range<Int>
    ) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if !form.isInert(scalar) { return false }
            index += length
        }
        return true
    }

    /// Normalises cluster by cluster: a scalar and those that may join what stands before them.
    private static func normalize(
        _ form: NormalForm,
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ writer: inout NormalizedWriter
    ) {
        var cache = ClusterCache()
        /// What lies before this has been written.
        var done = range.lowerBound
        /// Where the last scalar starts that joins nothing before it.
        var start = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if form.isInert(scalar) {
                start = index
                index += length
                continue
            }
            if !NormalForm.joinsBefore(scalar) { start = index }
            var end = index + length
            while end < range.upperBound {
                let (scalar, length) = UTF8Scalars.decode(text, at: end)
                if !NormalForm.joinsBefore(scalar) { break }
                end += length
            }
            writer.copy(text, done..<start)
            let normal = cache.value(text, start..<end) {
                Array(utf8(form.apply(scalars(text, start..<end))))
            }
            writer.add(normal, from: start..<end)
            done = end
            start = end
            index = end
        }
        writer.copy(text, done..<range.upperBound)
    }

    private static func scalars(_ text: Span<UInt8>, _ range: Range<Int>) -> [UInt32] {
        var result: [UInt32] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            result.append(UInt32(truncatingIfNeeded: scalar))
            index += length
        }
        return result
    }

    private static func utf8(_ scalars: [UInt32]) -> String.UTF8View {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.compactMap(Unicode.Scalar.init))
        return String(text).utf8
    }

    private static func strip(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        left: Bool,
        right: Bool
    ) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while left, start < end {
            let (scalar, length) = UTF8Scalars.decode(text, at: start)
            if !ScalarFlags.has(ScalarFlags.space, scalar) { break }
            start += length
        }
        while right, start < end {
            let last = UTF8Scalars.start(text, before: end)
            let scalar = UTF8Scalars.decode(text, at: last).scalar
            if !ScalarFlags.has(ScalarFlags.space, scalar) { break }
            end = last
        }
        return start..<end
    }

    /// - Returns: whether anything is replaced.
    private static func replace(
        _ old: [UInt8],
        with new: [UInt8],
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ writer: inout NormalizedWriter
    ) -> Bool {
        var done = range.lowerBound
        var index = range.lowerBound
        while index + old.count <= range.upperBound {
            let match = index..<index + old.count
            if text[index] == old[0], ByteChunks.equal(text, match, old.span, 0..<old.count) {
                writer.copy(text, done..<index)
                writer.add(new, from: match)
                index = match.upperBound
                done = index
            } else {
                index += 1
            }
        }
        if done == range.lowerBound { return false }
        writer.copy(text, done..<range.upperBound)
        return true
    }

    /// - Returns: whether anything changes.
    private static func trimSpaces(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ writer: inout NormalizedWriter
    ) -> Bool {
        let kept = withoutOuterSpaces(text, range)
        var changes = kept != range
        if range.lowerBound < kept.lowerBound {
            writer.add([], from: range.lowerBound..<kept.lowerBound)
        }
        var done = kept.lowerBound
        var index = kept.lowerBound
        while index < kept.upperBound {
            let start = index
            while index < kept.upperBound, text[index] == 0x20 { index += 1 }
            if index - start > 1 {
                writer.copy(text, done..<start)
                writer.add(CollectionOfOne(0x20), from: start..<index)
                done = index
                changes = true
            }
            if index == start { index += 1 }
        }
        writer.copy(text, done..<kept.upperBound)
        if kept.upperBound < range.upperBound {
            writer.add([], from: kept.upperBound..<range.upperBound)
        }
        return changes
    }

    /// What is left between spaces at the start, and spaces and "▁" at the end; these stay if nothing
    /// but them follows spaces at the start.
    private static func withoutOuterSpaces(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start < range.upperBound, text[start] == 0x20 { start += 1 }
        var end = range.upperBound
        while end > range.lowerBound {
            let last = UTF8Scalars.start(text, before: end)
            let scalar = UTF8Scalars.decode(text, at: last).scalar
            if scalar != 0x20, scalar != 0x2581 { break }
            end = last
        }
        let isAllSpace = end == range.lowerBound && start > range.lowerBound
        return start..<(isAllSpace ? range.upperBound : end)
    }

    private static func stripAccents(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ writer: inout NormalizedWriter
    ) {
        var done = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let (scalar, length) = UTF8Scalars.decode(text, at: index)
            if ScalarFlags.has(ScalarFlags.accent, scalar) {
                writer.copy(text, done..<index)
                done = index + length
                writer.add([], from: index..<done)
            }
            index += length
        }
        writer.copy(text, done..<range.upperBound)
    }

    /// Scalar by scalar: what stands around it does not matter, as it does for a final sigma.
    private static func lowercase(
        _ text: Span<UInt8>,
        _ range: Range<Int>,
        _ writer: inout NormalizedWriter
    ) {
        var index = range.lowerBound
        while index < range.upperBound {
            let (value, length) = UTF8Scalars.decode(text, at: index)
            if let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: value)) {
                let lower = scalar.properties.lowercaseMapping.utf8
                writer.add(lower, from: index..<index + length)
            }
            index += length
        }
    }
}

/// What short clusters became: a text that has some has the same ones again and again.
private struct ClusterCache {
    /// The bytes of each cluster; 0 in an empty place.
    private var keys = [UInt64](repeating: 0, count: size)
    private var values = [[UInt8]](repeating: [], count: size)

    private static let size = 256

    /// What `make` made of `text[cluster]`, now or before.
    mutating func value(
        _ text: Span<UInt8>,
        _ cluster: Range<Int>,
        _ make: () -> [UInt8]
    ) -> [UInt8] {
        if cluster.count > 8 { return make() }
        let key = ByteChunks.load(text, cluster.lowerBound, cluster.count)
        let hash = ByteChunks.mix(key, 0x9E37_79B9_7F4A_7C15)
        let slot = Int(truncatingIfNeeded: hash) & (Self.size - 1)
        if keys[slot] != key {
            values[slot] = make()
            keys[slot] = key
        }
        return values[slot]
    }
}
