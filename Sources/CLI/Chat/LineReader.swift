import CEdit
import Glibc

/// Lines from standard input: edited with history at a terminal, plain otherwise.
struct LineReader {
    /// Whether somebody sits there: prompts and hints only then.
    let isTerminal: Bool

    init() {
        isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        guard isTerminal else { return }
        // Line editing counts characters, so it has to know that bytes are UTF-8.
        if setlocale(LC_CTYPE, "") == nil || String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8"
        {
            setlocale(LC_CTYPE, "C.UTF-8")
        }
        tm_edit_leave_signals_alone()
        using_history()
    }

    /// The next line without its end; nil after the last one.
    func next(prompt: String) -> String? {
        guard isTerminal else { return Swift.readLine() }
        guard let line = readline(prompt) else { return nil }
        defer { free(line) }
        if line.pointee != 0 { add_history(line) }
        return String(cString: line)
    }
}
