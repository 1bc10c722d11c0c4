import Core
import Execution
import Kernels
import ModelFiles

/// What a model folder says about itself, from its headers alone.
struct Inspection {
    /// Tensors that do the same job in every layer.
    struct Group {
        let name: String
        var tensors = 0
        var parameters = 0
        var bytes = 0
        var memory = 0
        var formats: [String] = []
    }

    let source: ModelSource
    let groups: [Group]
    /// The parts of the model that are not read: "vision_tower".
    let leftOut: [String]
    /// Absent where config.json asks for what this build does not have.
    let configuration: DecoderConfiguration?
    /// Why this build does not run the model; nil when it does.
    let obstacle: String?

    init(_ source: ModelSource) throws {
        self.source = source
        groups = try Self.groups(source)
        leftOut = Self.leftOut(source)
        do throws(ExecutionError) {
            var configuration = try makeArchitecture(source.config).configuration
            configuration.cacheFormat = .usual(
                allWeightsFloat32: groups.allSatisfy { $0.formats == [TensorType.f32.rawValue] },
                headWidth: configuration.headWidth
            )
            self.configuration = configuration
            obstacle = Self.unknownTypes(source)
        } catch {
            configuration = nil
            obstacle = error.message
        }
    }

    /// Why no matrix of some of the tensors' types can be computed with; nil when all can.
    private static func unknownTypes(_ source: ModelSource) -> String? {
        do throws(ModelFileError) {
            try source.checkTypes()
            return nil
        } catch {
            return error.message
        }
    }

    var parameters: Int { groups.reduce(0) { $0 + $1.parameters } }
    var bytes: Int { groups.reduce(0) { $0 + $1.bytes } }
    /// Bytes of weights in memory once they are packed for the kernels.
    var memory: Int { groups.reduce(0) { $0 + $1.memory } }

    private var hasTokenizer: Bool {
        source.tokenizerFolder != nil || source.vocabulary != nil
    }

    private static func groups(_ source: ModelSource) throws(ModelFileError) -> [Group] {
        var groups: [Group] = []
        for name in source.tensorNames where source.weightName(of: name) != nil {
            let tensor = try source.tensor(name)
            let job = job(of: name)
            let index = groups.firstIndex { $0.name == job } ?? groups.endIndex
            if index == groups.endIndex { groups.append(Group(name: job)) }
            groups[index].tensors += 1
            groups[index].parameters += tensor.shape.reduce(1, *)
            groups[index].bytes += tensor.bytes.count
            groups[index].memory += memory(of: tensor)
            let format = "\(tensor.type)"
            if !groups[index].formats.contains(format) { groups[index].formats.append(format) }
        }
        return groups
    }

    private static func leftOut(_ source: ModelSource) -> [String] {
        var parts: Set<String> = []
        for name in source.tensorNames where source.weightName(of: name) == nil {
            let parent = name.split(separator: ".").first { $0 != "model" }
            parts.insert(String(parent ?? Substring(name)))
        }
        return parts.sorted()
    }

    /// Matrices become panels of 16 rows in their own format, vectors floats; what belongs to a
    /// packed matrix (codes, scales) keeps its size.
    private static func memory(of tensor: Tensor) -> Int {
        guard let columns = tensor.shape.last, tensor.count > 0,
            let format = WeightFormat(of: tensor.type)
        else { return tensor.bytes.count }
        if tensor.shape.count == 1 { return tensor.count * MemoryLayout<Float>.size }
        return Matrix.byteCount(rows: tensor.count / columns, columns: columns, format: format)
    }

    /// The name without its layer's number: "model.layers.3.mlp.up_proj.weight" is
    /// "layers.mlp.up_proj".
    static func job(of tensor: String) -> String {
        let dropped: Set<Substring> = ["model", "weight"]
        let parts = tensor.split(separator: ".").filter { part in
            !dropped.contains(part) && !part.allSatisfy(\.isNumber)
        }
        return parts.joined(separator: ".")
    }
}

extension Inspection {
    var json: JSON {
        [
            "model": .string(source.name),
            "architecture": source.config["model_type"] ?? .null,
            "runs": .bool(obstacle == nil),
            "obstacle": obstacle.map { .string($0) } ?? .null,
            "parameters": .int(parameters),
            "weight_bytes": .int(bytes),
            "memory_bytes": .int(memory),
            "context_length": configuration.map { .int($0.contextLength) } ?? .null,
            "vocabulary_size": configuration.map { .int($0.vocabularySize) } ?? .null,
            "layers": configuration.map { .int($0.layerCount) } ?? .null,
            "kv_bytes_per_token": configuration.map { .int($0.cacheBytesPerToken) } ?? .null,
            "kv_window_bytes_per_sequence":
                configuration.map { .int($0.windowCacheBytesPerSequence) } ?? .null,
            "left_out": .array(leftOut.map { .string($0) }),
            "tokenizer": .bool(hasTokenizer),
            "chat_template": .bool(source.chatTemplate != nil),
            "tensor_groups": .array(groups.map(\.json)),
        ]
    }

    var text: String {
        let rows = groups.map { group in
            [
                group.name, "\(group.tensors)", "\(group.parameters)", Decimal.bytes(group.bytes),
                group.formats.joined(separator: " "),
            ]
        }
        let titles = ["tensors", "count", "parameters", "size", "format"]
        return (facts + [""]).joined(separator: "\n") + "\n" + Table.text(titles, rows)
    }

    private var facts: [String] {
        let type = source.config["model_type"]?.string ?? "unknown"
        var lines = [
            "\(source.name): \(type), \(parameters) parameters",
            obstacle.map { "this build does not run it: \($0)" } ?? "this build runs it",
            "memory for weights: \(Decimal.bytes(memory))",
        ]
        if !leftOut.isEmpty {
            lines.append("left out, text alone is read: \(leftOut.joined(separator: ", "))")
        }
        if let configuration {
            let cache = Decimal.bytes(configuration.cacheBytesPerToken * 1000)
            lines.append("memory per 1,000 tokens of context: \(cache)")
            if configuration.window != nil {
                let windows = Decimal.bytes(configuration.windowCacheBytesPerSequence)
                lines.append("memory per sequence for windowed layers: \(windows)")
            }
            lines.append("context: \(configuration.contextLength) tokens")
        }
        lines.append("tokenizer: \(hasTokenizer ? "yes" : "none")")
        lines.append("chat template: \(source.chatTemplate == nil ? "none" : "yes")")
        return lines
    }
}

extension Inspection.Group {
    var json: JSON {
        [
            "name": .string(name),
            "tensors": .int(tensors),
            "parameters": .int(parameters),
            "bytes": .int(bytes),
            "formats": .array(formats.map { .string($0) }),
        ]
    }
}
