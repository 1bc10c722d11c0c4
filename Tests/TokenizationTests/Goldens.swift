import Core
import Foundation
import Tokenization

/// What tools/goldens/tokenizer.py wrote.
enum Goldens {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "goldens").path
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// Where each tokenizer.json lies, by the folder of what is expected of it.
    static let names = ["gpt2", "llama3", "qwen2", "shipped"]

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(folder: name == "shipped" ? root + "/tokenizer" : folder + "/" + name)
    }

    static func json(_ path: String) throws -> JSON {
        try JSON(parsing: Data(contentsOf: URL(filePath: folder + "/" + path)))
    }

    static func strings() throws -> [String] {
        try json("strings.json").array?.compactMap(\.string) ?? []
    }

    static func ids(_ json: JSON?) -> [TokenID] {
        json?.array?.compactMap { $0.int.flatMap(TokenID.init(exactly:)) } ?? []
    }
}
