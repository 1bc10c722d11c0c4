import ArgumentParser
import Core
import Execution
import ModelFiles

extension QuantizationTarget: ExpressibleByArgument {}

/// `tokenmill quantize`: any model to one GGUF file, in fewer bits.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Write a model as a GGUF file, in fewer bits.",
        discussion: """
            Rows that do not divide into a type's blocks take the next type that fits. With \
            --calibrate the weights are rounded so that the model's layers, and not each weight for \
            itself, come out close on the given text; that takes longer, and works for \
            \(calibrated). The experts of a mixture are rounded plainly even then.
            """
    )

    private static let calibrated = CompensatedRounding.targets.map(\.rawValue)
        .joined(separator: ", ")

    @OptionGroup var model: ModelOptions

    @Option(name: [.short, .long], help: "The GGUF file to write; it is replaced if it exists.")
    var output: String

    @Option(
        help:
            "What to write: \(QuantizationTarget.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var type: QuantizationTarget

    @Option(help: "A text like those the model will read; - is standard input.")
    var calibrate: String?

    @Option(help: "How much of that text is read, in tokens.")
    var calibrationTokens = 16384

    @Option(parsing: .unconditional, help: "Threads that compute. (default: one per core)")
    var threads: Int?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        try Check.atLeastOne(threads, "--threads")
        try Check.atLeastOne(calibrationTokens, "--calibration-tokens")
        guard calibrate == nil || CompensatedRounding.targets.contains(type) else {
            throw ValidationError(
                "--calibrate works for \(Self.calibrated), not for \(type.rawValue)"
            )
        }
        guard output.hasSuffix(".gguf") else {
            throw ValidationError("the output must end in .gguf, not \(output)")
        }
    }

    func run() throws {
        let path = try model.path()
        let source = try ModelSource.open(path)
        let conversion = try GGUFConversion(source, target: type)
        let calibration = try calibrate.map { file in
            try Calibration(path, text: file, tokens: calibrationTokens, threads: threads)
        }
        let clock = ContinuousClock(), start = clock.now
        try conversion.write(
            to: output,
            rounding: { name, type in calibration?.rounding(of: name, as: type) },
            progress: { share in
                Terminal.progress("\(Int(share * 100)) % of \(Decimal.bytes(conversion.byteCount))")
            }
        )
        Terminal.progress("")
        try report(conversion, seconds: (clock.now - start) / .seconds(1))
    }

    private func report(_ conversion: GGUFConversion, seconds: Double) throws {
        let counts = Dictionary(grouping: conversion.tensors, by: { "\($0.type)" })
            .mapValues(\.count)
        if json {
            var object = JSONObject()
            for (type, count) in counts.sorted(by: { $0.key < $1.key }) {
                object[type] = .int(count)
            }
            let result: JSON = [
                "output": .string(output),
                "bytes": .int(conversion.byteCount),
                "seconds": .double(seconds),
                "tensors": .object(object),
            ]
            return try Terminal.write(result.text() + "\n")
        }
        let types = counts.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key)" }
        try Terminal.write(
            "\(output): \(Decimal.bytes(conversion.byteCount)), \(types.joined(separator: ", "))\n"
        )
    }
}
