import Core
import Scheduling
import Testing

/// Runs a scheduler from lines of text. A line is a command, ` -> ` and what came of it:
///
///     submit s1 ann a*40 max=3 -> queued
///     plan -> s1 0+40! [0 1]
///     apply s1:7 -> nothing
///
/// A prompt is a list of letter*count: `a*32,b*8` is the first 32 tokens of text a, then 8 of b.
/// A chunk is `sequence start+count`, `!` when it samples, `~` and its drafts, its block table, `w` and its table of
/// window blocks if there are any, and `hit=` the tokens the prefix cache gave. `copy 3>5*9`
/// is a copy of 9 tokens from block 3 to block 5, `w` of window blocks. In `apply`, a token with a dot is the sequence's last.
struct Transcript {
    private var scheduler: Scheduler

    init(_ configuration: SchedulerConfiguration) { scheduler = Scheduler(configuration) }

    /// Expects that the commands of `script` give just its lines.
    static func check(
        blocks: Int = 8,
        batch: Int = 64,
        sequences: Int = 8,
        caching: Bool = false,
        queued: Int = 100,
        chunk: Int = .max,
        window: Int? = nil,
        windowBlocks: Int? = nil,
        _ script: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let configuration = SchedulerConfiguration(
            blockCount: blocks,
            maxBatchTokens: batch,
            maxSequences: sequences,
            prefixCaching: caching,
            maxQueued: queued,
            maxChunkTokens: chunk,
            window: window,
            windowBlockLimit: windowBlocks
        )
        var transcript = Transcript(configuration)
        for line in script.split(separator: "\n") {
            let command = line.split(separator: " -> ")[0]
            let words = command.split(separator: " ").map(String.init)
            let actual = "\(command) -> \(transcript.run(words))"
            #expect(actual == line, sourceLocation: location)
        }
    }

    private mutating func run(_ words: [String]) -> String {
        switch words[0] {
        case "submit": submit(words)
        case "draft": draft(words)
        case "plan": Self.text(scheduler.plan())
        case "apply": ended(scheduler.apply(StepResult(sampled: words.dropFirst().map(sampled))))
        case "abandon": ended(scheduler.abandon())
        case "cancel": "\(scheduler.cancel(sequence(words[1])))"
        case "counts": counts
        default: "no such command"
        }
    }

    private mutating func submit(_ words: [String]) -> String {
        let request = SequenceRequest(
            id: sequence(words[1]),
            tenant: TenantID(words[2]),
            prompt: words[3].split(separator: ",").flatMap(tokens),
            maxTokens: Int(words[4].dropFirst("max=".count)) ?? 0
        )
        return switch scheduler.submit(request) {
        case .queued: "queued"
        case .rejected(let reason): "rejected \(reason)"
        }
    }

    private mutating func draft(_ words: [String]) -> String {
        scheduler.draft(
            words[2].split(separator: ",").map { TokenID($0, default: -1) },
            for: sequence(words[1])
        )
        return "noted"
    }

    private func tokens(_ text: Substring) -> [TokenID] {
        let parts = text.split(separator: "*")
        let letter = TokenID(parts[0].utf8.first ?? 0)
        return (0..<TokenID(parts[1], default: 0)).map { letter * 10_000 + $0 }
    }

    private func sampled(_ word: String) -> StepResult.Sampled {
        let parts = word.split(separator: ":")
        let isLast = word.hasSuffix(".")
        let token = TokenID(isLast ? parts[1].dropLast() : parts[1], default: -1)
        return .init(sequence: sequence(String(parts[0])), token: token, isLast: isLast)
    }

    private func sequence(_ word: String) -> SequenceID {
        SequenceID(UInt64(word.dropFirst()) ?? 0)
    }

    private func ended(_ sequences: [SequenceID]) -> String {
        sequences.isEmpty ? "nothing" : "ended " + list(sequences)
    }

    private static func text(_ plan: StepPlan) -> String {
        var parts = plan.chunks.map { chunk in
            let windows = chunk.windowBlocks
            return "\(chunk.sequence) \(chunk.start)+\(chunk.tokens.count)"
                + "\(chunk.samples ? "!" : "")"
                + (chunk.drafts > 0 ? "~\(chunk.drafts) " : " ") + table(chunk.blocks)
                + (windows.isEmpty ? "" : " w" + table(windows))
                + (chunk.cachedTokens > 0 ? " hit=\(chunk.cachedTokens)" : "")
        }
        parts += plan.copies.map {
            "copy \($0.windowed ? "w" : "")\($0.from)>\($0.to)*\($0.tokens)"
        }
        if !plan.preempted.isEmpty { parts.append("preempted " + list(plan.preempted)) }
        return parts.isEmpty ? "nothing" : parts.joined(separator: " | ")
    }

    private static func table(_ blocks: [Int32]) -> String {
        "[" + blocks.map { $0 < 0 ? "-" : "\($0)" }.joined(separator: " ") + "]"
    }

    private var counts: String {
        let c = scheduler.counts
        return "running=\(c.running) waiting=\(c.waiting) used=\(c.blocksUsed)/\(c.blocksTotal)"
            + " cached=\(c.blocksCached) preemptions=\(c.preemptions)"
            + " hits=\(c.prefixHitTokens)/\(c.prefixQueryTokens)"
            + (c.windowBlocksTotal > 0
                ? " windows=\(c.windowBlocksUsed)/\(c.windowBlocksTotal)" : "")
    }
}

private func list(_ sequences: [SequenceID]) -> String {
    sequences.map(\.description).joined(separator: " ")
}

extension TokenID {
    fileprivate init(_ text: some StringProtocol, default value: TokenID) {
        self = TokenID(text) ?? value
    }
}
