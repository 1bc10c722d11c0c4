/// One weight under both namings. Names are written without what all of a layer's have before them,
/// and `*` stands for the number of an expert.
struct TensorRule: Sendable {
    enum Kind: Sendable {
        /// NAME.weight, and NAME.bias where the model has it.
        case linear
        /// The same, always 32-bit floats: norms, biases, routers' and tables' special cases.
        case vector
    }

    /// How GGUF's rows are counted in front of the others.
    enum Stacking: Sendable { case none, experts, heads }

    /// How the rows are shared among several tensors of Hugging Face's.
    enum Shares: Sendable { case equal, queriesKeysValues }

    var huggingFace: [String]
    var gguf: [String]
    var kind = Kind.linear
    /// What follows the names on both sides.
    var endings = [Ending.weight, .bias]
    var layout = RowLayout.same
    var stacking = Stacking.none
    var shares = Shares.equal
    /// Hugging Face's floats lie as (inputs, outputs).
    var isTransposed = false
    /// GGUF's first tensor has every head turned over (DeepSeek's attn_k_b).
    var turnsFirst = false
    /// GGUF's value less Hugging Face's.
    var offset: Float = 0
    /// Old spellings are read, not written; Hugging Face's second form is written, not read.
    var isRead = true, isWritten = true

    struct Ending: Sendable {
        let huggingFace, gguf: String
        /// Whether it is part of the tensors' name or a vector beside a matrix.
        var isBias = false

        static let weight = Ending(huggingFace: ".weight", gguf: ".weight")
        static let bias = Ending(huggingFace: ".bias", gguf: ".bias", isBias: true)
        /// Hugging Face's name is complete.
        static let none = Ending(huggingFace: "", gguf: ".weight")
    }

    init(_ huggingFace: [String], _ gguf: [String], _ change: (inout TensorRule) -> Void = { _ in })
    {
        self.huggingFace = huggingFace
        self.gguf = gguf
        change(&self)
    }

    init(_ huggingFace: String, _ gguf: String, _ change: (inout TensorRule) -> Void = { _ in }) {
        self.init([huggingFace], [gguf], change)
    }

    /// A norm, or another vector whose name on Hugging Face's side is complete but for its ending.
    static func vector(_ huggingFace: String, _ gguf: String, adding offset: Float = 0)
        -> TensorRule
    {
        TensorRule(huggingFace, gguf) {
            $0.kind = .vector
            $0.offset = offset
        }
    }
}

/// A rule for one layer and one ending: the names of one weight on both sides.
struct TensorBinding: Sendable {
    let rule: TensorRule
    private let ending: TensorRule.Ending
    /// What all of the layer's names begin with.
    private let huggingFaceStart, ggufStart: String
    private let experts: Int

    /// Whether it is stored as floats of full precision, in one piece.
    var isVector: Bool { rule.kind == .vector || ending.isBias }

    /// All of a family's weights, the whole model's before the layers'.
    static func forEach(
        _ family: GGUFFamily,
        _ d: GGUFDimensions,
        _ body: (TensorBinding) throws(ModelFileError) -> Void
    ) throws(ModelFileError) {
        func each(
            _ rules: [TensorRule],
            _ ours: String,
            _ theirs: String
        ) throws(ModelFileError) {
            for rule in rules {
                for ending in rule.endings {
                    try body(
                        TensorBinding(
                            rule: rule,
                            ending: ending,
                            huggingFaceStart: ours,
                            ggufStart: theirs,
                            experts: d.experts
                        )
                    )
                }
            }
        }
        try each(family.model, "", "")
        for layer in 0..<d.layers {
            try each(family.layer, "\(family.layerPrefix)\(layer).", "blk.\(layer).")
        }
    }

    var huggingFace: [String] {
        rule.huggingFace.flatMap { names(huggingFaceStart + $0 + ending.huggingFace, experts) }
    }

    var gguf: [String] { rule.gguf.flatMap { names(ggufStart + $0 + ending.gguf, experts) } }

    /// Whether the first of the names is there. A model with many experts has many names, and most
    /// rules do not concern it.
    func mayBe(huggingFace has: (String) -> Bool) -> Bool {
        names(huggingFaceStart + rule.huggingFace[0] + ending.huggingFace, 1).allSatisfy(has)
    }

    func mayBe(gguf has: (String) -> Bool) -> Bool {
        names(ggufStart + rule.gguf[0] + ending.gguf, 1).allSatisfy(has)
    }

    private func names(_ name: String, _ count: Int) -> [String] {
        guard let star = name.firstIndex(of: "*") else { return [name] }
        let start = name[..<star], end = name[name.index(after: star)...]
        return (0..<min(count, experts)).map { "\(start)\($0)\(end)" }
    }

    private func count(_ names: [String]) -> Int {
        names.reduce(0) { $0 + ($1.contains("*") ? experts : 1) }
    }

    /// Rows of each of Hugging Face's tensors, given those of all together; nil where they do not
    /// share out.
    func huggingFaceHeights(_ d: GGUFDimensions, rows: Int) -> [Int]? {
        let count = self.count(rule.huggingFace)
        switch rule.shares {
        case .equal:
            return rows % count == 0 ? Array(repeating: rows / count, count: count) : nil
        case .queriesKeysValues:
            let kv = d.keyValueHeads * d.headWidth
            return d.heads * d.headWidth + 2 * kv == rows ? [d.heads * d.headWidth, kv, kv] : nil
        }
    }

    /// Rows of each of GGUF's tensors, given those of all together.
    func ggufHeights(_ order: RowOrder, rows: Int) -> [Int]? {
        let count = self.count(rule.gguf)
        if count > 1, let heights = order.ggufHeights { return heights }
        return rows % count == 0 ? Array(repeating: rows / count, count: count) : nil
    }

    /// How many matrices GGUF's tensor has on top of each other; nil if it is just one.
    func stackHeight(_ d: GGUFDimensions) -> Int? {
        switch rule.stacking {
        case .none: nil
        case .experts: d.experts
        case .heads: d.heads
        }
    }
}
