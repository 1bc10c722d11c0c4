import Glibc

/// Standard output and standard error. Unbuffered: streamed text shows at once, and nothing is
/// left behind when the program stops.
package enum Terminal {
    /// Writes `text` to standard output: results and generated text, nothing else.
    package static func write(_ text: String) throws(CLIError) {
        guard write(text, to: STDOUT_FILENO) else {
            throw CLIError(.failed, "cannot write to standard output: \(errorText())")
        }
    }

    /// Writes a line to standard error: everything that only a person reads. Best effort.
    package static func note(_ line: String) {
        _ = write(line + "\n", to: STDERR_FILENO)
    }

    /// The same, less prominent where the terminal can show it.
    package static func aside(_ line: String) {
        let colours = isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == nil
        note(colours ? "\u{1B}[2m\(line)\u{1B}[0m" : line)
    }

    /// Replaces the line that is there by `line`, on a terminal; nothing elsewhere, where it would
    /// only fill a log. An empty line clears.
    package static func progress(_ line: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        _ = write("\r\u{1B}[K\(line)", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to file: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = Glibc.write(
                    file,
                    UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    rest.count
                )
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// The system's words for the last failed call.
    package static func errorText() -> String { String(cString: strerror(errno)) }
}
