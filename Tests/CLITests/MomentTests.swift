import CLI
import Testing

@Suite struct MomentTests {
    /// Values from `date -u -d TEXT +%s` (GNU coreutils 9.1).
    @Test(arguments: [
        ("1970-01-01", 0), ("2026-01-31", 1_769_817_600), ("2024-02-29", 1_709_164_800),
        ("2026-01-31T12:34:56Z", 1_769_862_896),
    ])
    func readsDaysAndTimesOfTheWorldClock(_ text: String, _ seconds: Int64) throws {
        #expect(try Moment.seconds(text, option: "--since") == seconds)
    }

    @Test(arguments: [
        "", "yesterday", "2026", "2026-13-01", "2026-02-30", "2025-02-29", "01/02/2026",
        "2026-01-31T25:00:00Z", "2026-01-31x",
    ])
    func refusesWhatIsNoTime(_ text: String) {
        #expect { try Moment.seconds(text, option: "--since") } throws: { error in
            (error as? CLIError)?.code == .usage
                && (error as? CLIError)?.message.contains("--since") == true
        }
    }

    @Test func writesMinutes() {
        #expect(Moment.text(1_769_862_896) == "2026-01-31 12:34")
    }
}
