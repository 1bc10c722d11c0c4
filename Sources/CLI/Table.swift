/// Columns for a person to read.
package enum Table {
    /// Lines of `rows` below `titles`; numbers to the right, everything else to the left.
    package static func text(_ titles: [String], _ rows: [[String]]) -> String {
        let lines = [titles] + rows
        let columns = titles.indices.map { column in
            (
                width: lines.map { $0[column].count }.max() ?? 0,
                isNumber: !rows.isEmpty && rows.allSatisfy { $0[column].first?.isNumber ?? false }
            )
        }
        return lines.map { line in
            var text = ""
            for (cell, column) in zip(line, columns) {
                let space = String(repeating: " ", count: column.width - cell.count)
                text += (column.isNumber ? space + cell : cell + space) + "  "
            }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }

    /// Lines of comma-separated values (RFC 4180, with plain line feeds).
    package static func csv(_ titles: [String], _ rows: [[String]]) -> String {
        ([titles] + rows).map { line in
            line.map(field).joined(separator: ",") + "\n"
        }.joined()
    }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "\"" || $0 == "," || $0.isNewline }) else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
