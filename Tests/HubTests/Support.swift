import Core
import Foundation
import Hub
import Synchronization
import Testing

/// A hub, a cache, and what a pull has said.
struct Workplace: Sendable {
    let hub: FakeHub
    let scratch: Scratch
    let notes = Notes()

    init(_ files: [FakeHub.File] = Self.model) async throws {
        hub = try await FakeHub(files)
        scratch = try Scratch()
    }

    /// A small model, and things that are not to be pulled.
    static let model = [
        FakeHub.File(path: ".gitattributes", content: .other, isLarge: false),
        FakeHub.File(path: "README.md", content: .other, isLarge: false),
        FakeHub.File(path: "config.json", content: .config, isLarge: false),
        FakeHub.File(path: "model.safetensors", content: .weights),
        FakeHub.File(path: "modeling_tiny.py", content: .other, isLarge: false),
        FakeHub.File(path: "onnx/model.safetensors", content: .other),
        FakeHub.File(path: "pytorch_model.bin", content: .other),
        FakeHub.File(path: "tokenizer.json", content: .tokenizer, isLarge: false),
    ]

    static let weights = "model.safetensors"
    static let modelBytes = 700 + 1_000_000 + 5000

    /// One file of weights and one connection, so that requests come in a known order.
    static let weightsOnly = [FakeHub.File(path: weights, content: .weights)]

    var cache: Cache { Cache(folder: scratch.path) }
    var folder: String { scratch.path + "/models/acme/tiny" }

    /// No waits, chunks of a quarter of the weights, and nothing kept free on the disk.
    func options() throws -> HubOptions {
        var options = try HubOptions(endpoint: hub.endpoint)
        options.chunkBytes = 250_000
        options.saveEveryBytes = 1
        options.reservedBytes = 0
        options.firstDelay = .milliseconds(1)
        options.longestDelay = .milliseconds(5)
        options.longestRetryAfter = .milliseconds(20)
        options.lockPollInterval = .milliseconds(5)
        return options
    }

    /// The same with one chunk and one connection.
    func plainOptions() throws -> HubOptions {
        var options = try options()
        options.chunkBytes = 10_000_000
        options.parallelFiles = 1
        return options
    }

    @discardableResult
    func pull(
        _ name: String = "acme/tiny",
        _ options: HubOptions? = nil,
        cache: Cache? = nil
    ) async throws -> Pulled {
        let puller = try Puller(cache ?? self.cache, options ?? self.options())
        return try await puller.pull(ModelReference(name), notes.meter)
    }

    /// The error that a pull ends with.
    func failure(
        _ name: String = "acme/tiny",
        _ options: HubOptions? = nil
    ) async throws -> HubError {
        do throws(any Error) {
            try await pull(name, options)
        } catch let error as HubError {
            return error
        }
        throw HubError(.badResponse, "the pull did not fail")
    }

    func bytes(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: folder + "/" + name).map { [UInt8]($0) }
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + name)
    }

    /// Bytes of the weights that the unfinished download has written down.
    func savedBytes() -> Int {
        let path = folder + "/.incoming/\(Self.weights).state"
        guard let data = FileManager.default.contents(atPath: path),
            let state = try? JSON(parsing: data)
        else { return 0 }
        return (state["filled"]?.array ?? []).reduce(0) { $0 + ($1.int ?? 0) }
    }
}

/// What a pull tells whoever watches.
final class Notes: Sendable {
    private let lines = Lines()
    let meter: PullMeter

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    init() {
        meter = PullMeter { [lines] line in lines.all.withLock { $0.append(line) } }
    }

    var text: String { lines.all.withLock { $0.joined(separator: "\n") } }
}

/// Waits for something that another task brings about; at most ten seconds.
func eventually(_ condition: () -> Bool) async throws {
    for _ in 0..<10_000 where !condition() { try await Task.sleep(for: .milliseconds(1)) }
    try #require(condition())
}

extension FakeHub.Request {
    /// Where the bytes that were asked for begin.
    var start: Int { range.flatMap { Int($0.dropFirst(6).prefix { $0 != "-" }) } ?? 0 }
}
