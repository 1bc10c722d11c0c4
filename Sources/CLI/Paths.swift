import Glibc

/// Where things are when the command line does not say.
package struct Paths {
    /// Looks a variable of the environment up; nil when it is absent or empty.
    package var environment: (String) -> String?
    /// The running program's file, with links resolved.
    package var program: String

    package init(environment: @escaping (String) -> String?, program: String) {
        self.environment = environment
        self.program = program
    }

    /// What this process sees.
    package static var current: Paths {
        Paths(
            environment: { name in
                guard let value = getenv(name), value.pointee != 0 else { return nil }
                return String(cString: value)
            },
            program: Files.resolved("/proc/self/exe") ?? ""
        )
    }

    /// The ledger's file: below `$XDG_DATA_HOME`, or below `~/.local/share`.
    package func ledger() throws(CLIError) -> String {
        if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") {
            return data + "/tokenmill/ledger.sqlite"
        }
        guard let home = environment("HOME") else {
            throw CLIError(.usage, "no home folder to keep the ledger in; pass --ledger PATH")
        }
        return home + "/.local/share/tokenmill/ledger.sqlite"
    }

    /// Folders that may hold the shipped model, best first: below `$TOKENMILL_HOME`, then beside
    /// the `.build` folder that the program was built in.
    package var shippedModels: [String] {
        var folders: [String] = []
        if let home = environment("TOKENMILL_HOME") { folders.append(home + "/weights") }
        let parts = program.split(separator: "/", omittingEmptySubsequences: false)
        if let build = parts.lastIndex(of: ".build") {
            folders.append((parts[..<build] + ["weights"]).joined(separator: "/"))
        }
        return folders
    }

    /// What requests, prices and bills call the shipped model, wherever it was cloned to.
    package static let shippedModelName = "tokenmill-6m"

    /// The model that ships with Tokenmill.
    package func shippedModel() throws(CLIError) -> String {
        guard let folder = shippedModels.first(where: { Files.exists($0 + "/config.json") }) else {
            throw CLIError(.usage, "the model that ships with Tokenmill is not here; pass -m MODEL")
        }
        return folder
    }

    /// The name of the model at `path` when it is the shipped one; nil for others.
    package func shippedName(of path: String) -> String? {
        guard let path = Files.resolved(path) else { return nil }
        let isShipped = shippedModels.contains { Files.resolved($0) == path }
        return isShipped ? Self.shippedModelName : nil
    }
}
