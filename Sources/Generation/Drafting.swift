internal import Core
internal import Scheduling

/// Speculation without a draft model: lets sequences guess from their own text, as far as that
/// makes a step more productive. Answers do not change, only the number of steps they take.
struct Drafting {
    /// Drafts of one sequence in a step; 0 turns speculation off.
    let most: Int
    private var candidates: [DraftDepth.Candidate] = []
    private var drafts: [TokenID] = []

    init(most: Int) { self.most = most }

    /// Gives the scheduler drafts for its next plan. None while a prompt is computed: its tokens
    /// use the step better, being certain.
    mutating func prepare(
        _ scheduler: inout Scheduler,
        _ choices: [SequenceID: Choice],
        _ cost: StepCost
    ) {
        guard most > 0, scheduler.isOnlyDecoding else { return }
        candidates.removeAll(keepingCapacity: true)
        scheduler.forEachDecoding { id, useful in
            guard let choice = choices[id] else { return }
            let available = choice.draftsAvailable(min(useful, most))
            candidates.append(
                .init(
                    sequence: id,
                    available: available,
                    acceptance: choice.draftHistory.acceptance
                )
            )
        }
        DraftDepth.choose(&candidates, cost, most: Limits.draftRows)
        for candidate in candidates where candidate.depth > 0 {
            choices[candidate.sequence]?.draft(candidate.depth, into: &drafts)
            scheduler.draft(drafts, for: candidate.sequence)
        }
    }
}
