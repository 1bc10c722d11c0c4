import ArgumentParser
import Core
import Metering

/// `tokenmill credits`: what tenants have paid in advance.
struct CreditsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credits",
        abstract: "Add and show tenants' credit.",
        subcommands: [Add.self, Show.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add dollars to a tenant's credit.",
            discussion: "A negative amount corrects an earlier one: tokenmill credits add T -- -5"
        )

        @OptionGroup var books: LedgerOptions

        @Argument(help: "The tenant.")
        var tenant: String

        @Argument(help: "Dollars: 12.50")
        var amount: String

        @Option(help: "Why, for the books.")
        var note = ""

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let amount = try NanoDollars(dollars: amount)
            let balance = try books.open().addCredit(amount, to: TenantID(tenant), note: note)
            try CreditsCommand.show([balance], json: json)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show tenants' credit.")

        @OptionGroup var books: LedgerOptions

        @Argument(help: "One tenant. (default: all)")
        var tenant: String?

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let ledger = try books.openExisting()
            let balances =
                try tenant.map { try [ledger.balance(of: TenantID($0))] } ?? ledger.balances()
            try CreditsCommand.show(balances, json: json)
        }
    }

    private static func show(_ balances: [Balance], json: Bool) throws {
        if json {
            let rows = JSON.array(balances.map(\.json))
            return try Terminal.write(JSON.object(["credits": rows]).text() + "\n")
        }
        let rows = balances.map { balance in
            [
                balance.tenant.name, "\(balance.available)", "\(balance.reserved)",
                "\(balance.spent)",
            ]
        }
        try Terminal.write(Table.text(["tenant", "available $", "reserved $", "spent $"], rows))
    }
}

extension Balance {
    fileprivate var json: JSON {
        [
            "tenant": .string(tenant.name),
            "available": .string("\(available)"),
            "reserved": .string("\(reserved)"),
            "spent": .string("\(spent)"),
        ]
    }
}
