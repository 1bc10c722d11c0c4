import ArgumentParser
import Core
import Metering

/// `tokenmill usage`: what was generated, and for how much.
struct UsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show tokens and costs."
    )

    enum Grouping: String, CaseIterable, ExpressibleByArgument {
        case key, model, day
    }

    @OptionGroup var books: LedgerOptions

    @Option(help: "One row for each of these. (default: one row for everything)")
    var by: Grouping?

    @Option(help: "Leave earlier requests out: 2026-01-31 or 2026-01-31T12:00:00Z.")
    var since: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Print comma-separated values.")
    var csv = false

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("give --json or --csv, not both") }
    }

    func run() throws {
        let since = try since.map { try Moment.seconds($0, option: "--since") }
        let rows = try books.openExisting().usage(by: grouping, since: since)
        if json {
            let report: JSON = [
                "by": by.map { .string($0.rawValue) } ?? .null,
                "rows": .array(rows.map(\.json)),
            ]
            return try Terminal.write(report.text() + "\n")
        }
        let cells = rows.map { row in
            [
                by == nil ? "all" : row.group, "\(row.requests)", "\(row.promptTokens)",
                "\(row.cachedTokens)", "\(row.completionTokens)", "\(row.cost)", "\(row.open)",
            ]
        }
        let name = by?.rawValue ?? "group"
        try Terminal.write(
            csv
                ? Table.csv([name] + Self.columns, cells)
                : Table.text(
                    [name, "requests", "prompt", "cached", "completion", "$", "open"],
                    cells
                )
        )
    }

    private static let columns = [
        "requests", "prompt_tokens", "cached_tokens", "completion_tokens", "cost", "open",
    ]

    private var grouping: UsageGrouping {
        switch by {
        case .key: .key
        case .model: .model
        case .day: .day
        case nil: .none
        }
    }
}

extension UsageRow {
    fileprivate var json: JSON {
        [
            "group": .string(group),
            "requests": .int(requests),
            "prompt_tokens": .int(promptTokens),
            "cached_tokens": .int(cachedTokens),
            "completion_tokens": .int(completionTokens),
            "cost": .string("\(cost)"),
            "open": .int(open),
        ]
    }
}
