internal import Core
internal import Execution
internal import Foundation
internal import Sampling
internal import Scheduling
internal import Synchronization

/// The engine's thread: mail, plan, run, sample, apply, deliver, again.
final class EngineLoop: @unchecked Sendable {
    // Everything but `shared` and `finished` belongs to the thread that calls `run`.

    /// A generation with answers still in the making.
    private struct Generation {
        var sequences: [SequenceID]
        var promptTokens: Int
        /// Prompt tokens that its first sequence found in the cache.
        var cachedTokens = 0
        var prefilled = false
    }

    private let model: LanguageModel
    private let executor: Executor
    private let contextLength: Int
    private let inbox: Inbox
    private let delivery: Delivery
    private var scheduler: Scheduler
    private var cost: StepCost
    private var drafting: Drafting
    private var waits = WaitEstimate()
    private let scratch = SamplerScratch()
    /// The step at hand; their memory is used again.
    private var plan = StepPlan()
    private var result = StepResult(sampled: [])
    private var generations: [GenerationID: Generation] = [:]
    private var choices: [SequenceID: Choice] = [:]
    private var nextSequence: UInt64 = 0
    private var events: [GenerationEvent] = []
    private var counters = EngineStatistics()
    private let shared = Mutex(EngineStatistics())
    private let finished = DispatchSemaphore(value: 0)

    init(
        model: LanguageModel,
        executor: Executor,
        scheduling: SchedulerConfiguration,
        contextLength: Int,
        draftTokens: Int,
        inbox: Inbox,
        delivery: Delivery
    ) {
        self.model = model
        self.executor = executor
        self.contextLength = contextLength
        self.inbox = inbox
        self.delivery = delivery
        scheduler = Scheduler(scheduling)
        let weights = max(1, model.model.layerWeightCount)
        cost = StepCost(sampledWeight: Double(model.model.headWeightCount) / Double(weights))
        drafting = Drafting(most: draftTokens)
    }

    /// Any thread may ask.
    var statistics: EngineStatistics { shared.withLock { $0 } }

    func waitUntilFinished() { finished.wait() }

    @Sendable func run() {
        var stopping = false
        while !stopping {
            stopping = readMail()
            step()
            publish()
        }
        for id in Array(generations.keys) { end(id, .cancelled) }
        publish()
        finished.signal()
    }

    /// Returns whether the engine is to stop.
    private func readMail() -> Bool {
        let mail = inbox.take(wait: generations.isEmpty)
        for request in mail.submitted { admit(request) }
        for id in mail.cancelled where generations[id] != nil { end(id, .cancelled) }
        return mail.stopping
    }

    private func admit(_ request: GenerationRequest) {
        let room = contextLength - request.prompt.count
        let maxTokens = min(request.maxTokens, room)
        var generation = Generation(sequences: [], promptTokens: request.prompt.count)
        for index in 0..<request.choices {
            let id = SequenceID(nextSequence)
            nextSequence += 1
            let admission = scheduler.submit(
                SequenceRequest(
                    id: id,
                    tenant: request.tenant,
                    prompt: request.prompt,
                    maxTokens: maxTokens
                )
            )
            if case .rejected(let reason) = admission {
                generations[request.id] = generation
                return end(request.id, .failed("the request cannot be scheduled: \(reason)"))
            }
            generation.sequences.append(id)
            choices[id] = Choice(
                request,
                index: index,
                maxTokens: maxTokens,
                model: model,
                speculates: drafting.most > 0,
                scratch: scratch
            )
        }
        generations[request.id] = generation
    }

    // MARK: one step

    private func step() {
        drafting.prepare(&scheduler, choices, cost)
        scheduler.plan(into: &plan, atMost: budget)
        if plan.isEmpty { return }
        counters.steps += 1
        let start = ContinuousClock.now
        for chunk in plan.chunks { noteStart(chunk, at: start) }
        do throws(ExecutionError) {
            let logits = try executor.run(plan)
            sample(plan, logits)
            scheduler.apply(result)
            measure(plan, since: start)
        } catch {
            scheduler.abandon()
            let hit = Set(plan.chunks.compactMap { choices[$0.sequence]?.generation })
            for id in hit { end(id, .failed("the engine could not compute a step: \(error)")) }
        }
    }

    /// Tokens of the next step.
    private var budget: Int {
        let most = scheduler.configuration.maxBatchTokens
        return StepBudget.tokens(decoding: scheduler.decodingCount, cost, most: most)
    }

    private func measure(_ plan: StepPlan, since start: ContinuousClock.Instant) {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rows = plan.chunks.reduce(0) { $0 + $1.sampledRows }
        cost.observe(tokens: plan.tokenCount, rows: rows, seconds: seconds)
    }

    private func noteStart(_ chunk: StepPlan.Chunk, at now: ContinuousClock.Instant) {
        guard let choice = choices[chunk.sequence] else { return }
        choice.start(at: now)
        guard choice.index == 0 else { return }
        generations[choice.generation]?.cachedTokens += chunk.cachedTokens
    }

    private func sample(_ plan: StepPlan, _ logits: Logits) {
        result.sampled.removeAll(keepingCapacity: true)
        var row = 0
        for chunk in plan.chunks where chunk.samples {
            sample(chunk, logits, row)
            row += chunk.sampledRows
        }
    }

    /// Picks the token after the chunk's last, and after each draft that is what was picked.
    private func sample(_ chunk: StepPlan.Chunk, _ logits: Logits, _ row: Int) {
        guard let choice = choices[chunk.sequence] else { return }
        let drafts = chunk.tokens.suffix(chunk.drafts)
        var right = 0
        var token: TokenID?
        for offset in 0...drafts.count {
            if offset > 0 {
                guard drafts[drafts.startIndex + offset - 1] == token else { break }
                right += 1
            }
            guard let event = logits.withRow(row + offset, { choice.next($0) }) else {
                end(
                    choice.generation,
                    .failed("the model's output is not a number; its weights may be damaged")
                )
                break
            }
            deliver(event, of: chunk.sequence)
            if event.finish != nil { break }
            token = event.token
        }
        choice.note(drafted: drafts.count, accepted: right)
        counters.draftedTokens += drafts.count
        counters.acceptedDrafts += right
    }

    private func deliver(_ event: TokenEvent, of id: SequenceID) {
        prefilled(event.generation)
        events.append(.token(event))
        counters.generatedTokens += 1
        let isLast = event.finish != nil
        result.sampled.append(.init(sequence: id, token: event.token, isLast: isLast))
        if isLast { finish(id, of: event.generation) }
    }

    /// The first token of any choice means the prompt is computed, and billed.
    private func prefilled(_ id: GenerationID) {
        guard let generation = generations[id], !generation.prefilled else { return }
        generations[id]?.prefilled = true
        counters.promptTokens += generation.promptTokens
        counters.cachedPromptTokens += generation.cachedTokens
        events.append(
            .prefilled(
                id,
                promptTokens: generation.promptTokens,
                cachedTokens: generation.cachedTokens
            )
        )
    }

    // MARK: endings

    private func finish(_ sequence: SequenceID, of id: GenerationID) {
        if let start = choices[sequence]?.started {
            waits.ended(after: ContinuousClock.now - start)
        }
        choices[sequence] = nil
        generations[id]?.sequences.removeAll { $0 == sequence }
        if generations[id]?.sequences.isEmpty == true { close(id, .completed) }
    }

    /// Ends a generation early: its sequences leave the scheduler at once.
    private func end(_ id: GenerationID, _ ending: GenerationEvent.Ending) {
        for sequence in generations[id]?.sequences ?? [] {
            choices[sequence] = nil
            _ = scheduler.cancel(sequence)
        }
        close(id, ending)
    }

    private func close(_ id: GenerationID, _ ending: GenerationEvent.Ending) {
        guard generations.removeValue(forKey: id) != nil else { return }
        events.append(.ended(id, ending))
        inbox.release()
    }

    /// Shows the counters, then hands the step's events over: who has seen an ending also sees
    /// its blocks free.
    private func publish() {
        counters.scheduling = scheduler.counts
        updateQueue()
        shared.withLock { $0 = counters }
        delivery.post(events)
        events.removeAll(keepingCapacity: true)
    }

    // MARK: the queue

    /// Tells everybody who waits how long, from time to time.
    private func updateQueue() {
        let counts = counters.scheduling
        counters.secondsPerPlace = waits.secondsPerPlace(running: counts.running)
        inbox.tell(waiting: counts.waiting, secondsPerPlace: counters.secondsPerPlace)
        if counts.waiting == 0 {
            if !counters.queue.isEmpty { counters.queue = [:] }
        } else if waits.isDue(ContinuousClock.now) {
            counters.queue = generations.compactMapValues(place)
        }
    }

    /// Where a generation stands that has not begun.
    private func place(_ generation: Generation) -> QueuePlace? {
        let hasBegun = generation.sequences.contains { choices[$0]?.started != nil }
        guard !hasBegun, let first = generation.sequences.first,
            let position = scheduler.position(of: first)
        else { return nil }
        let seconds = counters.secondsPerPlace.map { Double(position + 1) * $0 }
        return QueuePlace(position: position, seconds: seconds)
    }
}
