import Core
import Foundation
import ModelFiles
import Testing

/// Checkpoints of `tools/goldens/quantized.py` against the weights that the packages which define
/// the formats make of them.
@Suite struct QuantizedTests {
    /// Folder, the encoding of its first matrix, and whether columns are reordered.
    static let variants: [(String, MatrixEncoding, Bool)] = [
        ("gptq4-asymmetric", .integers(bits: 4, groupSize: 32), false),
        ("gptq4-symmetric-no-index", .integers(bits: 4, groupSize: 64), false),
        ("gptq4-per-column", .integers(bits: 4, groupSize: 64), false),
        ("gptq4-act-order", .integers(bits: 4, groupSize: 32), true),
        ("gptq4-act-order-ragged", .integers(bits: 4, groupSize: 40), true),
        ("gptq4-v2", .integers(bits: 4, groupSize: 32), false),
        ("gptq4-zero-zero", .integers(bits: 4, groupSize: 32), false),
        ("gptq8-symmetric", .integers(bits: 8, groupSize: 32), false),
        ("gptq8-act-order-v2", .integers(bits: 8, groupSize: 32), true),
        ("awq-group", .integers(bits: 4, groupSize: 32), false),
        ("awq-per-column", .integers(bits: 4, groupSize: 40), false),
        ("ct-pack4-group", .integers(bits: 4, groupSize: 32), false),
        ("ct-pack4-group-asymmetric", .integers(bits: 4, groupSize: 32), false),
        ("ct-pack4-channel", .integers(bits: 4, groupSize: 43), false),
        ("ct-pack4-channel-asymmetric", .integers(bits: 4, groupSize: 40), false),
        ("ct-pack4-tensor-asymmetric", .integers(bits: 4, groupSize: 40), false),
        ("ct-pack4-index", .integers(bits: 4, groupSize: 32), true),
        ("ct-pack4-index-asymmetric", .integers(bits: 4, groupSize: 32), true),
        ("ct-pack8-group", .integers(bits: 8, groupSize: 32), false),
        ("ct-pack8-channel", .integers(bits: 8, groupSize: 43), false),
        ("ct-int8-channel", .integers(bits: 8, groupSize: 50), false),
        ("ct-int8-tensor", .integers(bits: 8, groupSize: 50), false),
        ("ct-naive4-group", .integers(bits: 8, groupSize: 32), false),
        ("ct-float8-channel", .float8(groupSize: 50), false),
        ("ct-float8-tensor", .float8(groupSize: 50), false),
        ("ct-float8-block", .float8(groupSize: 32), false),
        ("ct-naive-float8-channel", .float8(groupSize: 50), false),
        ("fp8-block", .float8(groupSize: 128), false),
        ("fp8-small-blocks", .float8(groupSize: 32), false),
        ("fp8-tensor", .float8(groupSize: 40), false),
        ("fp8-tensor-inverse", .float8(groupSize: 40), false),
        ("fp8-channel", .float8(groupSize: 40), false),
        ("fp8-exponents", .float8(groupSize: 32), false),
        ("mxfp4", .blocks(.mxfp4), false),
        ("floats", .blocks(.bf16), false),
    ]
    static let firstMatrices = [
        "mxfp4": "model.layers.0.mlp.experts.gate_up_proj", "floats": "experts",
    ]

    @Test(arguments: variants.indices)
    func decodesAsItsPackage(_ index: Int) throws {
        let (variant, encoding, isReordered) = Self.variants[index]
        let source = try ModelSource.open(folder(of: variant))
        let expected = try SafetensorsFile(folder(of: variant) + "/expected.safetensors")
        #expect(expected.tensorNames.count >= 2)
        for name in expected.tensorNames {
            let values = try expected.tensor(name)
            #expect(source.hasMatrix(name))
            let matrix = try source.matrix(name, transposed: name.hasPrefix("transposed."))
            #expect(matrix.rows == values.shape[0] && matrix.columns == values.shape[1])
            let found = bits(decoded(matrix)), wanted = bits(values.floats())
            let wrong = zip(found, wanted).enumerated().first { $1.0 != $1.1 }
            #expect(found.count == wanted.count)
            #expect(wrong == nil, "\(variant): \(name): value \(wrong?.offset ?? 0)")
        }
        let name = Self.firstMatrices[variant] ?? "model.layers.0.self_attn.q_proj.weight"
        let matrix = try source.matrix(name)
        #expect(matrix.encoding == encoding)
        #expect((matrix.columnOrder != nil) == isReordered)
        if let order = matrix.columnOrder {
            #expect(order.sorted() == (0..<Int32(matrix.columns)).map(\.self))
        }
    }

    @Test func transposedIsAboutFloatsOnly() throws {
        let source = try ModelSource.open(folder(of: "gptq4-asymmetric"))
        let name = "model.layers.0.self_attn.q_proj.weight"
        let straight = try source.matrix(name),
            transposed = try source.matrix(name, transposed: true)
        #expect(decoded(straight) == decoded(transposed))
        #expect(!source.hasMatrix("model.layers.0.self_attn.q_proj.bias.weight"))
        #expect(!source.hasMatrix("model.layers.9.self_attn.q_proj.weight"))
    }

    @Test func slicesStridesAndPermutes() throws {
        let source = try ModelSource.open(folder(of: "gptq4-act-order"))
        let matrix = try source.matrix("model.layers.0.self_attn.q_proj.weight")
        let rows = decodedRows(matrix)
        let odd = SlicedMatrix(matrix, rows: 5..<12, every: 2)
        #expect(decodedRows(odd) == [5, 7, 9, 11].map { rows[$0] })
        #expect(decodedRows(SlicedMatrix(odd, rows: 1..<3)) == [7, 9].map { rows[$0] })
        #expect(SlicedMatrix(matrix, rows: 3..<3).rows == 0)
        let order = [31, 0, 4, 4]
        #expect(decodedRows(PermutedRows(matrix, order: order)) == order.map { rows[$0] })
        #expect(PermutedRows(odd, order: [0]).columnOrder == matrix.columnOrder)
    }

    @Test func readsFromManyThreads() async throws {
        for variant in ["gptq4-act-order", "ct-pack4-group-asymmetric", "fp8-block"] {
            let source = try ModelSource.open(folder(of: variant))
            let matrix = try source.matrix("model.layers.0.self_attn.q_proj.weight")
            let rows = decodedRows(matrix)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { decodedRows(matrix) == rows } }
                for await isSame in group { #expect(isSame) }
            }
        }
    }

    /// Whatever shapes the tensors claim, a matrix is refused or can be read to its last row.
    @Test func survivesReshaping() throws {
        var random = SplitMix(state: 2)
        let scratch = try Scratch()
        for (variant, _, _) in Self.variants {
            let config = try Data(contentsOf: file(folder(of: variant) + "/config.json"))
            let model = try Data(contentsOf: file(folder(of: variant) + "/model.safetensors"))
            for round in 0..<10 {
                let folder = "\(variant)-\(round)"
                try scratch.write(folder + "/config.json", config)
                let bytes = try reshaped(model, &random)
                try scratch.write(folder + "/model.safetensors", bytes)
                let source = try ModelSource.open(scratch.path + "/" + folder)
                for name in source.tensorNames {
                    for suffix in [".qweight", "_packed", "_blocks"] where name.hasSuffix(suffix) {
                        let stem = String(name.dropLast(suffix.count))
                        readAll(source, stem)
                        readAll(source, stem + ".weight")
                    }
                    readAll(source, name)
                }
            }
        }
    }

    private func readAll(_ source: ModelSource, _ name: String) {
        guard let matrix = try? source.matrix(name) else { return }
        #expect(decoded(matrix).count == matrix.rows * matrix.columns)
    }
}

// MARK: helpers

func folder(of variant: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/goldens/quantized/"
        + variant
}

private func file(_ path: String) -> URL { URL(fileURLWithPath: path) }

private func bits(_ values: [Float]) -> [UInt32] {
    values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
}

private func decoded(_ matrix: any StoredMatrix) -> [Float] { decodedRows(matrix).flatMap(\.self) }

private func decodedRows(_ matrix: any StoredMatrix) -> [[Float]] {
    if case .blocks(.mxfp4) = matrix.encoding {
        return (0..<matrix.rows).map { mxfp4Row(matrix, $0) }
    }
    let decoder = RowDecoder(matrix)
    return (0..<matrix.rows).map { row in
        [Float](unsafeUninitializedCapacity: matrix.columns) { buffer, count in
            if let start = buffer.baseAddress { decoder.decode(row: row, into: start) }
            count = matrix.columns
        }
    }
}

/// ggml's MXFP4 blocks, decoded here so that this test is about the order of the bits alone.
private func mxfp4Row(_ matrix: any StoredMatrix, _ index: Int) -> [Float] {
    var bytes = [UInt8](repeating: 0, count: matrix.columns / 32 * 17)
    var scale: Float = 0
    var zero: UInt8 = 0
    bytes.withUnsafeMutableBytes { buffer in
        guard let start = buffer.baseAddress else { return }
        matrix.read(row: index, into: EncodedRow(bytes: start, scales: &scale, zeros: &zero))
    }
    let magnitudes: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
    return (0..<matrix.columns).map { column in
        let block = bytes[column / 32 * 17..<(column / 32 + 1) * 17]
        let start = block.startIndex, place = column % 32
        let byte = block[start + 1 + place % 16]
        let code = place < 16 ? byte & 15 : byte >> 4
        let exponent = Int(block[start]) - 127
        let value = Float(sign: .plus, exponent: exponent, significand: magnitudes[Int(code & 7)])
        return code & 8 == 0 ? value : -value
    }
}

/// A safetensors file with other shapes of the same size, and now and then other bytes.
private func reshaped(_ model: Data, _ random: inout SplitMix) throws -> [UInt8] {
    let bytes = [UInt8](model)
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSON(parsing: [UInt8](bytes[8..<8 + length]))
    var object = try #require(header.object)
    for index in object.members.indices where random.next() % 3 == 0 {
        guard var tensor = object.members[index].value.object else { continue }
        var rest = (tensor["shape"]?.array ?? []).compactMap(\.int).reduce(1, *)
        var shape: [JSON] = []
        for _ in 0..<random.next() % 3 {
            let divisors = (1...64).filter { rest % $0 == 0 }
            let divisor = divisors[Int(random.next() % UInt64(divisors.count))]
            shape.append(.int(divisor))
            rest /= divisor
        }
        shape.append(.int(rest))
        if random.next() % 2 == 0 { shape.reverse() }
        if tensor["shape"] != nil { tensor["shape"] = .array(shape) }
        object.members[index].value = .object(tensor)
    }
    var data = bytes[(8 + length)...]
    if random.next() % 2 == 0 {
        for _ in 0..<20 {
            let place = data.startIndex + Int(random.next() % UInt64(data.count))
            data[place] = UInt8(truncatingIfNeeded: random.next())
        }
    }
    let text = [UInt8](JSON.object(object).text().utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
}
