internal import COpenSSL
internal import Glibc

/// What a hub says a file's bytes hash to.
package enum ContentDigest: Sendable, Equatable {
    /// SHA-256 of the bytes: files in large file storage. 64 lower-case hexadecimal digits.
    case sha256(String)
    /// Git's name for the bytes, SHA-1 behind a short header: all other files. 40 digits.
    case gitBlob(String)

    /// Git objects are hashed in memory; hubs keep nothing large in git.
    static let largestGitBlob = 256 << 20

    init?(sha256 text: String) {
        let plain = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        guard plain.utf8.count == 64, Self.isHexadecimal(plain) else { return nil }
        self = .sha256(plain.lowercased())
    }

    init?(gitBlob text: String, size: Int) {
        guard text.utf8.count == 40, Self.isHexadecimal(text), size <= Self.largestGitBlob else {
            return nil
        }
        self = .gitBlob(text.lowercased())
    }

    /// What `text` wrote.
    init?(text: String) {
        if text.hasPrefix("git:") {
            self.init(gitBlob: String(text.dropFirst(4)), size: 0)
        } else {
            self.init(sha256: text)
        }
    }

    /// `sha256:…` or `git:…`.
    package var text: String {
        switch self {
        case .sha256(let digits): "sha256:" + digits
        case .gitBlob(let digits): "git:" + digits
        }
    }

    static func isHexadecimal(_ text: String) -> Bool {
        text.utf8.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }

    /// Whether the file at `path` holds these bytes. Reads all of it; not for the cooperative pool.
    func matches(fileAt path: String) throws(HubError) -> Bool {
        switch self {
        case .sha256(let digits): try Self.sha256(ofFile: path) == digits
        case .gitBlob(let digits):
            try Self.gitBlob(Disk.bytes(path, limit: Self.largestGitBlob)) == digits
        }
    }

    /// The file is mapped and not read into memory: it may be larger than memory.
    private static func sha256(ofFile path: String) throws(HubError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Disk.failure("cannot read", path) }
        defer { _ = close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw Disk.failure("cannot read", path) }
        let count = Int(info.st_size)
        guard count > 0 else { return hash([]) }
        guard let bytes = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0), bytes != MAP_FAILED
        else { throw Disk.failure("cannot map", path) }
        defer { munmap(bytes, count) }
        madvise(bytes, count, MADV_SEQUENTIAL)
        return hash(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> String {
        hexadecimal(
            [UInt8](unsafeUninitializedCapacity: 32) { output, count in
                SHA256(
                    bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    bytes.count,
                    output.baseAddress
                )
                count = 32
            }
        )
    }

    private static func hash(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes(hash) }

    private static func gitBlob(_ bytes: [UInt8]) -> String {
        let object = Array("blob \(bytes.count)".utf8) + [0] + bytes
        return hexadecimal(
            [UInt8](unsafeUninitializedCapacity: 20) { output, count in
                SHA1(object, object.count, output.baseAddress)
                count = 20
            }
        )
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
