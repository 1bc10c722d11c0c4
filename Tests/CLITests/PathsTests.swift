import CLI
import Testing

@Suite struct PathsTests {
    private func paths(_ environment: [String: String], program: String = "") -> Paths {
        Paths(environment: { environment[$0] }, program: program)
    }

    @Test func theLedgerFollowsTheDataFolder() throws {
        let variables = ["XDG_DATA_HOME": "/data", "HOME": "/home/ada"]
        #expect(try paths(variables).ledger() == "/data/tokenmill/ledger.sqlite")
    }

    /// The XDG base directory specification: relative paths there are invalid and to be ignored.
    @Test(arguments: [nil, "relative"])
    func withoutADataFolderTheLedgerIsBelowHome(_ data: String?) throws {
        var variables = ["HOME": "/home/ada"]
        variables["XDG_DATA_HOME"] = data
        #expect(
            try paths(variables).ledger() == "/home/ada/.local/share/tokenmill/ledger.sqlite"
        )
    }

    @Test func withoutAHomeTheLedgerHasToBeNamed() {
        #expect { try paths([:]).ledger() } throws: { error in
            (error as? CLIError)?.message.contains("--ledger") ?? false
        }
    }

    @Test func theShippedModelIsBelowTokenmillsHomeOrBesideTheBuild() {
        let program = "/src/tokenmill/.build/x86_64-unknown-linux-gnu/release/tokenmill"
        let both = paths(["TOKENMILL_HOME": "/opt/tokenmill"], program: program)
        #expect(both.shippedModels == ["/opt/tokenmill/weights", "/src/tokenmill/weights"])
        #expect(paths([:], program: "/usr/bin/tokenmill").shippedModels.isEmpty)
    }

    @Test func aMissingShippedModelSaysToNameOne() {
        #expect { try paths(["TOKENMILL_HOME": "/nowhere"]).shippedModel() } throws: { error in
            (error as? CLIError)?.message.contains("-m MODEL") ?? false
        }
    }
}
