internal import Core
internal import HTTPTypes
internal import Hummingbird
internal import Metering
internal import NIOCore
internal import NIOPosix

/// Whose request it is.
struct Caller: Sendable, Equatable {
    let tenant: TenantID
    /// The key's id in the ledger; nil without keys.
    var key: String?

    /// For endpoints that are open to anybody and do nothing in anybody's name.
    static let nobody = Caller(tenant: TenantID(""))
}

extension RouteTable {
    /// The tenant of the key that came with the request. A ledger without keys takes everybody on
    /// this machine for `local`.
    func authenticate(_ request: Request, channel: any Channel) async throws -> Caller {
        let secret = Self.bearer(request)
        let isLocal = Loopback.contains(channel.remoteAddress)
        let ledger = state.ledger
        let caller = try await NIOThreadPool.singleton.runIfActive { () -> Caller? in
            if isLocal, try !ledger.hasKeys() { return Caller(tenant: .local) }
            guard let secret, let key = try ledger.authenticate(secret) else { return nil }
            return Caller(tenant: key.tenant, key: key.id)
        }
        guard let caller else { throw OpenAIError.invalidKey }
        return caller
    }

    private static func bearer(_ request: Request) -> String? {
        let words = request.headers[.authorization]?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }
}

/// Addresses that only this machine can reach.
enum Loopback {
    static func contains(host: String) -> Bool {
        if host == "localhost" { return true }
        return contains(try? SocketAddress(ipAddress: host, port: 0))
    }

    static func contains(_ address: SocketAddress?) -> Bool {
        guard let ip = address?.ipAddress else { return false }
        return ip.hasPrefix("127.") || ip == "::1" || ip.hasPrefix("::ffff:127.")
    }
}
