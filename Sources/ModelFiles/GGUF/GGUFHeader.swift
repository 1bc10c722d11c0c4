/// What a GGUF file says it holds, checked against the bytes that are there.
///
/// The format (github.com/ggml-org/ggml/blob/master/docs/gguf.md), all little-endian: `GGUF`,
/// version, number of tensors, number of metadata pairs; the pairs; name, dimensions (innermost
/// first), type and offset of each tensor; padding; the data, in which each tensor starts at a
/// multiple of `general.alignment`.
package struct GGUFHeader: Sendable {
    package struct Field: Sendable {
        package let key: String
        package let type: GGUFValueType
        /// Bytes of the value in the file, without its type.
        package let range: Range<Int>
    }

    package struct Entry: Sendable {
        package let name: String
        package let type: TensorType
        /// Outermost dimension first.
        package let shape: [Int]
        /// Bytes in the file, from its start.
        package let range: Range<Int>
    }

    /// 2 or 3; they differ in nothing that concerns little-endian files.
    package let version: Int
    /// In the order of the file.
    package let fields: [Field]
    /// In the order of their bytes.
    package let entries: [Entry]

    /// - Parameters:
    ///   - file: the whole file.
    ///   - path: where it came from, for messages.
    package init(parsing file: UnsafeRawBufferPointer, path: String) throws(ModelFileError) {
        var parser = GGUFParser(file, path: path)
        version = try parser.version()
        let tensorCount = try parser.tensorCount()
        let fieldCount = try parser.fieldCount()
        fields = try parser.fields(fieldCount)
        let alignment = try parser.alignment(fields)
        entries = try parser.entries(tensorCount, alignment: alignment)
    }
}
