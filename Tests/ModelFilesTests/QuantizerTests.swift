import Foundation
import ModelFiles
import Testing

/// Where the gguf package can quantise, its bytes are expected (tools/goldens/gguf_blocks.py).
@Suite struct QuantizerGoldenTests {
    static let types: [TensorType] = [.q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .mxfp4, .bf16, .f16]

    @Test(arguments: types)
    func encodesExactly(_ type: TensorType) throws {
        try compare(type, with: golden("quantised.safetensors"))
    }

    /// The same with a file of any size: `gguf_blocks.py --rows 10000 --out FILE`.
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["TOKENMILL_QUANTISED"] != nil),
        arguments: types
    )
    func encodesManyExactly(_ type: TensorType) throws {
        let path = try #require(ProcessInfo.processInfo.environment["TOKENMILL_QUANTISED"])
        try compare(type, with: path)
    }

    private func compare(_ type: TensorType, with path: String) throws {
        let file = try SafetensorsFile(path)
        let rows = try file.tensor("rows").floats()
        let expected = [UInt8](try file.tensor("\(type)").bytes)
        let found = encoded(type, rows)
        #expect(found.count == expected.count)
        let differing = found.indices.filter { found[$0] != expected[$0] }
        let blocks = Set(differing.map { $0 / type.byteCount }).sorted()
        #expect(differing.isEmpty, "\(blocks.count) blocks differ, first \(blocks.prefix(5))")
        withExtendedLifetime(file) {}
    }
}

/// How near the searching encoders come.
@Suite struct QuantizerSearchTests {
    /// Rows as weights are: normal, and with tails.
    static let rows: [[Float]] = {
        var random = SplitMix(state: 5)
        func normal() -> Float {
            let radius = (-2 * log(random.unit())).squareRoot()
            return radius * cos(2 * .pi * random.unit())
        }
        return (0..<32).map { row in
            (0..<1024).map { _ in
                let value = normal()
                return 0.02 * (row % 2 == 0 ? value : value * abs(value))
            }
        }
    }()

    /// Root of the mean squared error, each value's counted by `weights`.
    static func error(_ values: [Float], _ found: [Float], _ weights: [Float]? = nil) -> Double {
        var sum = 0.0, total = 0.0
        for i in values.indices {
            let weight = Double(weights?[i] ?? 1)
            sum += weight * Double(values[i] - found[i]) * Double(values[i] - found[i])
            total += weight
        }
        return (sum / total).squareRoot()
    }

    /// The mean ratio of an encoder's error to that of a simple rule.
    static func ratio(_ type: TensorType, _ simple: ([Float]) -> [Float]) -> Double {
        let ratios = rows.map { row in
            error(row, decoded(type, encoded(type, row))) / error(row, simple(row))
        }
        return ratios.reduce(0, +) / Double(ratios.count)
    }

    @Test(arguments: [(TensorType.q4_k, Float(15), 0.90), (.q5_k, 31, 0.92)])
    func affineBeatsMinMax(_ type: TensorType, _ most: Float, _ bound: Double) {
        let ratio = Self.ratio(type) { SimpleRules.affine($0, most) }
        #expect(ratio < bound)
    }

    @Test func q6KBeatsTheExtremes() {
        let ratio = Self.ratio(.q6_k, SimpleRules.q6K)
        #expect(ratio < 0.94)
    }

    @Test func iq4NLBeatsTheExtremes() {
        let ratio = Self.ratio(.iq4_nl) { SimpleRules.table($0) }
        #expect(ratio < 0.94)
    }

    /// With importance the old formats are searched too, and must beat ggml's plain rule.
    @Test(arguments: [(TensorType.q4_0, 0.93), (.q4_1, 0.84), (.q5_0, 0.93), (.q5_1, 0.85)])
    func importanceBeatsPlain(_ type: TensorType, _ bound: Double) {
        var random = SplitMix(state: 6)
        var ratios: [Double] = []
        for row in Self.rows {
            let importance = row.map { _ in random.unit() * random.unit() * 4 }
            let found = decoded(type, encoded(type, row, importance: importance))
            let plain = decoded(type, encoded(type, row))
            ratios.append(Self.error(row, found, importance) / Self.error(row, plain, importance))
        }
        let ratio = ratios.reduce(0, +) / Double(ratios.count)
        #expect(ratio < bound)
    }

    /// Against every scale of a fine grid, by the measure that the encoder itself minimises.
    @Test(arguments: [TensorType.q4_0, .q5_0, .iq4_nl])
    func nearlyAsGoodAsBruteForce(_ type: TensorType) {
        let codes: [Float] =
            switch type {
            case .q4_0: (-8...7).map { Float($0) }
            case .q5_0: (-16...15).map { Float($0) }
            default: SimpleRules.table
            }
        var found = 0.0, best = 0.0
        for row in Self.rows.prefix(4) {
            for start in stride(from: 0, to: 256, by: 32) {
                let block = [Float](row[start..<start + 32])
                let importance = [Float](repeating: 1, count: 32)
                let result = decoded(type, encoded(type, block, importance: importance))
                let mean = block.reduce(0) { $0 + $1 * $1 } / 32
                let weights = block.map { ($0 * $0 + 2 * mean).squareRoot() }
                found += Self.error(block, result, weights)
                let extreme = block.max { abs($0) < abs($1) } ?? 0
                let errors = (0..<800).flatMap { step in
                    [codes[0], codes[codes.count - 1]].map { end in
                        let scale = extreme / end * (0.6 + Float(step) / 1000)
                        return Self.error(block, SimpleRules.nearest(block, codes, scale), weights)
                    }
                }
                best += errors.min() ?? 0
            }
        }
        #expect(found / best < 1.01)
    }

    @Test func importanceDecidesWhoErrs() {
        for type in Blocks.encodable where type.blockWidth > 1 && type != .q8_0 && type != .mxfp4 {
            for row in Self.rows.prefix(4) {
                let half = row.indices.map { Float($0 % 2) }
                let found = decoded(type, encoded(type, row, importance: half))
                let plain = decoded(type, encoded(type, row))
                #expect(Self.error(row, found, half) < Self.error(row, plain, half), "\(type)")
            }
        }
    }

    /// Values that are awkward: each type must give back zeros as zeros, come near constants, and
    /// survive the rest.
    @Test func survivesAwkwardRows() {
        for type in Blocks.encodable where type.blockWidth > 1 {
            let zeros = decoded(type, encoded(type, [Float](repeating: 0, count: 256)))
            #expect(zeros.allSatisfy { $0 == 0 }, "\(type)")
            for value: Float in [1, -1, 1e-3, -60] {
                let constant = [Float](repeating: value, count: 256)
                let error = Self.error(constant, decoded(type, encoded(type, constant)))
                // MXFP4 keeps sizes up to 8 in the power of two whose largest code is 6.
                #expect(error <= Double(abs(value)) * (type == .mxfp4 ? 0.25 : 0.04), "\(type)")
            }
            let tame: [Float] = (0..<256).map { $0 % 7 == 0 ? 100 : -0.001 }
            #expect(decoded(type, encoded(type, tame)).allSatisfy { $0.isFinite }, "\(type)")
            for value: Float in [
                .nan, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
            ] {
                var row = tame
                for place in [0, 3, 40] { row[place] = value }
                for importance in [nil, row, tame.map(abs)] {
                    let found = decoded(type, encoded(type, row, importance: importance))
                    #expect(found.count == 256)
                }
            }
        }
    }
}

/// Blocks whose codes are chosen one by one.
@Suite struct BlockLatticeTests {
    /// The nearest codes, and what they stand for, in every block of `values`.
    private func nearest(_ type: TensorType, _ values: [Float], _ weights: [Float]? = nil)
        -> (values: [Float], bytes: [UInt8])
    {
        let weights = weights ?? values.map { _ in 1 }
        var found: [Float] = []
        // At an odd address, because rows may be written to any.
        var bytes: [UInt8] = [0]
        for start in stride(from: 0, to: values.count, by: type.blockWidth) {
            let block = Array(values[start..<start + type.blockWidth])
            let lattice = BlockLattice(type, block, weights: Array(weights[start...]))
            let chosen = block.enumerated().map { lattice.nearest($0.element, at: $0.offset) }
            found += chosen.map(\.value)
            let end = bytes.count
            bytes += [UInt8](repeating: 0xEE, count: type.byteCount)
            bytes.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress {
                    lattice.store(chosen.map(\.code), into: base + end)
                }
            }
        }
        return (found, bytes)
    }

    /// What a code is said to stand for is what readers make of the block, bit for bit, and as near
    /// as the encoder itself comes with the same weights.
    @Test(arguments: BlockLattice.types)
    func blocksMeanWhatTheLatticeSays(_ type: TensorType) {
        for row in QuantizerSearchTests.rows.prefix(6) {
            let (values, bytes) = nearest(type, row)
            #expect(decoded(type, bytes, from: 1) == values)
            let plain = decoded(type, encoded(type, row))
            let error = QuantizerSearchTests.error(row, values)
            #expect(error < 1.01 * QuantizerSearchTests.error(row, plain))
        }
    }

    @Test(arguments: BlockLattice.types)
    func weightsDecideWhoErrs(_ type: TensorType) {
        for row in QuantizerSearchTests.rows.prefix(4) {
            let half = row.indices.map { $0 % 2 == 0 ? 0.01 : Float(1) }
            let weighted = QuantizerSearchTests.error(row, nearest(type, row, half).values, half)
            let plain = QuantizerSearchTests.error(row, nearest(type, row).values, half)
            #expect(weighted < plain)
        }
    }

    @Test(arguments: BlockLattice.types)
    func survivesAwkwardBlocks(_ type: TensorType) {
        #expect(nearest(type, [Float](repeating: 0, count: 256)).values.allSatisfy { $0 == 0 })
        for value: Float in [.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
            var row = (0..<256).map { Float($0 % 7) - 3 }
            for place in [0, 3, 40] { row[place] = value }
            for weights in [nil, row] { #expect(nearest(type, row, weights).values.count == 256) }
        }
    }
}

/// What a first version would do.
enum SimpleRules {
    static let table: [Float] = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]

    static func nearest(_ values: [Float], _ codes: [Float], _ scale: Float) -> [Float] {
        values.map { value in
            (codes.min { abs($0 * scale - value) < abs($1 * scale - value) } ?? 0) * scale
        }
    }

    /// q4_k and q5_k: least to 0, largest to the highest code, scales rounded to six bits.
    static func affine(_ row: [Float], _ most: Float) -> [Float] {
        stride(from: 0, to: row.count, by: 256).flatMap { start -> [Float] in
            let subs = stride(from: start, to: start + 256, by: 32).map { Array(row[$0..<$0 + 32]) }
            let offsets = subs.map { max(0, -($0.min() ?? 0)) }
            let scales = zip(subs, offsets).map { (($0.max() ?? 0) + $1) / most }
            let d = Float(Float16((scales.max() ?? 0) / 63))
            let dmin = Float(Float16((offsets.max() ?? 0) / 63))
            return zip(subs, zip(scales, offsets)).flatMap { sub, fit in
                let scale = d * (fit.0 / d).rounded(), offset = dmin * (fit.1 / dmin).rounded()
                return sub.map { value in
                    let code = min(max(((value + offset) / scale).rounded(), 0), most)
                    return code * scale - offset
                }
            }
        }
    }

    /// The extreme of 16 values to -32, scales rounded to eight bits.
    static func q6K(_ row: [Float]) -> [Float] {
        stride(from: 0, to: row.count, by: 256).flatMap { start -> [Float] in
            let subs = stride(from: start, to: start + 256, by: 16).map { Array(row[$0..<$0 + 16]) }
            let scales = subs.map { ($0.max { abs($0) < abs($1) } ?? 0) / -32 }
            let d = Float(Float16((scales.max { abs($0) < abs($1) } ?? 0) / -128))
            return zip(subs, scales).flatMap { sub, wanted in
                let scale = d * min(max((wanted / d).rounded(), -128), 127)
                return sub.map { min(max(($0 / scale).rounded(), -32), 31) * scale }
            }
        }
    }

    /// The extreme of 32 values to -127.
    static func table(_ row: [Float]) -> [Float] {
        stride(from: 0, to: row.count, by: 32).flatMap { start -> [Float] in
            let block = [Float](row[start..<start + 32])
            let extreme = block.max { abs($0) < abs($1) } ?? 0
            return nearest(block, table, Float(Float16(extreme / -127)))
        }
    }
}

/// The bytes of `values` in `type`.
func encoded(_ type: TensorType, _ values: [Float], importance: [Float]? = nil) -> [UInt8] {
    // At an odd address, because rows may be written to any.
    let size = values.count / type.blockWidth * type.byteCount
    var bytes = [UInt8](repeating: 0xEE, count: size + 2)
    bytes.withUnsafeMutableBytes { bytes in
        values.withUnsafeBufferPointer { values in
            guard let start = values.baseAddress, let out = bytes.baseAddress else { return }
            func encode(_ importance: UnsafePointer<Float>?) {
                Blocks.encode(
                    type,
                    floats: start,
                    count: values.count,
                    into: out + 1,
                    importance: importance
                )
            }
            if let importance {
                importance.withUnsafeBufferPointer { encode($0.baseAddress) }
            } else {
                encode(nil)
            }
        }
    }
    #expect(bytes.first == 0xEE && bytes.last == 0xEE, "\(type) writes outside its room")
    return [UInt8](bytes[1..<size + 1])
}

extension SplitMix {
    /// From above 0 to 1.
    mutating func unit() -> Float { Float((next() >> 40) + 1) / 0x1p24 }
}
