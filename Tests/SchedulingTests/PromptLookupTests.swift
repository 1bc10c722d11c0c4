import Core
import Scheduling
import Testing

@Suite struct PromptLookupTests {
    private func drafts(_ tokens: [TokenID], _ count: Int = 4) -> [TokenID] {
        var drafts: [TokenID] = [99]
        PromptLookup(tokens, room: 10).draft(count, into: &drafts)
        return drafts
    }

    @Test func whatFollowedBeforeFollowsAgain() {
        #expect(drafts([1, 2, 3, 4, 5, 6, 1, 2]) == [3, 4, 5, 6])
        #expect(drafts([1, 2, 3, 4, 5, 6, 1, 2], 2) == [3, 4])
        #expect(drafts([1, 2, 3, 4, 5, 6, 1, 2], 0) == [])
    }

    @Test func nothingIsGuessedFromOneTokenOrNone() {
        #expect(drafts([]) == [])
        #expect(drafts([1]) == [])
        #expect(drafts([1, 2]) == [])
        #expect(drafts([1, 2, 3, 7, 1]) == [])
    }

    @Test func theLongestRunWinsOverTheLatest() {
        let text: [TokenID] = [1, 2, 3, 4, 70, 9, 3, 4, 80, 1, 2, 3, 4]
        #expect(drafts(text, 1) == [70])
    }

    @Test func theLatestOfEqualRunsWins() {
        #expect(drafts([1, 2, 70, 1, 2, 80, 1, 2], 1) == [80])
    }

    @Test func aLoopIsFollowedIntoItself() {
        #expect(drafts([8, 1, 2, 1, 2], 5) == [1, 2, 1, 2, 1])
        #expect(drafts([5, 5, 5], 3) == [5, 5, 5])
    }

    @Test func tokensThatComeLaterAreLearnt() {
        var lookup = PromptLookup([1, 2, 3], room: 10)
        #expect(lookup.available(16) == 0)
        for token: TokenID in [9, 1, 2] { lookup.append(token) }
        #expect(lookup.available(16) == 16)
        #expect(lookup.available(-1) == 0)
        var drafts: [TokenID] = []
        lookup.draft(3, into: &drafts)
        #expect(drafts == [3, 9, 1])
    }

    /// Against a search of the whole text: the table forgets and never invents.
    @Test func whatIsFoundIsThere() {
        var random = SplitMix(state: 5)
        var text: [TokenID] = []
        var lookup = PromptLookup([], room: 0)
        var found = 0
        var expected = 0
        for _ in 0..<3000 {
            let token = TokenID(random.below(12))
            text.append(token)
            lookup.append(token)
            var drafts: [TokenID] = []
            lookup.draft(1, into: &drafts)
            let known = continuations(of: text)
            expected += known.isEmpty ? 0 : 1
            if let draft = drafts.first {
                found += 1
                #expect(known.contains(draft))
            }
        }
        // The table of a text that was to have no room is tiny.
        #expect(found > 0 && found <= expected)
    }

    private func continuations(of text: [TokenID]) -> Set<TokenID> {
        guard text.count > 2 else { return [] }
        return Set(
            (2..<text.count).filter { text[$0 - 2..<$0].elementsEqual(text.suffix(2)) }
                .map { text[$0] }
        )
    }
}
