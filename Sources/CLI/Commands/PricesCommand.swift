import ArgumentParser
import Core
import Metering

/// `tokenmill prices`: what a model's tokens cost.
struct PricesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Set and show prices, in dollars per million tokens.",
        subcommands: [Set.self, Show.self]
    )

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a model's price in force for requests from now on."
        )

        @OptionGroup var books: LedgerOptions

        @Argument(help: "The model's name, as /v1/models shows it.")
        var model: String

        @Option(help: "Dollars per million prompt tokens.")
        var input: String

        @Option(help: "The same for prompt tokens that were cached. (default: as --input)")
        var cachedInput: String?

        @Option(help: "Dollars per million generated tokens.")
        var output: String

        func run() throws {
            let price = try books.open().setPrice(
                model: model,
                input: NanoDollars(dollarsPerMillionTokens: input),
                cachedInput: NanoDollars(dollarsPerMillionTokens: cachedInput ?? input),
                output: NanoDollars(dollarsPerMillionTokens: output)
            )
            try Terminal.write(PricesCommand.table([price]))
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the prices in force.")

        @OptionGroup var books: LedgerOptions

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let prices = try books.openExisting().prices()
            let rows = JSON.array(prices.map(\.json))
            try Terminal.write(
                json
                    ? JSON.object(["prices": rows]).text() + "\n"
                    : PricesCommand.table(prices)
            )
        }
    }

    private static func table(_ prices: [Price]) -> String {
        let rows = prices.map { price in
            [
                price.model, price.input.dollarsPerMillionTokens,
                price.cachedInput.dollarsPerMillionTokens, price.output.dollarsPerMillionTokens,
                Moment.text(price.created),
            ]
        }
        return Table.text(["model", "input $/M", "cached $/M", "output $/M", "since"], rows)
    }
}

extension Price {
    fileprivate var json: JSON {
        [
            "model": .string(model),
            "version": .int(Int(version)),
            "input_per_million": .string(input.dollarsPerMillionTokens),
            "cached_input_per_million": .string(cachedInput.dollarsPerMillionTokens),
            "output_per_million": .string(output.dollarsPerMillionTokens),
            "created": .int(Int(created)),
        ]
    }
}
