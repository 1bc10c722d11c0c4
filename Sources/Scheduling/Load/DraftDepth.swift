package import Core

/// How often a sequence's drafts turned out right lately. Evidence fades, so that who failed is
/// tried again after a while, and sooner or later after each failure.
package struct DraftHistory: Sendable {
    /// What is believed before anything is known, in trials: half of them succeed.
    private static let prior = 1.0
    /// What is left of older evidence after a trial, and after a step without one.
    private static let fading = 0.9
    private static let resting = 0.98

    private var trials = 0.0
    private var successes = 0.0

    package init() {}

    /// The chance that the next draft token is right, given that those before it are.
    package var acceptance: Double { (successes + Self.prior) / (trials + 2 * Self.prior) }

    /// Takes in a step: of `drafted` tokens the first `accepted` were right. What lies behind the
    /// first wrong one says nothing.
    package mutating func observe(drafted: Int, accepted: Int) {
        guard drafted > 0 else { return fade(Self.resting) }
        for trial in 0..<min(accepted + 1, drafted) {
            fade(Self.fading)
            trials += 1
            successes += trial < accepted ? 1 : 0
        }
    }

    private mutating func fade(_ factor: Double) {
        trials *= factor
        successes *= factor
    }
}

/// How many drafts each sequence checks in a step: as many as give the most tokens per second.
/// When a step's time grows with every row, as in a full batch, that is none.
package struct DraftDepth: Sendable {
    /// A sequence with one token to go.
    package struct Candidate: Sendable {
        package let sequence: SequenceID
        /// Drafts at hand.
        package let available: Int
        package let acceptance: Double
        /// Drafts to check; `choose` sets it.
        package fileprivate(set) var depth = 0
        /// The chance that the draft after `tried` of them is right.
        fileprivate var chance: Double
        fileprivate var tried = 0

        package init(sequence: SequenceID, available: Int, acceptance: Double) {
            self.sequence = sequence
            self.available = available
            self.acceptance = acceptance
            chance = acceptance
        }
    }

    /// Gains that are less than this are noise.
    private static let leastGain = 1.03

    /// Sets the depths of all sequences of a step, `most` together at most.
    ///
    /// Rows are added in the order of their chance; of all the batches on that way, the one with
    /// the most expected tokens per second is taken.
    package static func choose(_ candidates: inout [Candidate], _ cost: StepCost, most: Int) {
        let count = candidates.count
        guard var best = rate(count, Double(count), cost) else { return }
        best *= leastGain
        var expected = Double(count)
        for extra in 0..<max(0, most) {
            guard let next = likeliest(candidates) else { return }
            expected += candidates[next].chance
            candidates[next].chance *= candidates[next].acceptance
            candidates[next].tried += 1
            guard let rate = rate(count + extra + 1, expected, cost) else { return }
            if rate > best {
                best = rate
                for i in candidates.indices { candidates[i].depth = candidates[i].tried }
            }
        }
    }

    private static func rate(_ rows: Int, _ tokens: Double, _ cost: StepCost) -> Double? {
        cost.hopefulSeconds(tokens: rows, rows: rows).map { tokens / $0 }
    }

    private static func likeliest(_ candidates: [Candidate]) -> Int? {
        var found: Int?
        for i in candidates.indices where candidates[i].tried < candidates[i].available {
            if let best = found, candidates[best].chance >= candidates[i].chance { continue }
            found = i
        }
        return found
    }
}
