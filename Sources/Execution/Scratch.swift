internal import Kernels

/// Every activation buffer of a step, taken once. Rows are tokens.
package final class Scratch: Sendable {
    /// The residual stream, (rows, width).
    let x: Rows
    /// A norm's output, (rows, width), and a second one for layers that need two at once.
    let h, h2: Rows
    /// A branch's result, (rows, width), where it does not go straight into x.
    let y: Rows
    let q, k, v: Rows
    /// Attention's output before its projection.
    let mixed: Rows
    private let hidden: [Hidden]
    let latent: LatentScratch?
    let experts: ExpertScratch?

    /// The two halves of a gated network's hidden layer.
    struct Hidden: Sendable {
        let gate, up: Rows
    }

    init(_ c: DecoderConfiguration, maxRows: Int) throws(KernelError) {
        x = try Rows(capacity: maxRows, width: c.width)
        h = try Rows(capacity: maxRows, width: c.width)
        h2 = try Rows(capacity: maxRows, width: c.width)
        y = try Rows(capacity: maxRows, width: c.width)
        q = try Rows(capacity: maxRows, width: c.queryWidth)
        k = try Rows(capacity: maxRows, width: c.keyWidth)
        v = try Rows(capacity: maxRows, width: c.valuesWidth)
        mixed = try Rows(capacity: maxRows, width: c.mixedWidth)
        let gate = try Rows(capacity: maxRows, width: c.widestMLP)
        let up = try Rows(capacity: maxRows, width: c.widestMLP)
        hidden = c.mlpWidths.map { width in
            Hidden(gate: Rows(sharing: gate, width: width), up: Rows(sharing: up, width: width))
        }
        latent = try c.latent.map { latent throws(KernelError) in
            try LatentScratch(latent, heads: c.headCount, maxRows: maxRows)
        }
        experts = try c.experts.map { experts throws(KernelError) in
            try ExpertScratch(experts, width: c.width, maxRows: maxRows)
        }
    }

    /// Room for a hidden layer of one of the configuration's `mlpWidths`.
    func hidden(width: Int) -> Hidden {
        for hidden in hidden where hidden.gate.width == width { return hidden }
        preconditionFailure("the configuration lists no network of width \(width)")
    }
}

/// Latent attention's narrow vectors.
final class LatentScratch: Sendable {
    let query: Rows?
    let keyValue: Rows
    /// The rotated part of the key, shared by all heads.
    let rotated: Rows
    /// Every head's part of the key that is not rotated.
    let plainKeys: Rows

    init(_ c: LatentConfiguration, heads: Int, maxRows: Int) throws(KernelError) {
        query = try c.queryRank.map { rank throws(KernelError) in
            try Rows(capacity: maxRows, width: rank)
        }
        keyValue = try Rows(capacity: maxRows, width: c.keyValueRank)
        rotated = try Rows(capacity: maxRows, width: c.rotatedWidth)
        plainKeys = try Rows(capacity: maxRows, width: heads * c.plainWidth)
    }
}

/// Who goes to which expert, and the rows on their way there and back.
final class ExpertScratch: @unchecked Sendable {  // used by one step at a time
    let perToken: Int
    /// (rows, experts), and one row that choosing uses up.
    let scores, ranks: Rows
    let sharedScore: Rows
    /// Rows of one expert, (rows, width).
    let input, output: Rows
    /// (rows * perToken, width).
    let slots: Rows
    /// The experts' sum, (rows, width).
    let mixed: Rows
    /// By expert. A result's slot is row * perToken + rank.
    private(set) var choices: [[ExpertChoice]]
    private var chosen: [(expert: Int, weight: Float)] = []

    init(_ c: ExpertConfiguration, width: Int, maxRows: Int) throws(KernelError) {
        perToken = c.perToken
        scores = try Rows(capacity: maxRows, width: c.count)
        ranks = try Rows(capacity: 1, width: c.count)
        sharedScore = try Rows(capacity: maxRows, width: 1)
        input = try Rows(capacity: maxRows, width: width)
        output = try Rows(capacity: maxRows, width: width)
        slots = try Rows(capacity: maxRows * c.perToken, width: width)
        mixed = try Rows(capacity: maxRows, width: width)
        choices = Array(repeating: [], count: c.count)
        for index in choices.indices { choices[index].reserveCapacity(maxRows) }
        chosen.reserveCapacity(c.perToken)
    }

    func forgetChoices() {
        for index in choices.indices { choices[index].removeAll(keepingCapacity: true) }
    }

    func choose(_ row: Int, _ routing: Routing, experts: Int) {
        let row0 = UnsafeMutableBufferPointer(start: scores[row], count: experts)
        let ranks = UnsafeMutableBufferPointer(start: ranks[0], count: experts)
        routing.choose(row0, ranks, into: &chosen)
        for (rank, choice) in chosen.enumerated() {
            choices[choice.expert].append(
                ExpertChoice(row: row, slot: row * perToken + rank, weight: choice.weight)
            )
        }
    }
}
