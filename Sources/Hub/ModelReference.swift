/// What a person calls a model on a hub: `OWNER/NAME[@REVISION][:FILE]`.
package struct ModelReference: Sendable, Equatable, CustomStringConvertible {
    /// `OWNER/NAME`.
    package var name: String
    /// A branch, tag or commit; nil where none was named, which means `main` to a hub.
    package var revision: String?
    /// The path of a GGUF file in the repository, or a tag such as `Q4_K_M` that its name holds.
    package var file: String?

    package init(_ text: String) throws(HubError) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        name = String(parts[0])
        revision = parts.count > 1 ? String(parts[1]) : nil
        file = halves.count > 1 ? String(halves[1]) : nil
        guard names.count == 2, names.allSatisfy(Self.isName),
            revision.map(Self.isRevision) ?? true, file.map(RepositoryPath.isSafe) ?? true
        else {
            throw HubError(
                .invalidName,
                "\(shown(text)) is not the name of a model; write OWNER/NAME, OWNER/NAME:FILE.gguf "
                    + "or OWNER/NAME@REVISION"
            )
        }
    }

    package var description: String {
        name + (revision.map { "@" + $0 } ?? "") + (file.map { ":" + $0 } ?? "")
    }

    /// Hubs allow letters, digits, `-`, `_` and `.`; a dot in front would hide a folder, or leave it.
    private static func isName(_ text: Substring) -> Bool {
        1...96 ~= text.utf8.count && text.first != "." && text.first != "-"
            && text.utf8.allSatisfy(isPlain)
    }

    private static func isRevision(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 200
            && parts.allSatisfy { part in
                !part.isEmpty && part.first != "." && part.utf8.allSatisfy(isPlain)
            }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// Paths inside a repository, which come from a stranger.
enum RepositoryPath {
    /// Whether `path` stays below the folder it is put in, on every file system.
    static func isSafe(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        // ".partial" and ".state" are added to the last part, within the system's 255.
        return path.utf8.count <= 1000
            && parts.allSatisfy { part in
                1...240 ~= part.utf8.count && part != "." && part != ".." && !part.contains("\\")
                    && part.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
            }
    }

    /// The same for a URL, with everything escaped that RFC 3986 does not leave to us; `/` stays.
    static func escaped(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false)
            .map { escapedPart(String($0)) }.joined(separator: "/")
    }

    /// One part of a path or query; `/` is escaped too.
    static func escapedPart(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
