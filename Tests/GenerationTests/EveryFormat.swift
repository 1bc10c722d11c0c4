import Core
import Foundation
import Kernels
import ModelFiles

/// The shipped model, rewritten so that its matrices take turns in every number format that the
/// engine computes with. Blocks and codes do not meet in one file, so that it takes two.
enum EveryFormat: String, CaseIterable {
    /// As it is shipped: bf16.
    case shipped
    /// A GGUF file; every type of floats and of ggml's blocks that has kernels of its own.
    case blocks
    /// A Hugging Face folder; 4-bit and 8-bit integers and E4M3 with a scale for 32 or 128 weights.
    case codes

    /// The types that nothing here writes, and where their blocks have which multiple of the scale.
    private static let unwritten: [TensorType: [(place: Int, multiple: Float)]] = [
        .q2_k: [(80, 1), (82, 1.5)], .q3_k: [(108, 1)], .iq4_xs: [(0, 1)],
    ]
    private static let types = Blocks.encodable + [.q2_k, .q3_k, .iq4_xs]
    private static let codeFormats: [WeightFormat] = [.u4g32, .u4g128, .s8g32, .s8g128, .f8g128]

    /// What its matrices are kept in. Norms are f32.
    var formats: Set<WeightFormat> {
        switch self {
        case .shipped: [.bf16]
        case .blocks: Set(Self.types.compactMap { WeightFormat(rawValue: $0.rawValue) })
        case .codes: Set(Self.codeFormats + [.bf16])
        }
    }

    /// Hands `body` the path of the model, which is gone afterwards.
    /// - Parameter folder: the shipped model's.
    func with<Result>(_ folder: String, _ body: (String) throws -> Result) throws -> Result {
        if self == .shipped { return try body(folder) }
        let source = try ModelSource.open(folder)
        let path = NSTemporaryDirectory() + "tokenmill-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        if self == .codes {
            try Self.writeCodes(source, path)
            return try body(path)
        }
        try Self.writeBlocks(source, path + "/model.gguf")
        return try body(path + "/model.gguf")
    }
}

// MARK: blocks

extension EveryFormat {
    private static func writeBlocks(_ source: ModelSource, _ path: String) throws {
        try GGUFConversion(source, target: .f32).write(to: path + ".f32.gguf")
        let file = try GGUFFile(path + ".f32.gguf")
        let tensors = try file.tensorNames.map { try file.tensor($0) }
        var turn = 0
        let declared = tensors.map { tensor in
            let isMatrix = tensor.shape.count == 2
            defer { turn += isMatrix ? 1 : 0 }
            return GGUFWriter.Declaration(
                name: tensor.name,
                type: isMatrix ? types[turn % types.count] : tensor.type,
                shape: tensor.shape
            )
        }
        let writer = try GGUFWriter(
            path: path,
            metadata: file.metadata.keys.compactMap { key in
                file.metadata[key].map { (key, $0) }
            },
            tensors: declared
        )
        for (tensor, declaration) in zip(tensors, declared) {
            try writer.append(bytes(of: tensor.floats(), declaration.type))
        }
        try writer.finish()
    }

    private static func bytes(of values: [Float], _ type: TensorType) -> [UInt8] {
        if let scales = unwritten[type] { return noise(type, scales, like: values) }
        let count = values.count / type.blockWidth * type.byteCount
        return [UInt8](unsafeUninitializedCapacity: count) { out, filled in
            guard let out = UnsafeMutableRawPointer(out.baseAddress) else { return }
            values.withUnsafeBufferPointer { values in
                guard let start = values.baseAddress else { return }
                Blocks.encode(type, floats: start, count: values.count, into: out)
            }
            filled = count
        }
    }

    /// Blocks of any codes, whose values spread half as far as `values`, so that the model still
    /// writes words.
    private static func noise(
        _ type: TensorType,
        _ scales: [(place: Int, multiple: Float)],
        like values: [Float]
    ) -> [UInt8] {
        let blocks = values.count / type.blockWidth
        var random = Lehmer(state: 1)
        var bytes = (0..<blocks * type.byteCount).map { _ in UInt8(random.below(256)) }
        func scale(by d: Float) {
            for block in 0..<blocks {
                for (place, multiple) in scales {
                    let bits = Float16(d * multiple).bitPattern
                    bytes[block * type.byteCount + place] = UInt8(bits & 0xFF)
                    bytes[block * type.byteCount + place + 1] = UInt8(bits >> 8)
                }
            }
        }
        scale(by: 1)
        let ones = [Float](unsafeUninitializedCapacity: values.count) { out, filled in
            guard let start = out.baseAddress else { return }
            bytes.withUnsafeBytes { Blocks.decode(type, $0, into: start) }
            filled = values.count
        }
        scale(by: spread(values) / spread(ones) / 2)
        return bytes
    }

    private static func spread(_ values: [Float]) -> Float {
        values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
}

// MARK: codes

extension EveryFormat {
    private typealias Written = (declaration: SafetensorsWriter.Declaration, bytes: [UInt8])

    private static func writeCodes(_ source: ModelSource, _ folder: String) throws {
        var config = source.config.object ?? [:]
        config["quantization_config"] = [
            "quant_method": "compressed-tensors", "format": "mixed-precision",
        ]
        try Data(JSON.object(config).bytes()).write(to: URL(filePath: folder + "/config.json"))
        if let tokenizer = source.tokenizerFolder {
            let name = "/tokenizer.json"
            try FileManager.default.copyItem(atPath: tokenizer + name, toPath: folder + name)
        }
        var tensors: [Written] = []
        var turn = 0
        for name in source.tensorNames {
            let tensor = try source.tensor(name)
            if name.hasSuffix("_proj.weight") {
                tensors += coded(tensor, codeFormats[turn % codeFormats.count])
                turn += 1
            } else {
                let declaration = SafetensorsWriter.Declaration(
                    name: name,
                    type: tensor.type,
                    shape: tensor.shape
                )
                tensors.append((declaration, [UInt8](tensor.bytes)))
            }
        }
        let writer = try SafetensorsWriter(
            path: folder + "/model.safetensors",
            tensors: tensors.map(\.declaration)
        )
        for tensor in tensors { try writer.append(tensor.bytes) }
        try writer.finish()
    }

    /// A matrix as compressed-tensors has it: codes, scales, and the shape where codes are packed.
    private static func coded(_ tensor: Tensor, _ format: WeightFormat) -> [Written] {
        let rows = tensor.shape[0], columns = tensor.shape[1], size = format.groupSize ?? columns
        let isFloat = format == .f8g128, isPacked = format.bitsPerWeight < 8
        let most: Float = isFloat ? 256 : isPacked ? 7 : 127
        let values = tensor.floats()
        let scales: [Float] = stride(from: 0, to: values.count, by: size).map { start in
            values[start..<start + size].reduce(Float.leastNormalMagnitude) {
                max($0, $1.magnitude / most)
            }
        }
        let codes: [UInt8] = values.indices.map { index in
            let value = values[index] / scales[index / size]
            return isFloat ? e4m3(value) : UInt8(bitPattern: Int8(value.rounded()))
        }
        func part(_ suffix: String, _ type: TensorType, _ shape: [Int], _ bytes: [UInt8]) -> Written
        {
            (.init(name: tensor.name + suffix, type: type, shape: shape), bytes)
        }
        let scaling = part("_scale", .f32, [rows, columns / size], scales.flatMap { bytes($0) })
        if isPacked {
            let sizes = tensor.shape.flatMap { bytes($0) }
            return [
                part("_packed", .i32, [rows, columns / 8], nibbles(codes)),
                part("_shape", .i64, [2], sizes), scaling,
            ]
        }
        return [part("", isFloat ? .f8E4M3 : .i8, tensor.shape, codes), scaling]
    }

    /// Two codes to a byte, the first below, 0 as 8.
    private static func nibbles(_ codes: [UInt8]) -> [UInt8] {
        stride(from: 0, to: codes.count, by: 2).map { index in
            let low = codes[index] &+ 8, high = codes[index + 1] &+ 8
            return low | high << 4
        }
    }

    /// Rounded towards 0; sizes up to 256. A float has the same three bits below its exponent.
    private static func e4m3(_ value: Float) -> UInt8 {
        let size = Int(value.magnitude.bitPattern >> 20) - (127 - 7) << 3
        return UInt8(max(0, size)) | (value < 0 ? 0x80 : 0)
    }

    private static func bytes(_ value: some BitwiseCopyable) -> [UInt8] {
        withUnsafeBytes(of: value) { [UInt8]($0) }
    }
}

/// A small generator, so that a seed means the same requests every time.
struct Lehmer {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
