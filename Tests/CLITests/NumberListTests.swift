import CLI
import Core
import Testing

@Suite struct NumberListTests {
    @Test func tokensAreReadInOrder() throws {
        #expect(try NumberList.tokens("1,2,3") == [1, 2, 3])
        #expect(try NumberList.tokens(" 0 , 2147483647 ") == [0, 2_147_483_647])
    }

    @Test(arguments: ["", ",", "1,", "1,,2", "-1", "1;2", "a", "2147483648", "1.0", "0x1", "1 2"])
    func whatIsNoTokenListIsAUsageError(_ text: String) {
        #expect { try NumberList.tokens(text) } throws: { error in
            (error as? CLIError)?.code == .usage
        }
    }

    @Test func countsStartAtOne() throws {
        #expect(try NumberList.counts("1,2,32") == [1, 2, 32])
        #expect(throws: CLIError.self) { try NumberList.counts("1,0") }
    }
}
