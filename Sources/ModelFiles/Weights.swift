internal import Core

/// The tensors of a folder: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` names.
struct Weights: Sendable {
    private let shards: [SafetensorsFile]
    /// Which shard holds a tensor.
    private let shardOfTensor: [String: Int]
    let tensorNames: [String]

    init(folder: String) throws(ModelFileError) {
        let single = folder + "/model.safetensors"
        let index = single + ".index.json"
        if SmallFile.exists(single) {
            try self.init(single: single)
        } else if SmallFile.exists(index) {
            try self.init(folder: folder, index: index)
        } else {
            throw ModelFileError(
                .notFound,
                path: folder,
                "has no model.safetensors and no model.safetensors.index.json; "
                    + "get the model's safetensors files (other formats are not read)"
            )
        }
    }

    private init(single: String) throws(ModelFileError) {
        let file = try SafetensorsFile(single)
        shards = [file]
        tensorNames = file.tensorNames
        shardOfTensor = Dictionary(file.tensorNames.map { ($0, 0) }) { first, _ in first }
    }

    private init(folder: String, index: String) throws(ModelFileError) {
        let map = try Self.weightMap(index)
        var shards: [SafetensorsFile] = []
        var numbers: [String: Int] = [:]
        var places: [String: Int] = [:]
        for (tensor, file) in map {
            if numbers[file] == nil {
                numbers[file] = shards.count
                shards.append(try Self.shard(folder, file, index))
            }
            guard let number = numbers[file], shards[number].has(tensor) else {
                throw ModelFileError(
                    .malformed,
                    path: index,
                    tensor: tensor,
                    "is not in \(quoted(file)) as promised"
                )
            }
            places[tensor] = number
        }
        self.shards = shards
        shardOfTensor = places
        tensorNames = shards.enumerated().flatMap { number, shard in
            shard.tensorNames.filter { places[$0] == number }
        }
    }

    private static func weightMap(_ index: String) throws(ModelFileError) -> [(String, String)] {
        guard let object = try SmallFile.json(index)["weight_map"]?.object else {
            throw ModelFileError(.malformed, path: index, "weight_map is missing or not an object")
        }
        var map: [(String, String)] = []
        for member in object.members {
            // A plain name: an index must not reach out of its folder.
            guard let file = member.value.string, file.hasSuffix(".safetensors"),
                !file.unicodeScalars.contains(where: { $0 == "/" || $0.value < 0x20 })
            else {
                throw ModelFileError(
                    .malformed,
                    path: index,
                    tensor: member.key,
                    "weight_map gives \(quoted(member.value.text())), not the name of a "
                        + ".safetensors file in the same folder"
                )
            }
            map.append((member.key, file))
        }
        return map
    }

    private static func shard(
        _ folder: String,
        _ file: String,
        _ index: String
    ) throws(ModelFileError) -> SafetensorsFile {
        let path = folder + "/" + file
        guard SmallFile.exists(path) else {
            throw ModelFileError(
                .notFound,
                path: path,
                "is missing, but \(index) names it; download it too"
            )
        }
        return try SafetensorsFile(path)
    }

    func releasePages() { for shard in shards { shard.releasePages() } }

    func has(_ name: String) -> Bool { shardOfTensor[name] != nil }

    /// Nil where there is no tensor of that name.
    func tensor(_ name: String) throws(ModelFileError) -> Tensor? {
        guard let number = shardOfTensor[name] else { return nil }
        return try shards[number].tensor(name)
    }
}
