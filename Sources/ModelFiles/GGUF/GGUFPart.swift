internal import Core

/// One file of a GGUF model. A split model's files are named `NAME-00001-of-00003.gguf`, and each
/// says in its metadata which part it is (`split.no`, from 0), of how many (`split.count`), and how
/// many tensors they have together (`split.tensors.count`).
struct GGUFPart {
    let file: MappedFile
    let header: GGUFHeader
    let metadata: GGUFMetadata

    init(_ path: String) throws(ModelFileError) {
        file = try MappedFile(path)
        header = try GGUFHeader(parsing: file.bytes, path: path)
        metadata = GGUFMetadata(header, of: file)
    }

    /// The parts of the model that the file at `path` belongs to, in order; at least one.
    static func all(of path: String) throws(ModelFileError) -> [GGUFPart] {
        let opened = try GGUFPart(path)
        let count = try opened.metadata.int("split.count") ?? 1
        if count <= 1 { return [opened] }
        guard count <= Limits.ggufParts else {
            throw ModelFileError(
                .tooLarge,
                path: path,
                "is one of \(count) parts; at most \(Limits.ggufParts) are read"
            )
        }
        guard let name = GGUFPartName(path), name.count == count else {
            throw ModelFileError(
                .malformed,
                path: path,
                "is one of \(count) parts, so its name must end in "
                    + GGUFPartName.ending(0, of: count) + " or the like; give it its old name"
            )
        }
        var parts: [GGUFPart] = []
        for number in 0..<count {
            let part = number == name.number ? opened : try sibling(name, number, of: path)
            try part.checkPlace(number, of: count)
            parts.append(part)
        }
        try checkTotal(parts)
        return parts
    }

    private static func sibling(
        _ name: GGUFPartName,
        _ number: Int,
        of path: String
    ) throws(ModelFileError) -> GGUFPart {
        let sibling = name.prefix + GGUFPartName.ending(number, of: name.count)
        guard SmallFile.exists(sibling) else {
            throw ModelFileError(
                .notFound,
                path: sibling,
                "is missing: the model has \(name.count) parts, and all must lie in one folder; "
                    + "download it too"
            )
        }
        return try GGUFPart(sibling)
    }

    private func checkPlace(_ number: Int, of count: Int) throws(ModelFileError) {
        let said = (try metadata.int("split.no"), try metadata.int("split.count"))
        if said == (number, count) { return }
        let place = said.0.map { "part \($0 + 1)" } ?? "no part"
        throw ModelFileError(
            .malformed,
            path: file.path,
            "says it is \(place) of \(said.1 ?? 1), not part \(number + 1) of \(count) as its "
                + "name has it; download it again"
        )
    }

    private static func checkTotal(_ parts: [GGUFPart]) throws(ModelFileError) {
        guard let total = try parts[0].metadata.int("split.tensors.count") else { return }
        let found = parts.reduce(0) { $0 + $1.header.entries.count }
        if found == total { return }
        throw ModelFileError(
            .malformed,
            path: parts[0].file.path,
            "promises \(total) tensors, but the \(parts.count) parts have \(found); "
                + "download them again"
        )
    }
}

/// A path that ends as those of split models do.
struct GGUFPartName {
    let prefix: String
    /// From 0, though names count from 1.
    let number: Int
    let count: Int

    /// Nil for other paths.
    init?(_ path: String) {
        let ending = Array(path.utf8.suffix(20))
        let numbers = [ending.dropFirst(1).prefix(5), ending.dropFirst(10).prefix(5)].compactMap {
            Int(String(decoding: $0, as: UTF8.self))
        }
        guard numbers.count == 2, numbers[0] >= 1, numbers[0] <= numbers[1],
            String(decoding: ending, as: UTF8.self) == Self.ending(numbers[0] - 1, of: numbers[1])
        else { return nil }
        prefix = String(decoding: path.utf8.dropLast(20), as: UTF8.self)
        number = numbers[0] - 1
        count = numbers[1]
    }

    /// `-00001-of-00003.gguf` for part 0 of 3.
    static func ending(_ number: Int, of count: Int) -> String {
        "-\(padded(number + 1))-of-\(padded(count)).gguf"
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
