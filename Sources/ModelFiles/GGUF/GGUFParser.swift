internal import Core

/// Reads a GGUF header front to back. Counts and lengths are compared with the bytes that are left
/// before anything is made of them, so that no file makes this take more memory than a small
/// multiple of its own size.
struct GGUFParser {
    private let path: String
    private let file: UnsafeRawBufferPointer
    private var cursor: GGUFCursor

    init(_ file: UnsafeRawBufferPointer, path: String) {
        self.path = path
        self.file = file
        cursor = GGUFCursor(file)
    }

    // MARK: the first bytes

    mutating func version() throws(ModelFileError) -> Int {
        guard let magic = cursor.read(UInt32.self) else {
            throw error(
                at: 0,
                "has \(file.count) bytes, too few for a GGUF file; download it again"
            )
        }
        switch magic {
        case 0x4655_4747: break
        // Read as integers, "ggml", "ggmf", "ggjt" and "ggla".
        case 0x6767_6D6C, 0x6767_6D66, 0x6767_6A74, 0x6767_6C61:
            throw error(.unsupported, at: 0, "is of a format older than GGUF; convert it again")
        default: throw error(at: 0, "does not begin with GGUF: it is no GGUF file")
        }
        let version: UInt32 = try number("the version")
        switch version {
        case 2, 3: return Int(version)
        case 1: throw error(.unsupported, at: 4, "is of GGUF version 1; convert it again")
        case let swapped where swapped & 0xFFFF == 0 && swapped != 0:
            throw error(
                .unsupported,
                at: 4,
                "is a big-endian GGUF file; convert it to little-endian"
            )
        default:
            throw error(
                .unsupported,
                at: 4,
                "is of GGUF version \(version); this build reads 2 and 3"
            )
        }
    }

    /// A tensor takes at least a name's length, a number of dimensions, a type and an offset.
    mutating func tensorCount() throws(ModelFileError) -> Int {
        try count("tensors", limit: Limits.ggufTensors, leastByteCount: 24)
    }

    /// A pair takes at least a key's length, a type and one byte.
    mutating func fieldCount() throws(ModelFileError) -> Int {
        try count("metadata pairs", limit: Limits.ggufKeys, leastByteCount: 13)
    }

    private mutating func count(
        _ what: String,
        limit: Int,
        leastByteCount: Int
    ) throws(ModelFileError) -> Int {
        let place = cursor.offset
        let count: UInt64 = try number("the number of \(what)")
        guard count <= UInt64(limit) else {
            throw error(.tooLarge, at: place, "claims \(count) \(what); at most \(limit) are read")
        }
        guard Int(count) <= cursor.remaining / leastByteCount else {
            throw error(
                at: place,
                "claims \(count) \(what), but only \(cursor.remaining) bytes follow; "
                    + "is the download complete?"
            )
        }
        return Int(count)
    }

    // MARK: metadata

    mutating func fields(_ count: Int) throws(ModelFileError) -> [GGUFHeader.Field] {
        var fields: [GGUFHeader.Field] = []
        var keys: Set<String> = []
        for _ in 0..<count {
            let place = cursor.offset
            let field = try field()
            guard keys.insert(field.key).inserted else {
                throw error(at: place, "metadata key \(quoted(field.key)) appears twice")
            }
            fields.append(field)
        }
        return fields
    }

    private mutating func field() throws(ModelFileError) -> GGUFHeader.Field {
        let key = try name("a metadata key")
        let place = cursor.offset
        let subject = "metadata key \(quoted(key))"
        let number: UInt32 = try number("the type of \(subject)")
        guard let type = GGUFValueType(rawValue: number) else {
            throw error(at: place, "\(subject) has the unknown type \(number)")
        }
        let start = cursor.offset
        do throws(GGUFFault) {
            try cursor.skip(type)
        } catch {
            throw self.error(at: start, "\(subject) " + Self.reason(error))
        }
        return .init(key: key, type: type, range: start..<cursor.offset)
    }

    private static func reason(_ fault: GGUFFault) -> String {
        switch fault {
        case .truncated: "claims more bytes than the file has; is the download complete?"
        case .tooDeep: "holds arrays nested deeper than \(Limits.ggufArrayDepth)"
        case .unknownType(let number): "holds an array of the unknown type \(number)"
        case .notBoolean(let byte): "holds the truth value \(byte), which is neither 0 nor 1"
        }
    }

    /// `general.alignment`, or 32.
    func alignment(_ fields: [GGUFHeader.Field]) throws(ModelFileError) -> Int {
        guard let field = fields.first(where: { $0.key == GGUFMetadata.alignmentKey }) else {
            return GGUFMetadata.defaultAlignment
        }
        guard field.type == .uint32 else {
            throw error(
                at: field.range.lowerBound,
                "general.alignment is of type \(field.type), not uint32"
            )
        }
        var value = GGUFCursor(cursor[field.range])
        let alignment = Int(value.read(UInt32.self) ?? 0)
        guard alignment.nonzeroBitCount == 1, alignment <= Limits.ggufAlignmentBytes else {
            throw error(
                at: field.range.lowerBound,
                "general.alignment is \(alignment), not a power of two up to "
                    + "\(Limits.ggufAlignmentBytes)"
            )
        }
        return alignment
    }

    // MARK: tensors

    /// A tensor's description, its offset not yet checked.
    private struct Info {
        var place: Int
        var name: String
        var type: TensorType
        var shape: [Int]
        var byteCount: Int
        var offset: UInt64
    }

    mutating func entries(
        _ count: Int,
        alignment: Int
    ) throws(ModelFileError) -> [GGUFHeader.Entry] {
        var infos: [Info] = []
        var names: Set<String> = []
        for _ in 0..<count {
            let info = try info()
            guard names.insert(info.name).inserted else {
                throw error(info.name, at: info.place, "appears twice")
            }
            infos.append(info)
        }
        // The file has fewer bytes than an `Int` can count, so this cannot overflow.
        let data = (cursor.offset + alignment - 1) & -alignment
        var entries: [GGUFHeader.Entry] = []
        for info in infos {
            let range = try range(info, data, alignment)
            entries.append(
                .init(name: info.name, type: info.type, shape: info.shape, range: range)
            )
        }
        // Empty tensors sort before the one that starts where they are.
        entries.sort {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        try checkDisjoint(entries)
        return entries
    }

    private mutating func info() throws(ModelFileError) -> Info {
        let place = cursor.offset
        let name = try name("a tensor's name")
        let shape = try shape(name)
        let typePlace = cursor.offset
        let number: UInt32 = try number("the type of tensor \(quoted(name))")
        guard let type = GGMLTypes.type(number) else {
            throw error(
                .unsupported,
                name,
                at: typePlace,
                "is of type \(GGMLTypes.name(unread: number)), which this build does not read"
            )
        }
        guard let byteCount = type.byteCount(ofShape: shape) else {
            let reason =
                (shape.last ?? 1) % type.blockWidth == 0
                ? "is larger than any memory" : "does not divide into blocks of \(type.blockWidth)"
            throw error(name, at: place, "shape \(shape) of \(type) \(reason)")
        }
        let offset: UInt64 = try self.number("the offset of tensor \(quoted(name))")
        return Info(
            place: place,
            name: name,
            type: type,
            shape: shape,
            byteCount: byteCount,
            offset: offset
        )
    }

    /// Outermost dimension first, though the file has the innermost first.
    private mutating func shape(_ tensor: String) throws(ModelFileError) -> [Int] {
        let place = cursor.offset
        let subject = "the dimensions of tensor \(quoted(tensor))"
        let rank: UInt32 = try number(subject)
        guard rank <= UInt32(Limits.ggufTensorRank) else {
            throw error(
                .tooLarge,
                tensor,
                at: place,
                "has \(rank) dimensions; at most \(Limits.ggufTensorRank) are read"
            )
        }
        var shape: [Int] = []
        for _ in 0..<rank {
            let dimension: UInt64 = try number(subject)
            guard let dimension = Int(exactly: dimension) else {
                throw error(tensor, at: place, "has a dimension of \(dimension)")
            }
            shape.insert(dimension, at: 0)
        }
        return shape
    }

    private func range(
        _ info: Info,
        _ data: Int,
        _ alignment: Int
    ) throws(ModelFileError) -> Range<Int> {
        guard info.offset % UInt64(alignment) == 0 else {
            throw error(
                info.name,
                at: info.place,
                "has the offset \(info.offset), which is no multiple of \(alignment)"
            )
        }
        guard let offset = Int(exactly: info.offset),
            case (let start, false) = data.addingReportingOverflow(offset),
            case (let end, false) = start.addingReportingOverflow(info.byteCount),
            end <= file.count
        else {
            throw error(
                info.name,
                at: info.place,
                "\(info.byteCount) bytes at offset \(info.offset) pass the end of the file: its "
                    + "data has \(max(0, file.count - data)) bytes. Is the download complete?"
            )
        }
        return start..<end
    }

    /// Holes are allowed, they are padding; bytes that belong to two tensors are not.
    private func checkDisjoint(_ entries: [GGUFHeader.Entry]) throws(ModelFileError) {
        var end = 0
        for entry in entries {
            if entry.range.lowerBound < end {
                throw error(
                    entry.name,
                    at: entry.range.lowerBound,
                    "overlaps the tensor before it, which ends at byte \(end)"
                )
            }
            end = entry.range.upperBound
        }
    }

    // MARK: pieces

    private mutating func number<Value: FixedWidthInteger>(
        _ what: @autoclosure () -> String
    ) throws(ModelFileError) -> Value {
        guard let value = cursor.read(Value.self) else {
            throw error(
                at: cursor.offset,
                "ends before \(what()); is the download complete?"
            )
        }
        return value
    }

    private mutating func name(_ what: String) throws(ModelFileError) -> String {
        let place = cursor.offset
        let length: UInt64 = try number("the length of \(what)")
        guard length <= UInt64(Limits.ggufNameBytes) else {
            throw error(
                .tooLarge,
                at: place,
                "claims \(what) of \(length) bytes; at most \(Limits.ggufNameBytes) are read"
            )
        }
        guard let range = cursor.skip(length) else {
            throw error(at: place, "ends inside \(what); is the download complete?")
        }
        guard let name = String(validating: cursor[range], as: UTF8.self) else {
            throw error(at: range.lowerBound, "\(what) is not UTF-8")
        }
        return name
    }

    private func error(
        _ code: ModelFileError.Code = .malformed,
        _ tensor: String? = nil,
        at offset: Int,
        _ message: String
    ) -> ModelFileError {
        ModelFileError(code, path: path, tensor: tensor, offset: offset, message)
    }

    private func error(
        _ tensor: String,
        at offset: Int,
        _ message: String
    ) -> ModelFileError {
        error(.malformed, tensor, at: offset, message)
    }
}
