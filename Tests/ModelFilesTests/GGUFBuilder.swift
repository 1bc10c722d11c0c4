import ModelFiles

/// Bytes of a GGUF file with any lies in it; what is not said is as it should be.
struct GGUFBuilder {
    /// A metadata pair: key, type number, bytes of the value.
    struct Pair {
        var key: String
        var type: UInt32
        var value: [UInt8]
    }

    struct Info {
        var name = "t"
        /// Innermost first, as in the file.
        var dimensions: [UInt64] = [4]
        var rank: UInt32?
        var type: UInt32 = 0
        var offset: UInt64 = 0
    }

    var magic = "GGUF"
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var pairCount: UInt64?
    var pairs: [Pair] = []
    var infos: [Info] = []
    var dataBytes = 0

    var bytes: [UInt8] {
        var bytes = [UInt8](magic.utf8)
        version.append(to: &bytes)
        (tensorCount ?? UInt64(infos.count)).append(to: &bytes)
        (pairCount ?? UInt64(pairs.count)).append(to: &bytes)
        for pair in pairs {
            pair.key.append(to: &bytes)
            pair.type.append(to: &bytes)
            bytes += pair.value
        }
        for info in infos {
            info.name.append(to: &bytes)
            (info.rank ?? UInt32(info.dimensions.count)).append(to: &bytes)
            for dimension in info.dimensions { dimension.append(to: &bytes) }
            info.type.append(to: &bytes)
            info.offset.append(to: &bytes)
        }
        if !infos.isEmpty {
            bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
        }
        return bytes + [UInt8](repeating: 0, count: dataBytes)
    }

    static func alignment(_ value: UInt32) -> Pair {
        Pair(key: "general.alignment", type: 4, value: packed(value))
    }

    /// An array's header, as a value.
    static func array(_ type: UInt32, _ count: UInt64, _ elements: [UInt8] = []) -> [UInt8] {
        packed(type) + packed(count) + elements
    }

    static func packed(_ element: some GGUFElement) -> [UInt8] {
        var bytes: [UInt8] = []
        element.append(to: &bytes)
        return bytes
    }
}

/// What the header parser says to `bytes`; nil when it accepts them.
func ggufRefusal(_ bytes: [UInt8]) -> ModelFileError? {
    bytes.withUnsafeBytes { buffer in
        do throws(ModelFileError) {
            _ = try GGUFHeader(parsing: buffer, path: "m.gguf")
            return nil
        } catch { return error }
    }
}
