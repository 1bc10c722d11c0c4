import ArgumentParser
import Core
import Metering

/// `tokenmill keys`: who may use the server.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and end API keys.",
        subcommands: [Create.self, List.self, Revoke.self, Rotate.self]
    )

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key; its secret is printed this once."
        )

        @OptionGroup var books: LedgerOptions

        @Option(help: "Whose credit and cache the key uses.")
        var tenant = "default"

        @Option(help: "A name to recognise the key by.")
        var name = "key"

        @Option(help: "Until when it works: 2026-01-31 or 2026-01-31T12:00:00Z.")
        var expires: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let expires = try expires.map { try Moment.seconds($0, option: "--expires") }
            let ledger = try books.open()
            let tenant = TenantID(tenant)
            try KeysCommand.show(
                ledger.createKey(tenant: tenant, name: name, expires: expires),
                json: json
            )
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys.")

        @OptionGroup var books: LedgerOptions

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let keys = try books.openExisting().keys()
            let rows = keys.map { key in
                [
                    key.id, key.tenant.name, key.name, key.prefix + "…", Moment.text(key.created),
                    key.expires.map(Moment.text) ?? "-", key.revoked.map(Moment.text) ?? "-",
                ]
            }
            let titles = ["key", "tenant", "name", "secret", "created", "expires", "revoked"]
            try Terminal.write(
                json
                    ? JSON.object(["keys": .array(keys.map(\.json))]).text() + "\n"
                    : Table.text(titles, rows)
            )
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a key at once.")

        @OptionGroup var books: LedgerOptions

        @Argument(help: "The key's id, as `keys list` shows it.")
        var key: String

        func run() throws {
            try books.openExisting().revokeKey(key)
            Terminal.note("revoked \(key)")
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key and make another one for the same tenant."
        )

        @OptionGroup var books: LedgerOptions

        @Argument(help: "The key's id, as `keys list` shows it.")
        var key: String

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try KeysCommand.show(books.openExisting().rotateKey(key), json: json)
        }
    }

    /// The secret alone on standard output, so that a script can take it.
    private static func show(_ made: NewAPIKey, json: Bool) throws {
        if json {
            var object = made.key.json.object ?? JSONObject()
            object["secret"] = .string(made.secret)
            return try Terminal.write(JSON.object(object).text() + "\n")
        }
        try Terminal.write(made.secret + "\n")
        Terminal.note(
            "\(made.key.id), tenant \(made.key.tenant). The secret is not kept: save it now."
        )
    }
}

extension APIKey {
    fileprivate var json: JSON {
        [
            "id": .string(id),
            "tenant": .string(tenant.name),
            "name": .string(name),
            "prefix": .string(prefix),
            "created": .int(Int(created)),
            "expires": expires.map { .int(Int($0)) } ?? .null,
            "revoked": revoked.map { .int(Int($0)) } ?? .null,
        ]
    }
}
