internal import HTTPTypes
internal import Hummingbird

/// One method of one path. A new endpoint is a new file with a value of this type, and one line in
/// `RouteTable.all`.
struct Endpoint: Sendable {
    enum Access: Sendable {
        /// Health checks.
        case anybody
        /// Callers whose key the ledger knows.
        case tenant
    }

    let method: HTTPRequest.Method
    /// A trailing `*` stands for the rest of the path, at least one character.
    let path: String
    var access = Access.tenant
    let handle: @Sendable (Call) async throws -> Response

    /// What the `*` stands for in `requested`; empty without one; nil when the path is another.
    func match(_ requested: String) -> String? {
        guard path.hasSuffix("*") else { return requested == path ? "" : nil }
        let prefix = path.dropLast()
        guard requested.hasPrefix(prefix), requested.utf8.count > prefix.utf8.count else {
            return nil
        }
        return String(requested.dropFirst(prefix.count)).removingPercentEncoding()
    }
}

extension String {
    /// The text with `%2F` and its like decoded; nil when that is not possible.
    fileprivate func removingPercentEncoding() -> String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
