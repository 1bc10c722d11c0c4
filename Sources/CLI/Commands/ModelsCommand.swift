import ArgumentParser
import Core
import Glibc
import Hub

/// `tokenmill models`: what was pulled, and how to be rid of it.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List and delete pulled models.",
        subcommands: [List.self, Prune.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List pulled models.")

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let models = try ModelsCommand.cache().models()
            guard !json else {
                let object: JSON = ["models": .array(models.map(\.json))]
                return try Terminal.write(object.text() + "\n")
            }
            guard !models.isEmpty else {
                return Terminal.note("no models; get one with: tokenmill pull OWNER/NAME")
            }
            let titles = ["model", "revision", "files", "size", "pulled", "state"]
            try Terminal.write(Table.text(titles, models.map(\.cells)))
        }
    }

    struct Prune: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete pulled models, or downloads that were not finished."
        )

        @Argument(help: "OWNER/NAME, or OWNER/NAME:FILE for one GGUF file.")
        var models: [String] = []

        @Flag(help: "Delete unfinished downloads alone.")
        var incomplete = false

        @Flag(help: "Delete all models.")
        var all = false

        @Flag(help: "Do not ask.")
        var yes = false

        func validate() throws {
            if all && !models.isEmpty {
                throw ValidationError("--all deletes every model; leave the names out")
            }
            if models.isEmpty && !all && !incomplete {
                throw ValidationError("name the models to delete, or pass --incomplete or --all")
            }
        }

        func run() throws {
            do throws(HubError) {
                let cache = try ModelsCommand.cache()
                let doomed = try deletions(cache)
                guard confirm(doomed) else { return Terminal.note("nothing was deleted") }
                var freed = 0
                for deletion in doomed { freed += try deletion.run(cache) }
                Terminal.note("\(Decimal.bytes(freed)) freed")
            } catch {
                throw CLIError(error)
            }
        }

        /// What the command line asks for; a name that is not there is an error before anything
        /// is deleted.
        private func deletions(_ cache: Cache) throws(HubError) -> [Deletion] {
            let names = models.isEmpty ? cache.models().map(\.name) : models
            var deletions: [Deletion] = []
            for name in names {
                let reference = try ModelReference(name)
                guard let model = cache.model(reference.name) else {
                    throw HubError(.notFound, "\(name) is not pulled; see: tokenmill models")
                }
                if incomplete {
                    guard model.isIncomplete else { continue }
                    deletions.append(Deletion(reference, model.incompleteBytes, true))
                } else {
                    let files = try cache.files(of: reference)
                    let unfinished = reference.file == nil ? model.incompleteBytes : 0
                    let bytes = files.reduce(unfinished) { $0 + $1.size }
                    deletions.append(Deletion(reference, bytes, false))
                }
            }
            return deletions
        }

        /// Shows what goes; asks when there is somebody to ask.
        private func confirm(_ deletions: [Deletion]) -> Bool {
            for deletion in deletions { Terminal.note(deletion.text) }
            guard !deletions.isEmpty else { return false }
            guard !yes, isatty(STDIN_FILENO) == 1 else { return true }
            Terminal.note("Delete? [y/N]")
            return ["y", "yes"].contains(readLine()?.lowercased())
        }
    }

    fileprivate static func cache() throws(HubError) -> Cache {
        try Cache(environment: Paths.current.environment)
    }
}

/// One thing to delete.
private struct Deletion {
    let reference: ModelReference
    let bytes: Int
    let isUnfinishedOnly: Bool

    init(_ reference: ModelReference, _ bytes: Int, _ isUnfinishedOnly: Bool) {
        self.reference = reference
        self.bytes = bytes
        self.isUnfinishedOnly = isUnfinishedOnly
    }

    var text: String {
        let what = isUnfinishedOnly ? "unfinished downloads of " : ""
        return "\(what)\(reference): \(Decimal.bytes(bytes))"
    }

    /// Returns the bytes that this freed.
    func run(_ cache: Cache) throws(HubError) -> Int {
        isUnfinishedOnly
            ? try cache.removeIncomplete(reference.name) : try cache.remove(reference)
    }
}

extension PulledModel {
    fileprivate var json: JSON {
        [
            "model": .string(name),
            "revision": revision.map { .string($0) } ?? .null,
            "path": .string(folder),
            "bytes": .int(bytes),
            "date": date.map { .int($0) } ?? .null,
            "incomplete": .bool(isIncomplete),
            "incomplete_bytes": .int(incompleteBytes),
            "files": .array(files.map(\.json)),
        ]
    }

    fileprivate var cells: [String] {
        let state =
            incompleteBytes > 0
            ? "incomplete, \(Decimal.bytes(incompleteBytes)) so far"
            : isIncomplete ? "incomplete" : "complete"
        return [
            name, revision.map { String($0.prefix(8)) } ?? "-", "\(files.count)",
            Decimal.bytes(bytes), date.map { Moment.text(Int64($0)) } ?? "-", state,
        ]
    }
}
