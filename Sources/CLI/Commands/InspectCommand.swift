import ArgumentParser
import Core
import Execution
import ModelFiles

/// `tokenmill inspect`: what a model holds.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a model is, what it needs and whether this build runs it."
    )

    @Argument(help: "A model folder, a GGUF file or a pulled name. (default: the shipped model)")
    var model: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let source = try ModelSource.open(ModelOptions.path(of: model))
        let inspection = try Inspection(source)
        try Terminal.write(json ? inspection.json.text() + "\n" : inspection.text)
    }
}
