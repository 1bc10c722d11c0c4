internal import Glibc

/// A tensor to be written: what both formats' writers are told before its bytes.
package struct TensorDeclaration: Sendable {
    package var name: String
    package var type: TensorType
    /// Outermost dimension first.
    package var shape: [Int]

    package init(name: String, type: TensorType, shape: [Int]) {
        self.name = name
        self.type = type
        self.shape = shape
    }
}

/// A file that is written front to back and replaces what was at its path.
final class OutputFile {
    let path: String
    private var descriptor: Int32

    init(_ path: String) throws(ModelFileError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw systemError(path, "cannot be written") }
    }

    deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw systemError(path, "cannot be written") }
            rest = rest.dropFirst(count)
        }
    }

    func write(_ bytes: [UInt8]) throws(ModelFileError) {
        try bytes.withRawBytes { bytes throws(ModelFileError) in try write(bytes) }
    }

    func close() throws(ModelFileError) {
        let closed = Glibc.close(descriptor)
        descriptor = -1
        if closed != 0 { throw systemError(path, "cannot be closed") }
    }
}

extension Array where Element: BitwiseCopyable {
    /// `withUnsafeBytes` for a body that throws our error.
    func withRawBytes(
        _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        let result = withUnsafeBytes { bytes in
            Result { () throws(ModelFileError) in try body(bytes) }
        }
        try result.get()
    }
}
