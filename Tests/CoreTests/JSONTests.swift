import Core
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        #"{"a":1,"b":[true,false,null,-2.5,1e+300],"c":{"d":"x"}}"#,
        #""\"\\\n\r\té\u0001""#, "[]", "{}", "[[[]]]", "0", "-1", "9223372036854775807",
    ])
    func roundTrip(_ text: String) throws {
        let value = try JSON(parsing: text)
        #expect(value.text() == text)
        #expect(try JSON(parsing: value.text(pretty: true)) == value)
    }

    @Test func numbersKeepTheirKind() throws {
        #expect(try JSON(parsing: "3") == .int(3))
        #expect(try JSON(parsing: "3.0") == .double(3))
        #expect(try JSON(parsing: "3.0").int == 3)
        #expect(try JSON(parsing: "9223372036854775808") == .double(9223372036854775808))
    }

    @Test func surrogatePairsBecomeOneCharacter() throws {
        #expect(try JSON(parsing: #""\ud83d\ude00""#) == "😀")
    }

    @Test(arguments: [
        ("", 0), ("[1,]", 3), ("{\"a\"}", 4), ("01", 2), ("1.", 2), ("tru", 3), ("\"\\x\"", 2),
        ("\"a", 2), ("[1 2]", 3), ("{} {}", 3), ("\"\\ud800\"", 3), ("1e999", 0), ("\"\u{1}\"", 1),
        ("nan", 1), ("{a:1}", 1),
    ])
    func rejects(_ text: String, offset: Int) {
        do throws(JSONError) {
            _ = try JSON(parsing: text)
            Issue.record("accepted \(text)")
        } catch {
            #expect(error.offset == offset, "\(text): \(error)")
        }
    }

    @Test func invalidUTF8IsAnError() {
        #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
    }

    @Test func depthAndNodesAreBounded() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSON(parsing: deep) }
        let nested = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSON(parsing: nested)
        #expect(throws: JSONError.self) {
            try JSON(parsing: "[1,2,3,4]".utf8, maxNodes: 4)
        }
    }

    @Test func errorsSayLineAndColumn() {
        do throws(JSONError) {
            _ = try JSON(parsing: "{\n\"a\": 1 \"b\"}")
            Issue.record("accepted")
        } catch {
            #expect(error.line == 2)
            #expect(error.column == 8)
        }
    }

    @Test func duplicateKeysMeanTheLast() throws {
        #expect(try JSON(parsing: #"{"a":1,"a":2}"#)["a"] == 2)
    }

    /// Strings are scanned by words of eight bytes: what ends a run is found at every offset.
    @Test func everythingIsFoundAtEveryOffset() throws {
        for before in 0..<20 {
            for after in 0..<10 {
                let head = String(repeating: "x", count: before)
                let tail = String(repeating: "\u{7F}~ ", count: after)
                #expect(try JSON(parsing: "\"\(head)\\n\(tail)\"") == .string(head + "\n" + tail))
                #expect(try JSON(parsing: "\"\(head)é€😀\(tail)\"") == .string(head + "é€😀" + tail))
                #expect(throws: JSONError.self) { try JSON(parsing: "\"\(head)\u{1F}\(tail)\"") }
                let invalid = Array("\"\(head)".utf8) + [0xC3] + Array("\(tail)\"".utf8)
                #expect(throws: JSONError.self) { try JSON(parsing: invalid) }
            }
        }
    }
}
