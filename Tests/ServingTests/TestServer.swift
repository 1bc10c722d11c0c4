import Core
import Foundation
import Generation
import Metering
import Serving

/// A server in this process, on a free port, with the shipped model and a ledger of its own.
struct TestServer: Sendable {
    let port: Int
    let engine: Engine
    let ledger: Ledger
    var model: String { engine.model.name }

    /// The shipped model's folder; nil in a checkout without it.
    static let modelPath: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appending(path: "weights").path
        return FileManager.default.fileExists(atPath: path + "/model.safetensors") ? path : nil
    }()

    /// Runs `body` while a server runs.
    static func run(
        _ limits: ServerLimits = ServerLimits(),
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        guard let modelPath else { return print("skipped: weights/ holds no model") }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let ledger = try Ledger(path: folder.appending(path: "ledger.sqlite").path)
        let engine = try Engine(
            model: LanguageModel.load(path: modelPath, threads: 1),
            journal: ledger
        )
        try await serve(engine, ledger, limits, body)
    }

    private static func serve(
        _ engine: Engine,
        _ ledger: Ledger,
        _ limits: ServerLimits,
        _ body: @Sendable (TestServer) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration(
            port: 0,
            models: [ServedModel(engine: engine)],
            ledger: ledger
        )
        configuration.limits = limits
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try Server(configuration)
        let running = Task {
            defer { continuation.finish() }
            try await server.run { continuation.yield($0) }
        }
        for await port in ports {
            do {
                try await body(TestServer(port: port, engine: engine, ledger: ledger))
            } catch {
                running.cancel()
                throw error
            }
            running.cancel()
        }
        try? await running.value
    }

    /// Sends a request and reads the answer to its end.
    func send(
        _ method: String = "POST",
        _ path: String,
        _ body: JSON? = nil,
        headers: String = ""
    ) throws -> HTTPAnswer {
        try send(method, path, bytes: body?.bytes() ?? [], headers: headers)
    }

    func send(
        _ method: String,
        _ path: String,
        bytes: [UInt8],
        headers: String = ""
    ) throws -> HTTPAnswer {
        let connection = try Connection(port: port)
        let head =
            "\(method) \(path) HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\(headers)"
            + "content-length: \(bytes.count)\r\n\r\n"
        connection.write(Array(head.utf8) + bytes)
        return HTTPAnswer(connection.readAll())
    }

    /// The model's name, and `fields`.
    func body(_ fields: JSONObject) -> JSON {
        var fields = fields
        fields["model"] = .string(model)
        return .object(fields)
    }
}

/// What came back: status, head, and the body with the chunks of its transfer put together.
struct HTTPAnswer {
    let status: Int
    let head: String
    let body: String

    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else {
            (status, head, body) = (0, text, "")
            return
        }
        head = String(text[..<end.lowerBound])
        status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
        let rest = String(text[end.upperBound...])
        body = head.lowercased().contains("transfer-encoding: chunked") ? Self.joined(rest) : rest
    }

    var json: JSON? { try? JSON(parsing: body) }

    func header(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }

    /// The data of each server-sent event.
    var events: [String] {
        body.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: ") }
            .map { String($0.dropFirst(6)) }
    }

    private static func joined(_ chunks: String) -> String {
        var rest = Array(chunks.utf8)[...]
        var body: [UInt8] = []
        while let lineEnd = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = Int(String(decoding: rest[..<lineEnd.lowerBound], as: UTF8.self), radix: 16)
            let start = lineEnd.upperBound
            guard let size, size > 0, start + size <= rest.endIndex else { break }
            body += rest[start..<start + size]
            rest = rest[(start + size)...].dropFirst(2)
        }
        return String(decoding: body, as: UTF8.self)
    }
}

/// A blocking TCP connection to this machine.
final class Connection {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status != 0 { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// Some bytes, at most `limit`; empty at the end.
    func read(limit: Int = 65536) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    func readAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while case let part = read(), !part.isEmpty { bytes += part }
        return bytes
    }
}
