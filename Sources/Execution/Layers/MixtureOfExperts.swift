internal import Foundation
internal import Kernels

/// A router and its experts (Shazeer et al. 2017): every token takes the few that score highest.
/// A token's experts are summed in the order of their rank, so that its result does not depend on
/// its neighbours.
struct MixtureOfExperts: FeedForward {
    let router: Linear  // (experts, width)
    let routing: Routing
    let experts: [GatedMLP]
    /// Seen by every token.
    var shared: GatedMLP?
    /// Scores the shared expert through a sigmoid, (1, width); Qwen2-MoE.
    var sharedGate: Linear?

    var linears: [Linear] {
        [router] + experts.flatMap(\.linears) + (shared?.linears ?? [])
            + (sharedGate.map { [$0] } ?? [])
    }

    func forward(_ h: Ops.Input, rows: Int, to out: Ops.Output, _ ops: Ops, _ s: Scratch) {
        guard let mix = s.experts else { return }
        router(mix.scores, h, rows: rows, ops)
        mix.forgetChoices()
        for row in 0..<rows { mix.choose(row, routing, experts: experts.count) }
        for (index, expert) in experts.enumerated() where !mix.choices[index].isEmpty {
            let choices = mix.choices[index]
            let input = Ops.Input(mix.input, choices: choices, of: h.rows)
            expert.forward(input, rows: choices.count, to: .init(mix.output), ops, s)
            ops.scatter(mix.slots, mix.output, choices)
        }
        ops.sumSlots(mix.mixed, mix.slots, rows: rows, perRow: mix.perToken)
        if let shared { add(shared, h.made, rows, mix, ops, s) }
        if out.adds {
            ops.add(out.rows, mix.mixed, rows: rows)
        } else {
            ops.select(out.rows, mix.mixed, rows: rows)
        }
    }

    private func add(
        _ shared: GatedMLP,
        _ h: Ops.Input,
        _ rows: Int,
        _ mix: ExpertScratch,
        _ ops: Ops,
        _ s: Scratch
    ) {
        shared.forward(h, rows: rows, to: .init(mix.output), ops, s)
        guard let sharedGate else { return ops.add(mix.mixed, mix.output, rows: rows) }
        sharedGate(mix.sharedScore, h, rows: rows, ops)
        for row in 0..<rows {
            let weight = 1 / (1 + exp(-mix.sharedScore[row][0]))
            ops.add(mix.mixed, mix.output, row: row, times: weight)
        }
    }
}

/// Which experts a token takes, and with which weights.
struct Routing: Sendable {
    enum Scoring: Sendable {
        /// Probabilities over all experts.
        case softmax
        /// Each expert for itself (DeepSeek-V3).
        case sigmoid
        /// Probabilities over the chosen ones (gpt-oss, Granite).
        case softmaxOfChosen
    }
    /// Experts come in groups, and only those of the best groups are candidates (DeepSeek).
    struct Groups: Sendable {
        let count, chosen: Int
        /// A group is worth the sum of its two best, or its best.
        let scoresByTopTwo: Bool
    }

    var scoring: Scoring
    let perToken: Int
    /// Weights are divided by their sum.
    var normalises = false
    /// Weights are multiplied with this.
    var scale: Float = 1
    var groups: Groups?
    /// Added to scores for the choice alone (DeepSeek-V3).
    var correction: [Float]?

    /// Puts the chosen experts, best first, and their weights into `chosen`.
    /// - Parameter scores: one row of router outputs; used as scratch.
    func choose(
        _ scores: UnsafeMutableBufferPointer<Float>,
        _ ranks: UnsafeMutableBufferPointer<Float>,
        into chosen: inout [(expert: Int, weight: Float)]
    ) {
        let count = scores.count
        switch scoring {
        case .softmax: softmax(scores)
        case .sigmoid: for i in 0..<count { scores[i] = 1 / (1 + exp(-scores[i])) }
        case .softmaxOfChosen: break
        }
        // What is no number ranks last but above who was chosen: never is one expert chosen twice.
        for i in 0..<count {
            ranks[i] = max(-.greatestFiniteMagnitude, scores[i] + (correction?[i] ?? 0))
        }
        if let groups { dropGroups(ranks, groups) }
        chosen.removeAll(keepingCapacity: true)
        for _ in 0..<perToken {
            var best = 0
            for i in 1..<count where ranks[i] > ranks[best] { best = i }
            ranks[best] = -.infinity
            chosen.append((best, scores[best]))
        }
        weigh(&chosen)
    }

    private func weigh(_ chosen: inout [(expert: Int, weight: Float)]) {
        if scoring == .softmaxOfChosen {
            let largest = chosen.reduce(-Float.infinity) { max($0, $1.weight) }
            for i in chosen.indices { chosen[i].weight = exp(chosen[i].weight - largest) }
        }
        var factor = scale
        if normalises || scoring == .softmaxOfChosen {
            factor /= chosen.reduce(0) { $0 + $1.weight } + (scoring == .sigmoid ? 1e-20 : 0)
        }
        for i in chosen.indices { chosen[i].weight *= factor }
    }

    private func softmax(_ scores: UnsafeMutableBufferPointer<Float>) {
        let largest = scores.reduce(-Float.infinity, max)
        var total: Float = 0
        for i in scores.indices {
            scores[i] = exp(scores[i] - largest)
            total += scores[i]
        }
        for i in scores.indices { scores[i] /= total }
    }

    /// Experts outside the best groups can no longer be chosen.
    private func dropGroups(_ ranks: UnsafeMutableBufferPointer<Float>, _ groups: Groups) {
        let size = ranks.count / groups.count
        withUnsafeTemporaryAllocation(of: Float.self, capacity: groups.count) { worth in
            for group in 0..<groups.count {
                worth[group] = self.worth(ranks[group * size..<(group + 1) * size], groups)
            }
            for _ in 0..<groups.chosen {
                let best = worth.indices.max { worth[$0] < worth[$1] } ?? 0
                worth[best] = -.infinity
            }
            for group in 0..<groups.count where worth[group] != -.infinity {
                for i in group * size..<(group + 1) * size { ranks[i] = -.infinity }
            }
        }
    }

    private func worth(
        _ ranks: Slice<UnsafeMutableBufferPointer<Float>>,
        _ groups: Groups
    ) -> Float {
        var first = -Float.infinity, second = -Float.infinity
        for rank in ranks {
            if rank > first {
                (first, second) = (rank, first)
            } else {
                second = max(second, rank)
            }
        }
        return groups.scoresByTopTwo ? first + second : first
    }
}
