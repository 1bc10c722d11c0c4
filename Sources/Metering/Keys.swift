package import Core
internal import Foundation
internal import GRDB

/// A key as the ledger knows it: without the secret, of which only the SHA-256 is kept.
package struct APIKey: Sendable, Equatable {
    /// `key-` and 12 hexadecimal digits.
    package var id: String
    package var tenant: TenantID
    package var name: String
    /// The secret's first characters, to recognise it by.
    package var prefix: String
    /// Unix seconds, as are the next two.
    package var created: Int64
    package var expires: Int64?
    package var revoked: Int64?

    /// Whether the key opens anything at `time` (Unix seconds).
    package func isValid(at time: Int64) -> Bool {
        revoked == nil && expires.map { time < $0 } ?? true
    }
}

/// A fresh key with the secret, which is shown this once.
package struct NewAPIKey: Sendable {
    package var key: APIKey
    /// `sk-tm-` and 48 hexadecimal digits: 192 random bits.
    package var secret: String
}

extension Ledger {
    /// - Parameters:
    ///   - tenant: whose money and cache the key uses; not `local`, which needs no key.
    ///   - name: for people, 1 to 100 bytes.
    ///   - expires: Unix seconds from which on the key is refused.
    package func createKey(
        tenant: TenantID,
        name: String,
        expires: Int64? = nil
    ) throws(LedgerError) -> NewAPIKey {
        try Self.requireName(tenant.name, "the tenant's name", bytes: 100)
        try Self.requireName(name, "the key's name", bytes: 100)
        if tenant == .local {
            throw LedgerError(
                .invalid,
                "tenant local stands for this machine without a key; name another tenant"
            )
        }
        if let expires, expires <= Self.now() {
            throw LedgerError(.invalid, "the key would expire in the past; give a later time")
        }
        return try write { db in try Self.insertKey(db, tenant, name, expires) }
    }

    /// All keys, also revoked and expired ones, oldest first.
    package func keys() throws(LedgerError) -> [APIKey] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM apiKey ORDER BY rowid").map(APIKey.init)
        }
    }

    /// Whether a key was ever made; a ledger whose keys are all revoked does not become open.
    package func hasKeys() throws(LedgerError) -> Bool {
        try read { db in
            try Bool.fetchOne(
                db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM apiKey)")
            ) ?? false
        }
    }

    /// Ends a key at once, for every process. Revoking twice changes nothing.
    package func revokeKey(_ id: String) throws(LedgerError) {
        try write { db in
            _ = try Self.key(db, id)
            try Self.revoke(db, id)
        }
    }

    /// Ends a key and makes one for the same tenant with the same name and expiry.
    package func rotateKey(_ id: String) throws(LedgerError) -> NewAPIKey {
        try write { db in
            let old = try Self.key(db, id)
            guard old.isValid(at: Self.now()) else {
                throw LedgerError(.invalid, "key \(id) is revoked or expired; create a new one")
            }
            try Self.revoke(db, id)
            return try Self.insertKey(db, old.tenant, old.name, old.expires)
        }
    }

    /// The valid key with this secret, or nil. The look-up is by hash, so its time tells nothing
    /// about other secrets.
    package func authenticate(_ secret: String) throws(LedgerError) -> APIKey? {
        let hash = Data(Digest.sha256(secret))
        let key = try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM apiKey WHERE hash = ?"),
                arguments: [hash]
            ).map(APIKey.init)
        }
        guard let key, key.isValid(at: Self.now()) else { return nil }
        return key
    }

    private static func insertKey(
        _ db: Database,
        _ tenant: TenantID,
        _ name: String,
        _ expires: Int64?
    ) throws -> NewAPIKey {
        let secret = "sk-tm-" + RandomText.hexadecimal(bytes: 24)
        let key = APIKey(
            id: "key-" + RandomText.hexadecimal(bytes: 6),
            tenant: tenant,
            name: name,
            prefix: String(secret.prefix(12)),
            created: now(),
            expires: expires
        )
        try db.execute(
            sql: """
                INSERT INTO apiKey (id, tenant, name, prefix, hash, created, expires)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key.id, tenant.name, name, key.prefix, Data(Digest.sha256(secret)), key.created,
                expires,
            ]
        )
        return NewAPIKey(key: key, secret: secret)
    }

    private static func revoke(_ db: Database, _ id: String) throws {
        try db.execute(
            sql: "UPDATE apiKey SET revoked = ? WHERE id = ? AND revoked IS NULL",
            arguments: [now(), id]
        )
    }

    private static func key(_ db: Database, _ id: String) throws -> APIKey {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM apiKey WHERE id = ?", arguments: [id])
        guard let row else {
            throw LedgerError(.unknownKey, "there is no key \(id.prefix(40)); list them to find it")
        }
        return APIKey(row)
    }
}

extension APIKey {
    init(_ row: Row) {
        self.init(
            id: row["id"],
            tenant: TenantID(row["tenant"]),
            name: row["name"],
            prefix: row["prefix"],
            created: row["created"],
            expires: row["expires"],
            revoked: row["revoked"]
        )
    }
}
