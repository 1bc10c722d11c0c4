/// Four-bit floats with a shared exponent per 32 inputs (OCP Microscaling, MXFP4), as gpt-oss
/// stores its experts: `NAME_blocks` u8 (experts, N, K / 32, 16), in a byte an even input low and
/// the next one high; `NAME_scales` u8 (experts, N, K / 32), exponents with bias 127.
struct MXFP4: QuantizationScheme {
    let codeSuffixes = ["_blocks"]

    init(_ config: QuantizationConfig) throws(ModelFileError) {
        try config.check(
            known: ["quant_method", "modules_to_not_convert", "dequantize", "provider"]
        )
    }

    func matrix(
        _ name: String,
        stem: String,
        in source: HuggingFaceModel
    ) throws(ModelFileError) -> (any StoredMatrix)? {
        guard let blocks = try source.optionalTensor(stem + "_blocks") else { return nil }
        try blocks.check(type: .u8)
        guard blocks.shape.count >= 3, blocks.count > 0, blocks.shape.last == 16 else {
            throw blocks.error(
                .malformed,
                "has shape \(blocks.shape); this build reads blocks of 16 bytes in rows"
            )
        }
        let scales = try source.tensor(stem + "_scales")
        try scales.check(type: .u8)
        try scales.check(shape: blocks.shape.dropLast(), "one scale per block")
        return MXFP4Matrix(blocks: blocks, scales: scales)
    }
}

/// Rows of ggml's blocks: the exponent, then 16 bytes with value j low and value j + 16 high.
private struct MXFP4Matrix: StoredMatrix {
    let blocks: Tensor
    let scales: Tensor

    private var blocksPerRow: Int { scales.shape.last ?? 0 }
    var rows: Int { scales.count / blocksPerRow }
    var columns: Int { 32 * blocksPerRow }
    var encoding: MatrixEncoding { .blocks(.mxfp4) }

    func read(row index: Int, into row: EncodedRow) {
        let values = blocks.bytes, exponents = scales.bytes, count = blocksPerRow
        for place in 0..<count {
            let block = index * count + place, out = row.bytes + 17 * place
            out.storeBytes(of: exponents[block], as: UInt8.self)
            let first = values.loadUnaligned(fromByteOffset: 16 * block, as: SIMD8<UInt8>.self)
            let second = values.loadUnaligned(fromByteOffset: 16 * block + 8, as: SIMD8<UInt8>.self)
            // Byte i of the first half holds values 2i and 2i + 1, of the second half those 16 on.
            let even = first & 15 | second &<< 4, odd = first &>> 4 | second & 0xF0
            let pairs =
                SIMD8<UInt16>(truncatingIfNeeded: even)
                | SIMD8<UInt16>(truncatingIfNeeded: odd) &<< 8
            out.storeBytes(of: pairs, toByteOffset: 1, as: SIMD8<UInt16>.self)
        }
    }
}
