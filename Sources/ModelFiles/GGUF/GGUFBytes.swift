/// A run of bytes with what keeps them: a mapped file, or an array.
struct GGUFBytes: Sendable {
    private enum Owner: Sendable {
        case file(MappedFile)
        case array([UInt8])
    }

    private let owner: Owner
    private let range: Range<Int>

    /// - Precondition: `range` lies in the file.
    init(_ file: MappedFile, _ range: Range<Int>) {
        owner = .file(file)
        self.range = range
    }

    init(_ array: [UInt8]) {
        owner = .array(array)
        range = 0..<array.count
    }

    private init(_ owner: Owner, _ range: Range<Int>) {
        self.owner = owner
        self.range = range
    }

    var count: Int { range.count }

    /// - Precondition: `part`, counted from this run's start, lies in it.
    func part(_ part: Range<Int>) -> GGUFBytes {
        precondition(part.lowerBound >= 0 && part.upperBound <= count)
        return GGUFBytes(
            owner,
            range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
        )
    }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch owner {
        case .file(let file):
            try withExtendedLifetime(file) {
                try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
            }
        case .array(let array):
            try array.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
    }
}
