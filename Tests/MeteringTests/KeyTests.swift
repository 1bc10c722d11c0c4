import Core
import Foundation
import Metering
import Testing

@Suite struct KeyTests {
    @Test func aKeyOpensUntilRevoked() throws {
        let file = try LedgerFile()
        let ledger = try file.open(), other = try file.open()
        #expect(try !ledger.hasKeys())
        let new = try ledger.createKey(tenant: acme, name: "laptop")
        #expect(new.secret.hasPrefix("sk-tm-") && new.secret.hasPrefix(new.key.prefix))
        #expect(try other.authenticate(new.secret) == new.key)
        #expect(try other.authenticate(new.secret + "0") == nil)
        #expect(try other.authenticate("") == nil)
        try ledger.revokeKey(new.key.id)
        #expect(try other.authenticate(new.secret) == nil)
        #expect(try other.hasKeys())
        #expect(throws: LedgerError.self) { try ledger.revokeKey("key-none") }
    }

    @Test func rotationReplacesTheSecret() throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        let old = try ledger.createKey(tenant: acme, name: "ci", expires: 4_000_000_000)
        let new = try ledger.rotateKey(old.key.id)
        #expect(try ledger.authenticate(old.secret) == nil)
        #expect(try ledger.authenticate(new.secret)?.tenant == acme)
        #expect(new.key.expires == 4_000_000_000)
        #expect(try ledger.keys().count == 2)
        #expect(throws: LedgerError.self) { try ledger.rotateKey(old.key.id) }
    }

    @Test func anExpiredKeyOpensNothing() throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        let new = try ledger.createKey(tenant: acme, name: "a", expires: 4_000_000_000)
        try file.tamper("UPDATE apiKey SET expires = 1")
        #expect(try ledger.authenticate(new.secret) == nil)
    }

    @Test func theSecretIsNotInTheFile() throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        let secret = try ledger.createKey(tenant: acme, name: "a").secret
        try ledger.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: file.folder.path) {
            let bytes = try Data(contentsOf: file.folder.appendingPathComponent(name))
            #expect(bytes.range(of: Data(secret.utf8)) == nil)
            #expect(bytes.range(of: Data(secret.dropFirst(12).utf8)) == nil)
        }
    }

    @Test func refusesBadNames() throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        #expect(throws: LedgerError.self) { try ledger.createKey(tenant: .local, name: "a") }
        #expect(throws: LedgerError.self) { try ledger.createKey(tenant: acme, name: "") }
        #expect(throws: LedgerError.self) {
            try ledger.createKey(tenant: TenantID("a\nb"), name: "a")
        }
        #expect(throws: LedgerError.self) {
            try ledger.createKey(tenant: acme, name: "a", expires: 1)
        }
    }
}
