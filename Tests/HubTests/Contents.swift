import Core
import Foundation

/// What the tests' hub serves, with the digests that tools/goldens/hub.py computed.
struct Content: Sendable {
    let bytes: [UInt8]
    let sha256: String
    let git: String

    static let config = all[0]
    static let tokenizer = all[1]
    /// Two versions of the same size: a million bytes, several chunks.
    static let weights = all[2]
    static let newWeights = all[4]
    static let smallWeights = all[3]
    static let firstPart = all[5]
    static let secondPart = all[6]
    static let empty = all[7]
    static let other = all[8]

    private static let all: [Content] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "goldens/contents.json")
        guard let data = try? Data(contentsOf: file), let json = try? JSON(parsing: data) else {
            return []
        }
        return (json.array ?? []).map { row in
            Content(
                bytes: bytes(row["seed"]?.int ?? 0, row["size"]?.int ?? 0),
                sha256: row["sha256"]?.string ?? "",
                git: row["git"]?.string ?? ""
            )
        }
    }()

    private static func bytes(_ seed: Int, _ size: Int) -> [UInt8] {
        var x = UInt32(truncatingIfNeeded: seed)
        return (0..<size).map { _ in
            x = x &* 1_103_515_245 &+ 12345
            return UInt8(truncatingIfNeeded: x >> 16)
        }
    }
}

/// A folder of its own, removed with this object.
final class Scratch: Sendable {
    let path = NSTemporaryDirectory() + "tokenmill-hub-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
