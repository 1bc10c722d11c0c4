import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A hub on this machine: its API and redirects on one port, the bytes of files on another, as if
/// that were somebody else's. Does what a test tells it to do wrong.
final class FakeHub: Sendable {
    struct File: Sendable {
        var path: String
        var content: Content
        /// In large file storage: SHA-256 and a redirect to the other port.
        var isLarge = true
        /// The bytes that are sent; the content's own unless a test says otherwise.
        var sent: [UInt8]?
        /// What the list says of the size, when that is not true.
        var listedSize: Int?
    }

    /// What happens to the next request for something, once.
    enum Fault: Sendable {
        case status(Int, [(String, String)] = [])
        /// The body ends, with the connection, after so many bytes.
        case cut(after: Int)
        /// The body stops after so many bytes, and the connection stays.
        case stall(after: Int)
        /// The body comes in pieces of so many bytes, with pauses.
        case trickle(piece: Int, pause: TimeAmount)
        /// These bytes instead, as many as asked for.
        case wrongBytes
        case redirect(to: String)
    }

    struct Request: Sendable {
        /// Whether it came to the port for bytes.
        var isStorage: Bool
        var uri: String
        /// The file that it is about, if any.
        var file: String?
        var range: String?
        var authorization: String?
        /// Bytes of body that were sent.
        var sent = 0
    }

    struct State: Sendable {
        var files: [File] = []
        var commit = String(repeating: "a1", count: 20)
        var name = "acme/tiny"
        var token: String?
        var isGated = false
        var ignoresRanges = false
        /// Added to the ETag of every file.
        var version = ""
        var pageSize = 1000
        /// By the file's path, or "revision" and "tree".
        var faults: [String: [Fault]] = [:]
        var requests: [Request] = []
        var isNoHub = false
    }

    let state = Mutex(State())
    private let hub: any Channel
    private let storage: any Channel

    init(_ files: [File] = []) async throws {
        let handler = HandlerBox()
        hub = try await Self.listen(handler, isStorage: false)
        storage = try await Self.listen(handler, isStorage: true)
        state.withLock { $0.files = files }
        handler.hub.withLock { $0 = WeakHub(hub: self) }
    }

    deinit {
        hub.close(promise: nil)
        storage.close(promise: nil)
    }

    var endpoint: String { "http://127.0.0.1:\(hub.localAddress?.port ?? 0)" }
    var storageEndpoint: String { "http://localhost:\(storage.localAddress?.port ?? 0)" }

    var commit: String { state.withLock { $0.commit } }
    var requests: [Request] { state.withLock { $0.requests } }
    /// Requests for bytes of a file.
    func transfers(_ file: String) -> [Request] {
        requests.filter { $0.isStorage && $0.file == file }
    }
    var sentBytes: Int { requests.filter(\.isStorage).reduce(0) { $0 + $1.sent } }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func fail(_ what: String, _ faults: [Fault]) { set { $0.faults[what] = faults } }

    private static func listen(_ box: HandlerBox, isStorage: Bool) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(
                        HubHandler(box: box, isStorage: isStorage)
                    )
                }
            }
            .bind(host: isStorage ? "localhost" : "127.0.0.1", port: 0).get()
    }
}

/// Channels outlive the hub; they must not keep it.
private struct WeakHub: Sendable {
    weak let hub: FakeHub?
}

private final class HandlerBox: Sendable {
    let hub = Mutex(WeakHub(hub: nil))
}

/// What to send.
struct FakeAnswer: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    var fault: FakeHub.Fault?

    init(_ status: Int = 200, _ headers: [(String, String)] = [], _ body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(json: String, _ headers: [(String, String)] = []) {
        self.init(200, headers, Array(json.utf8))
    }
}

// MARK: what it answers

extension FakeHub {
    fileprivate func answer(_ head: HTTPRequestHead, isStorage: Bool) -> (FakeAnswer, Int) {
        let hubAddress = endpoint, storageAddress = storageEndpoint
        return state.withLock { state in
            var request = Request(isStorage: isStorage, uri: head.uri)
            request.range = head.headers.first(name: "range")
            request.authorization = head.headers.first(name: "authorization")
            let path = head.uri.removingPercentEncoding ?? ""
            request.file = state.files.first { path.hasSuffix("/" + $0.path) }?.path
            state.requests.append(request)
            let index = state.requests.count - 1
            var answer =
                isStorage
                ? state.bytes(request, head)
                : state.hubAnswer(request, path, hubAddress, storageAddress)
            if case .status(let status, let headers) = answer.fault {
                answer = FakeAnswer(status, headers)
            }
            return (answer, index)
        }
    }

    fileprivate func sent(_ count: Int, request: Int) {
        state.withLock { $0.requests[request].sent += count }
    }
}

extension FakeHub.State {
    private mutating func fault(_ what: String) -> FakeHub.Fault? {
        guard let faults = faults[what], !faults.isEmpty else { return nil }
        self.faults[what] = Array(faults.dropFirst())
        return faults[0]
    }

    mutating func hubAnswer(
        _ request: FakeHub.Request,
        _ path: String,
        _ hub: String,
        _ storage: String
    ) -> FakeAnswer {
        if isNoHub { return FakeAnswer(200, [("Content-Type", "text/html")], Array("<html>".utf8)) }
        if path.hasPrefix("/api/models?") {
            return FakeAnswer(json: #"[{"id":"acme/tiny"},{"id":"acme/tiny-2"}]"#)
        }
        guard token == nil || request.authorization == "Bearer \(token ?? "")" else {
            return FakeAnswer(401, isGated ? [("X-Error-Code", "GatedRepo")] : [])
        }
        let api = "/api/models/\(name)"
        if path == api + "/revision/main" || path == api + "/revision/\(commit)" {
            var answer = FakeAnswer(json: #"{"id":"\#(name)","sha":"\#(commit)"}"#)
            answer.fault = fault("revision")
            return answer
        }
        if path == api + "/refs" {
            return FakeAnswer(json: #"{"branches":[{"name":"main"}],"tags":[{"name":"v1.0"}]}"#)
        }
        if path.hasPrefix(api + "/tree/\(commit)?") { return tree(path, hub) }
        guard path.hasPrefix("/\(name)/resolve/\(commit)/"),
            let file = files.first(where: { $0.path == request.file })
        else { return FakeAnswer(404, [("X-Error-Code", "EntryNotFound")]) }
        return resolved(file, request, storage)
    }

    private mutating func tree(_ path: String, _ hub: String) -> FakeAnswer {
        let start = path.split(separator: "cursor=").dropFirst().first.flatMap { Int($0) } ?? 0
        let page = files.dropFirst(start).prefix(pageSize)
        let entries = page.map { file in
            let content = file.content
            let size = file.listedSize ?? content.bytes.count
            let lfs = #","lfs":{"oid":"\#(content.sha256)","size":\#(size)}"#
            let name = String(
                decoding: (try? JSONEncoder().encode(file.path)) ?? Data(),
                as: UTF8.self
            )
            return #"{"type":"file","oid":"\#(content.git)","size":\#(size),"#
                + #""path":\#(name)\#(file.isLarge ? lfs : "")}"#
        }
        let next = start + page.count
        // Somebody else's address, as a mirror's link has.
        let link = "<https://example.invalid/api/tree?recursive=true&cursor=\(next)>; rel=\"next\""
        var answer = FakeAnswer(
            json: #"[{"type":"directory","path":"sub"}"# + entries.map { "," + $0 }.joined() + "]",
            next < files.count ? [("Link", link)] : []
        )
        answer.fault = fault("tree")
        return answer
    }

    private mutating func resolved(
        _ file: FakeHub.File,
        _ request: FakeHub.Request,
        _ storage: String
    ) -> FakeAnswer {
        guard file.isLarge else { return FakeAnswer(200, [], file.sent ?? file.content.bytes) }
        if case .redirect(let target) = faults[file.path]?.first {
            _ = fault(file.path)
            return FakeAnswer(302, [("Location", target)])
        }
        return FakeAnswer(
            302,
            [
                ("Location", "\(storage)/blobs/\(file.path)"), ("X-Repo-Commit", commit),
                ("X-Linked-ETag", "\"\(file.content.sha256)\""),
                ("X-Linked-Size", "\(file.content.bytes.count)"),
            ],
            Array("Found. Redirecting".utf8)
        )
    }

    /// The bytes of a file, as a storage host serves them: ranges, ETag, If-Range.
    mutating func bytes(_ request: FakeHub.Request, _ head: HTTPRequestHead) -> FakeAnswer {
        guard let file = files.first(where: { $0.path == request.file }) else {
            return FakeAnswer(404)
        }
        let fault = fault(file.path)
        var all = file.sent ?? file.content.bytes
        if case .wrongBytes = fault { all = all.map { ~$0 } }
        let etag = "\"\(file.content.sha256.prefix(8))\(version)\""
        let isSame = head.headers.first(name: "if-range").map { $0 == etag } ?? true
        var answer = FakeAnswer(200, [("ETag", etag)], all)
        if let range = request.range, isSame, !ignoresRanges {
            let ends = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
            answer.status = 206
            answer.body = Array(all[ends[0]...ends[1]])
            answer.headers.append(("Content-Range", "bytes \(ends[0])-\(ends[1])/\(all.count)"))
        }
        answer.fault = fault
        return answer
    }
}

// MARK: how it is sent

private final class HubHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let box: HandlerBox
    private let isStorage: Bool
    private var index = 0
    private var hub: FakeHub? { box.hub.withLock { $0.hub } }

    init(box: HandlerBox, isStorage: Bool) {
        self.box = box
        self.isStorage = isStorage
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        guard let (answer, index) = hub?.answer(head, isStorage: isStorage) else {
            return context.close(promise: nil)
        }
        self.index = index
        var headers = HTTPHeaders(answer.headers)
        headers.add(name: "Content-Length", value: "\(answer.body.count)")
        let status = HTTPResponseStatus(statusCode: answer.status)
        let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        switch answer.fault {
        case .cut(let count):
            write(answer.body.prefix(count), context)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))))
                .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        case .stall(let count):
            write(answer.body.prefix(count), context)
            context.flush()
        case .trickle(let piece, let pause):
            trickle(answer.body[...], piece, pause, context)
        default:
            write(answer.body[...], context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ context: ChannelHandlerContext) {
        hub?.sent(bytes.count, request: index)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }

    private func trickle(
        _ bytes: ArraySlice<UInt8>,
        _ piece: Int,
        _ pause: TimeAmount,
        _ context: ChannelHandlerContext
    ) {
        guard !bytes.isEmpty else {
            return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        write(bytes.prefix(piece), context)
        context.flush()
        context.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            guard context.channel.isActive else { return }
            self.trickle(bytes.dropFirst(piece), piece, pause, context)
        }
    }
}
