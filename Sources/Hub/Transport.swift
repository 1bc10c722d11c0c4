internal import AsyncHTTPClient
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// GET requests to a hub and to the hosts it redirects to.
struct Transport: Sendable {
    struct Response: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: HTTPClientResponse.Body
        /// What the hub itself says the file's SHA-256 is, on the way to another host.
        var linkedDigest: ContentDigest?

        /// A validator that promises equal bytes; weak ones do not.
        var strongETag: String? {
            headers.first(name: "etag").flatMap { $0.hasPrefix("\"") ? $0 : nil }
        }
    }

    let client: HTTPClient
    let options: HubOptions
    /// Where a person reads about the model, for messages.
    let page: String

    init(_ options: HubOptions, page: String) {
        var settings = HTTPClient.Configuration(
            // Redirects are followed here, where the token can be left out.
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(options.connectTimeout),
                read: TimeAmount(options.stallTimeout)
            ),
            decompression: .disabled
        )
        // Ranges are fetched in parallel for the sake of several connections.
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            options.parallelRanges + options.parallelFiles
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        self.options = options
        self.page = page
    }

    func close() async { try? await client.shutdown() }

    /// One attempt to get `address`, through redirects, to an answer that is not an error.
    /// - Parameter what: what is fetched, for messages.
    func get(
        _ address: String,
        _ what: String,
        headers: [(String, String)] = []
    ) async throws(HubError) -> Response {
        guard let home = URL(string: options.endpoint), var url = URL(string: address) else {
            throw HubError(.badResponse, "\(shown(address)) is not an address")
        }
        var linkedDigest: ContentDigest?
        for _ in 0...options.redirects {
            let isHome = url.isSameOrigin(as: home)
            let response = try await send(url, headers, isHome: isHome)
            if isHome, let etag = response.headers.first(name: "x-linked-etag") {
                linkedDigest = ContentDigest(sha256: String(etag.filter { $0 != "\"" }))
            }
            switch response.status.code {
            case 200..<300:
                return Response(
                    status: Int(response.status.code),
                    headers: response.headers,
                    body: response.body,
                    linkedDigest: linkedDigest
                )
            case 301, 302, 303, 307, 308:
                url = try Self.target(of: response, from: url)
                // Read, so that the connection can be used again.
                _ = try? await response.body.collect(upTo: 1 << 16)
            default:
                throw failure(response, what, isHome: isHome)
            }
        }
        throw HubError(.badResponse, "\(what): more than \(options.redirects) redirects; try later")
    }

    /// The whole body, which must not be larger than `limit`.
    func body(of response: Response, limit: Int) async throws(HubError) -> ByteBuffer {
        do {
            return try await response.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw HubError(.badResponse, "the hub's answer is larger than \(byteText(limit))")
        } catch {
            throw Self.broken(error)
        }
    }

    private func send(
        _ url: URL,
        _ headers: [(String, String)],
        isHome: Bool
    ) async throws(HubError) -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url.absoluteString)
        request.headers.add(contentsOf: headers)
        request.headers.replaceOrAdd(name: "User-Agent", value: "tokenmill")
        request.headers.replaceOrAdd(name: "Accept-Encoding", value: "identity")
        if isHome, let token = options.token {
            request.headers.replaceOrAdd(name: "Authorization", value: "Bearer \(token)")
        }
        do {
            return try await client.execute(request, deadline: .distantFuture)
        } catch {
            throw Self.broken(error)
        }
    }

    private static func target(
        of response: HTTPClientResponse,
        from url: URL
    ) throws(HubError) -> URL {
        let location = response.headers.first(name: "location") ?? ""
        guard !location.isEmpty,
            let target = URL(string: location, relativeTo: url)?.absoluteURL,
            target.scheme == "https" || (target.scheme == "http" && url.scheme == "http"),
            target.host() != nil
        else {
            throw HubError(
                .badResponse,
                "\(url.host() ?? "the hub") redirects to \"\(shown(location))\", "
                    + "which is not a safe address"
            )
        }
        return target
    }
}

// MARK: failures

extension Transport {
    /// Puts what went wrong between us and a host into words.
    static func broken(_ error: any Error) -> HubError {
        if Task.isCancelled { return .stopped }
        if let error = error as? HubError { return error }
        switch error as? HTTPClientError {
        case .readTimeout: return HubError(.stalled, "no bytes came for a while")
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return HubError(.network, "the host cannot be reached")
        case .remoteConnectionClosed: return HubError(.network, "the connection broke")
        default: break
        }
        let text = shown(String(describing: error))
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return HubError(
                .badResponse,
                "the hub's certificate is not trusted here; check HF_ENDPOINT, the clock and the "
                    + "ca-certificates package"
            )
        }
        return HubError(.network, "the connection failed (\(text))")
    }

    /// What an error status means. Hubs say more in `X-Error-Code` than in the status.
    private func failure(
        _ response: HTTPClientResponse,
        _ what: String,
        isHome: Bool
    ) -> HubError {
        let status = response.status.code
        guard isHome || status == 429 || status >= 500 else {
            // Signed addresses expire; the hub gives a new one when asked again.
            return HubError(.network, "the storage behind the hub answered \(status)")
        }
        switch (response.headers.first(name: "x-error-code"), status) {
        case ("GatedRepo", _), (nil, 403):
            return HubError(.forbidden, gated(what))
        case ("RepoNotFound", _), ("RevisionNotFound", _), ("EntryNotFound", _), (_, 404):
            return HubError(.notFound, "the hub has no \(what)")
        case (_, 401), (_, 403):
            return HubError(.unauthorized, unauthorized(what))
        case (_, 429):
            var error = HubError(.rateLimited, "the hub asks for fewer requests")
            error.retryAfter = response.headers.first(name: "retry-after").flatMap(Int.init)
                .map { .seconds($0) }
            return error
        case (_, 408), (_, 500...):
            return HubError(.server, "the hub failed with status \(status)")
        default:
            let detail = response.headers.first(name: "x-error-message").map { ": " + shown($0) }
            return HubError(.badResponse, "\(what): the hub answered \(status)\(detail ?? "")")
        }
    }

    private func gated(_ what: String) -> String {
        let need = options.token == nil ? "set HF_TOKEN" : "check that HF_TOKEN may read it"
        return "\(what) is not for everybody: accept the licence at \(page) and \(need)"
    }

    private func unauthorized(_ what: String) -> String {
        options.token == nil
            ? "the hub shows no \(what) without a token; check the name, or set HF_TOKEN"
            : "the hub does not accept HF_TOKEN for \(what); check the name and the token"
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
    }
}

extension URL {
    /// Scheme, host and port: what a token may be sent to.
    func isSameOrigin(as other: URL) -> Bool {
        scheme == other.scheme && host()?.lowercased() == other.host()?.lowercased()
            && (port ?? defaultPort) == (other.port ?? other.defaultPort)
    }

    private var defaultPort: Int { scheme == "https" ? 443 : 80 }
}
