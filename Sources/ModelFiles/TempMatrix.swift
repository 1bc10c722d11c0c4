extension ModelSource {
    package func matrix(_ name: String, transposed: Bool = false) throws(ModelFileError) -> any StoredMatrix {
        let t = try tensor(name)
        return transposed ? TempTransposed(tensor: t) : TensorMatrix(t)
    }
    package func hasMatrix(_ name: String) -> Bool { has(name) }
}
struct TempTransposed: StoredMatrix {
    let tensor: Tensor
    var rows: Int { tensor.shape.dropLast(2).reduce(1, *) * (tensor.shape.last ?? 1) }
    var columns: Int { tensor.shape.count > 1 ? tensor.shape[tensor.shape.count - 2] : 1 }
    var encoding: MatrixEncoding { .blocks(tensor.type) }
    func read(row index: Int, into row: EncodedRow) {
        let outs = tensor.shape.last ?? 1, size = tensor.type.byteCount
        let (e, r) = index.quotientAndRemainder(dividingBy: outs)
        for c in 0..<columns {
            let at = ((e * columns + c) * outs + r) * size
            for b in 0..<size { row.bytes.storeBytes(of: tensor.bytes[at + b], toByteOffset: c * size + b, as: UInt8.self) }
        }
    }
}
