import ArgumentParser
import Core
import Execution
import Kernels
import Tokenization

/// `tokenmill bench`: speed against what the machine could do.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure speed beside the limits of this machine."
    )

    @OptionGroup var model: ModelOptions
    @OptionGroup var compute: ComputeOptions

    @Option(
        name: .customShort("p"),
        parsing: .unconditional,
        help: "Prompt tokens: 512,2048; 0 leaves them out.",
        transform: NumberList.sizes
    )
    var prefill = [512]

    @Option(
        name: .customShort("n"),
        parsing: .unconditional,
        help: "Tokens to generate; 0 leaves it out."
    )
    var decode = 128

    @Option(help: "Sequences that generate together: 1,2,4.", transform: NumberList.counts)
    var batch = [1]

    @Option(
        parsing: .unconditional,
        help: "Tokens each sequence holds before it generates: 0,2048.",
        transform: NumberList.sizes
    )
    var depth = [0]

    @Option(help: "Measure the tokenizer on this file instead.")
    var tokenizer: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        let sizes = 0...1_000_000
        try Check.range(prefill.max(), sizes, "-p")
        try Check.range(decode, sizes, "-n")
        try Check.range(depth.max(), sizes, "--depth")
        try Check.range(batch.max(), 1...4096, "--batch")
    }

    func run() throws {
        if let tokenizer { return try measureTokenizer(on: tokenizer) }
        let computation = try Computation(model.path(), compute)
        let generated = decode > 0 ? (depth.max() ?? 0) + decode : 0
        let longest = max(prefill.max() ?? 0, generated)
        guard longest <= computation.contextLength else {
            throw CLIError(
                .failed,
                "\(longest) tokens are more than the context of \(computation.contextLength); "
                    + "lower -p, -n or --depth"
            )
        }
        let machine = try Machine(computation.pool, .best)
        let rows = try measure(computation, machine, longest: longest)
        try Terminal.write(
            json
                ? report(rows, computation, machine).text() + "\n"
                : Self.table(rows, computation, machine)
        )
    }

    private func measure(
        _ computation: Computation,
        _ machine: Machine,
        longest: Int
    ) throws -> [BenchRow] {
        let batches = decode > 0 ? batch : []
        let benchmark = try Benchmark(
            computation,
            machine,
            length: max(longest, 1),
            batch: batches.max() ?? 1
        )
        var rows = try prefill.filter { $0 > 0 }.map(benchmark.prefill)
        for depth in depth {
            for batch in batches {
                rows.append(try benchmark.decode(decode, batch: batch, depth: depth))
            }
        }
        return rows
    }

    private func report(_ rows: [BenchRow], _ computation: Computation, _ machine: Machine) -> JSON
    {
        var report: JSONObject = [
            "model": .string(computation.name),
            "weights": .string(computation.formats),
            "threads": .int(computation.pool.count),
            "kernels": .string(KernelLevel.best.description),
        ]
        report.members += machine.json.members
        report["rows"] = .array(rows.map(\.json))
        return .object(report)
    }

    private static func table(
        _ rows: [BenchRow],
        _ computation: Computation,
        _ machine: Machine
    ) -> String {
        let reads = Decimal.text(machine.readBytesPerSecond / 1e9, digits: 1)
        let int8 = Decimal.text(machine.int8OperationsPerSecond / 1e12, digits: 2)
        let bf16 = Decimal.text(machine.bf16OperationsPerSecond / 1e12, digits: 2)
        let f32 = Decimal.text(machine.floatOperationsPerSecond / 1e12, digits: 2)
        let head =
            "\(computation.name), \(computation.formats), \(computation.pool.count) threads, "
            + "\(KernelLevel.best) kernels\n"
            + "this machine reads \(reads) GB/s, int8 \(int8) TOPS, bf16 \(bf16) and f32 \(f32) "
            + "TFLOPS\n"
        let cells = rows.map { row in
            [
                row.test.rawValue, "\(row.tokens)", "\(row.batch)", "\(row.depth)",
                Decimal.text(row.tokensPerSecond, digits: 1),
                Decimal.text(row.shareOfLimit * 100, digits: 1) + " %", row.bound.note,
            ]
        }
        let titles = ["test", "tokens", "batch", "depth", "tokens/s", "of the limit", "set by"]
        return head + Table.text(titles, cells)
    }

    private func measureTokenizer(on file: String) throws {
        let tokenizer = try TextModel(model.path()).tokenizer()
        let text = try Files.text(file)
        var tokens = 0
        var passes: [Double] = []
        while passes.reduce(0, +) < 1 || passes.count < 3 {
            passes.append(try timed { tokens = try tokenizer.encode(text).count })
        }
        let speed = Double(text.utf8.count) / (passes.min() ?? 1) / 1e6
        let row: JSON = [
            "test": "tokenize",
            "mb_per_s": .double(speed),
            "bytes": .int(text.utf8.count),
            "tokens": .int(tokens),
        ]
        try Terminal.write(
            json
                ? JSON.object(["rows": [row]]).text() + "\n"
                : "\(Decimal.text(speed, digits: 1)) MB/s, \(tokens) tokens on one core\n"
        )
    }
}
