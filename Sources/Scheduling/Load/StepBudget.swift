/// How many tokens a step may have, so that who reads an answer does not notice the prompts of
/// others: it may take a little less than twice as long as one without prompts would.
package enum StepBudget {
    /// Of the quiet step's time. The rest, up to twice, is for what was not foreseen.
    private static let stretch = 1.9
    /// Kernels work on so many tokens at a time; a step has a multiple.
    private static let tile = 4
    /// Prompt tokens that are let through whatever they cost, so that prompts get on.
    private static let least = 4

    /// - Parameters:
    ///   - decoding: sequences with one token to go; with none there is nobody to wait.
    ///   - most: tokens of a step at most.
    package static func tokens(decoding: Int, _ cost: StepCost, most: Int) -> Int {
        guard decoding > 0, let quiet = cost.seconds(tokens: decoding, rows: decoding) else {
            return most
        }
        // Prompts wait one step, which shows what a quiet one takes.
        guard cost.hasFloor(tokens: decoding, rows: decoding) else { return min(most, decoding) }
        let fitting = cost.tokens(within: quiet * stretch, rows: decoding, most: most)
        let prompts = max(least, fitting / tile * tile - decoding)
        return min(most, decoding + prompts)
    }
}
