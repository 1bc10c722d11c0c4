import Generation
import Testing

@Suite struct StopMatcherTests {
    static let cases: [(text: String, stops: [String], shown: String)] = [
        ("hello world", [], "hello world"),
        ("hello world", ["wor"], "hello "),
        ("hello world", ["xyz"], "hello world"),
        ("aaaab", ["aab"], "aa"),
        ("one\n\ntwo", ["\n\n"], "one"),
        ("ends with st", ["stop"], "ends with st"),
        ("first b then a", ["a", "b"], "first "),
        ("日本語です。", ["です"], "日本語"),
        ("emoji 😀😁 end", ["😁"], "emoji 😀"),
        ("stop", ["stop"], ""),
        ("abc", ["abcd", "bc"], "a"),
        ("", ["x"], ""),
    ]

    /// However the text is cut into pieces, the same is shown and nothing of a stop string.
    @Test func everyWayOfCuttingShowsTheSame() {
        for (text, stops, shown) in Self.cases {
            let characters = Array(text)
            for size in 1...max(1, characters.count) {
                var matcher = StopMatcher(stops)
                var output = "", stopped = false
                for start in stride(from: 0, to: characters.count, by: size) where !stopped {
                    let end = min(start + size, characters.count)
                    let (released, hit) = matcher.append(String(characters[start..<end]))
                    output += released
                    stopped = hit
                    #expect(shown.hasPrefix(output), "\(text) shows \(output)")
                }
                if !stopped { output += matcher.finish() }
                #expect(output == shown, "\(text) in pieces of \(size)")
            }
        }
    }

    @Test func textIsReleasedAsSoonAsItCannotBeAStop() {
        var matcher = StopMatcher(["END"])
        #expect(matcher.append("a").released == "a")
        #expect(matcher.append("E").released == "")
        #expect(matcher.append("N").released == "")
        #expect(matcher.append("x").released == "ENx")
    }
}
