package import Core
import Glibc

/// Whole files that a command line names.
package enum Files {
    /// More than any prompt, and less than memory.
    package static let largestInput = 1 << 30

    /// The bytes of the file at `path`; `-` is standard input.
    package static func bytes(_ path: String) throws(CLIError) -> [UInt8] {
        if path == "-" { return try contents(of: STDIN_FILENO, named: "standard input") }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw CLIError(.failed, "cannot read \(path): \(Terminal.errorText())")
        }
        defer { close(file) }
        return try contents(of: file, named: path)
    }

    /// The same as text, which must be UTF-8.
    package static func text(_ path: String) throws(CLIError) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw CLIError(.failed, "\(name(path)) is not UTF-8 text")
        }
        return text
    }

    /// The same as JSON.
    package static func json(_ path: String) throws(CLIError) -> JSON {
        let bytes = try bytes(path)
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw CLIError(.failed, "\(name(path)): \(error)")
        }
    }

    /// What to call the file at `path` in a message.
    package static func name(_ path: String) -> String { path == "-" ? "standard input" : path }

    /// Replaces the file at `path`, or creates it, readable by its owner alone.
    package static func write(_ bytes: [UInt8], to path: String) throws(CLIError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw CLIError(.failed, "cannot write \(path): \(Terminal.errorText())")
        }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw CLIError(.failed, "cannot write \(path): \(Terminal.errorText())")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// The absolute path with links resolved; nil when nothing is there.
    package static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// Makes the folder that `path` is in and those above it, for its owner alone. What uses the
    /// path next reports a failure.
    package static func makeFolder(of path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for end in parts.indices where !parts[end].isEmpty {
            mkdir(parts[...end].joined(separator: "/"), 0o700)
        }
    }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func contents(of file: Int32, named name: String) throws(CLIError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = part.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw CLIError(.failed, "cannot read \(name): \(Terminal.errorText())")
            }
            if count == 0 { return bytes }
            bytes.append(contentsOf: part[..<count])
            guard bytes.count <= largestInput else {
                throw CLIError(.failed, "\(name) is larger than \(largestInput >> 20) MiB")
            }
        }
    }
}
