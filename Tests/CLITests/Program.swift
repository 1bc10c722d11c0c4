import Core
import Foundation
import Testing

/// The program that was built together with these tests, run as a person would run it.
struct Program {
    struct Result {
        let status: Int32
        let output: String
        let errors: String

        var json: JSON { get throws { try JSON(parsing: output) } }
    }

    /// A folder of its own, removed with this object.
    final class Scratch {
        let path = NSTemporaryDirectory() + "tokenmill-cli-" + UUID().uuidString

        init() throws {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let scratch: Scratch
    private let file: String

    /// - Throws: when the program is not there; `swift test` builds it, so that is a failure.
    init() throws {
        scratch = try Scratch()
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        file = URL(fileURLWithPath: tests).deletingLastPathComponent().path + "/tokenmill"
        try #require(FileManager.default.isExecutableFile(atPath: file), "\(file) is not built")
    }

    func path(_ name: String) -> String { scratch.path + "/" + name }

    /// Runs it with a ledger of this object's own.
    func run(_ arguments: [String], input: String = "") throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: file)
        process.arguments = arguments
        process.environment = ["XDG_DATA_HOME": scratch.path, "HOME": scratch.path]
        for (name, contents) in [("in", input), ("out", ""), ("err", "")] {
            try contents.write(toFile: path(name), atomically: false, encoding: .utf8)
        }
        process.standardInput = try handle("in")
        process.standardOutput = try handle("out")
        process.standardError = try handle("err")
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: try String(contentsOfFile: path("out"), encoding: .utf8),
            errors: try String(contentsOfFile: path("err"), encoding: .utf8)
        )
    }

    private func handle(_ name: String) throws -> FileHandle {
        try #require(FileHandle(forUpdatingAtPath: path(name)))
    }

    // MARK: models

    /// A tiny model with random weights and no tokenizer: llama, 320 ids, context 1024.
    static let tinyModel =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().path + "/ExecutionTests/goldens/llama"

    /// A copy of it with one file replaced.
    func brokenModel(_ name: String, _ change: (Data) throws -> Data) throws -> String {
        let folder = path("broken")
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in ["config.json", "model.safetensors"] {
            let data = try Data(contentsOf: URL(fileURLWithPath: Self.tinyModel + "/" + file))
            let changed = try file == name ? change(data) : data
            try changed.write(to: URL(fileURLWithPath: folder + "/" + file))
        }
        return folder
    }
}
