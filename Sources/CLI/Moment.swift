import Foundation

/// Points in time as people write them, always UTC.
package enum Moment {
    /// Unix seconds of `2026-01-31` or `2026-01-31T12:00:00Z`.
    /// - Throws: a usage error that names `option`.
    package static func seconds(_ text: String, option: String) throws(CLIError) -> Int64 {
        let day = Date.ISO8601FormatStyle().year().month().day()
        let time = text.contains("T") ? text : text + "T00:00:00Z"
        // Parsing alone takes 2026-02-30 for a day in March.
        guard let date = try? Date(time, strategy: .iso8601),
            !time.hasSuffix("Z") || time.hasPrefix(date.formatted(day))
        else {
            throw CLIError(
                .usage,
                "\(option) takes a time such as 2026-01-31 or 2026-01-31T12:00:00Z, not \(text)"
            )
        }
        return Int64(date.timeIntervalSince1970)
    }

    /// `2026-01-31 12:00`, from Unix seconds.
    package static func text(_ seconds: Int64) -> String {
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space).year().month().day()
            .dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return String(Date(timeIntervalSince1970: Double(seconds)).formatted(style).prefix(16))
    }
}
