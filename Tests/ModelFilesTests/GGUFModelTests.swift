import Core
import Foundation
import ModelFiles
import Testing

/// GGUF files as Hugging Face models: names, layouts, and what is refused.
@Suite struct GGUFModelTests {
    // MARK: shapes and spellings

    @Test func configurationIsHuggingFaces() throws {
        let scratch = try Scratch()
        let source = try TinyGGUF().open(scratch)
        #expect(source.name == "model")
        let config = source.config
        #expect(config["model_type"] == "llama")
        #expect(config["hidden_size"] == 8)
        #expect(config["num_hidden_layers"] == 1)
        #expect(config["num_attention_heads"] == 2)
        #expect(config["num_key_value_heads"] == 1)
        #expect(config["vocab_size"] == 5)
        #expect(config["tie_word_embeddings"] == true)
        #expect(config["rms_norm_eps"]?.double == 1e-5)
        #expect(config["rope_parameters"]?["rope_theta"]?.double == 10_000)
        #expect(config["rope_parameters"]?["rope_type"] == "default")
        #expect(source.tensorNames.contains("blk.0.attn_q.weight"))
        #expect(source.has("token_embd.weight") && !source.has("model.embed_tokens.weight"))
        #expect(source.hasMatrix("model.embed_tokens.weight"))
        #expect(!source.hasMatrix("lm_head.weight"))
        #expect(source.vocabulary == nil)
        #expect(source.generationConfig?.typeName == nil)
        #expect(try source.vector("model.norm.weight").values.count == 8)
        let error = #expect(throws: ModelFileError.self) { try source.matrix("lm_head.weight") }
        #expect(error?.code == .noSuchTensor)
    }

    /// The original Llama code's pairs of neighbours become halves: rows 0, 2, 1, 3 of each head.
    @Test func rotatedRowsMove() throws {
        let scratch = try Scratch()
        let source = try TinyGGUF().open(scratch)
        let query = try source.matrix("model.layers.0.self_attn.q_proj.weight")
        #expect(firsts(query) == [0, 2, 1, 3, 4, 6, 5, 7])
        #expect(
            firsts(try source.matrix("model.layers.0.self_attn.k_proj.weight")) == [0, 2, 1, 3]
        )
        #expect(
            firsts(try source.matrix("model.layers.0.self_attn.v_proj.weight")) == [0, 1, 2, 3]
        )
    }

    @Test func fusedSpellingsAreRead() throws {
        let scratch = try Scratch()
        var file = TinyGGUF()
        for role in ["q", "k", "v"] { file.tensors["blk.0.attn_\(role).weight"] = nil }
        file.tensors["blk.0.attn_qkv.weight"] = [16, 8]
        let source = try file.open(scratch)
        let prefix = "model.layers.0.self_attn."
        #expect(
            firsts(try source.matrix(prefix + "q_proj.weight")) == [0, 2, 1, 3, 4, 6, 5, 7]
        )
        #expect(firsts(try source.matrix(prefix + "k_proj.weight")) == [8, 10, 9, 11])
        #expect(firsts(try source.matrix(prefix + "v_proj.weight")) == [12, 13, 14, 15])
    }

    /// Experts stacked, gate and up fused, or each in a tensor of its own.
    @Test(arguments: ["stacked", "fused", "single"])
    func expertsAreFound(_ form: String) throws {
        let scratch = try Scratch()
        var file = TinyGGUF()
        for role in ["gate", "up", "down"] { file.tensors["blk.0.ffn_\(role).weight"] = nil }
        file.set("expert_count", UInt32(2))
        file.set("expert_used_count", UInt32(1))
        file.tensors["blk.0.ffn_gate_inp.weight"] = [2, 8]
        switch form {
        case "stacked":
            file.tensors["blk.0.ffn_gate_exps.weight"] = [2, 4, 8]
            file.tensors["blk.0.ffn_up_exps.weight"] = [2, 4, 8]
            file.tensors["blk.0.ffn_down_exps.weight"] = [2, 8, 4]
        case "fused":
            file.tensors["blk.0.ffn_gate_up_exps.weight"] = [2, 8, 8]
            file.tensors["blk.0.ffn_down_exps.weight"] = [2, 8, 4]
        default:
            for expert in 0..<2 {
                file.tensors["blk.0.ffn_gate.\(expert).weight"] = [4, 8]
                file.tensors["blk.0.ffn_up.\(expert).weight"] = [4, 8]
                file.tensors["blk.0.ffn_down.\(expert).weight"] = [8, 4]
            }
        }
        let source = try file.open(scratch)
        #expect(source.config["model_type"] == "mixtral")
        let prefix = "model.layers.0.block_sparse_moe."
        #expect(source.hasMatrix(prefix + "gate.weight"))
        func rows(_ name: String) throws -> [Float] {
            firsts(try source.matrix(prefix + "experts.1.\(name).weight"))
        }
        switch form {
        case "stacked":
            #expect(try rows("w1") == [4, 5, 6, 7] && rows("w3") == [4, 5, 6, 7])
            #expect(try rows("w2") == Array(8..<16).map { Float($0) })
        case "fused":
            #expect(try rows("w1") == [8, 9, 10, 11] && rows("w3") == [12, 13, 14, 15])
        default:
            #expect(try rows("w1") == [0, 1, 2, 3] && rows("w3") == [0, 1, 2, 3])
        }
    }

    /// Rows change places as the blocks they are.
    @Test func blocksStayBlocks() throws {
        let scratch = try Scratch()
        var file = TinyGGUF(width: 64)
        file.types["blk.0.attn_q.weight"] = .q8_0
        let source = try file.open(scratch)
        let matrix = try source.matrix("model.layers.0.self_attn.q_proj.weight")
        #expect(matrix.encoding == .blocks(.q8_0))
        let stored = TensorMatrix(try source.tensor("blk.0.attn_q.weight"))
        #expect(row(matrix, 1) == row(stored, 2) && row(matrix, 1) != row(stored, 1))
    }

    /// DeepSeek's keys lie turned over, head by head, in any type; with values of another type
    /// beside them both are read as floats.
    @Test func latentKeysAreTurned() throws {
        let scratch = try Scratch()
        for type in [TensorType.f32, .q8_0] {
            var file = TinyGGUF.deepseek()
            file.types["blk.0.attn_k_b.weight"] = type
            let source = try file.open(scratch)
            #expect(source.config["model_type"] == "deepseek_v2")
            #expect(source.config["qk_nope_head_dim"] == 32)
            #expect(source.config["v_head_dim"] == 16)
            let matrix = try source.matrix("model.layers.0.self_attn.kv_b_proj.weight")
            #expect(matrix.rows == 2 * (32 + 16) && matrix.columns == 8)
            #expect(matrix.encoding == .blocks(.f32))
            let keys = try source.tensor("blk.0.attn_k_b.weight").floats()
            let values = try source.tensor("blk.0.attn_v_b.weight").floats()
            for head in 0..<2 {
                for index in 0..<32 {
                    let expected = (0..<8).map { keys[(head * 8 + $0) * 32 + index] }
                    #expect(floats(matrix, head * 48 + index) == expected)
                }
                let first = floats(matrix, head * 48 + 32)
                #expect(first == Array(values[head * 128..<head * 128 + 8]))
            }
        }
    }

    // MARK: settings

    @Test func perLayerNumbersMustAgree() throws {
        let scratch = try Scratch()
        var file = TinyGGUF()
        file.set("attention.head_count_kv", array: [UInt32(1), 1])
        #expect(try file.open(scratch).config["num_key_value_heads"] == 1)
        file.set("attention.head_count_kv", array: [UInt32(1), 2])
        let error = #expect(throws: ModelFileError.self) { try file.open(scratch) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("differs from layer to layer") == true)
    }

    @Test func whatIsUnknownIsRefused() throws {
        let scratch = try Scratch()
        func message(_ change: (inout TinyGGUF) -> Void) -> String {
            var file = TinyGGUF()
            change(&file)
            do {
                _ = try file.open(scratch)
                return "opened"
            } catch { return "\(error)" }
        }
        #expect(message { _ in } == "opened")
        #expect(message { $0.architecture = "mamba" }.contains("this build reads llama, qwen2"))
        #expect(message { $0.tensors["blk.0.ssm_a"] = [8] }.contains("is not known to this build"))
        #expect(message { $0.tensors["blk.1.attn_q.weight"] = [8, 8] }.contains("is not known"))
        #expect(message { $0.set("ssm.width", UInt32(3)) }.contains("will not guess"))
        #expect(message { $0.set("ssm.width", UInt32(0)) } == "opened")
        #expect(message { $0.set("attention.causal", false) }.contains("will not guess"))
        #expect(message { $0.set("attention.causal", true) } == "opened")
        #expect(message { $0.set("attention.value_length", UInt32(2)) }.contains("values of 2"))
        #expect(message { $0.set("rope.freq_base_swa", Float(5)) }.contains("windowed layers"))
        #expect(message { $0.set("rope.scaling.type", "spiral") }.contains("spiral"))
        #expect(message { $0.set("tokenmill.config", "[", whole: true) }.contains("JSON object"))
    }

    /// No number in the metadata may crash or hang.
    @Test(arguments: [0, 1, 3, 1 << 20, Int(UInt32.max)])
    func numbersAreChecked(_ number: Int) throws {
        let scratch = try Scratch()
        let keys = [
            "block_count", "context_length", "embedding_length", "feed_forward_length",
            "attention.head_count", "attention.head_count_kv", "rope.dimension_count",
            "attention.key_length", "attention.value_length", "expert_count",
            "expert_used_count", "attention.sliding_window", "attention.sliding_window_pattern",
            "nextn_predict_layers",
        ]
        for key in keys {
            var file = TinyGGUF()
            file.set(key, UInt32(number))
            guard let source = try? file.open(scratch) else { continue }
            for name in TinyGGUF.huggingFaceNames where source.hasMatrix(name) {
                guard let matrix = try? source.matrix(name) else { continue }
                if matrix.rows > 0 { _ = floats(matrix, matrix.rows - 1) }
                _ = try? source.vector(name)
            }
        }
    }

    @Test func llama3sDivisorsAreRecognised() throws {
        let scratch = try Scratch()
        func rope(_ change: (inout [Float]) -> Void) throws -> JSON? {
            var file = TinyGGUF(width: 128)
            // Of a head of 64, by Llama 3.1's rule.
            var divisors = (0..<32).map { index -> Float in
                let frequency = pow(10_000, -Double(index) / 32)
                let turns = 8192 * frequency / (2 * Double.pi)
                let smooth = min(max((turns - 1) / 3, 0), 1)
                return Float(1 / ((1 - smooth) / 8 + smooth))
            }
            change(&divisors)
            file.tensors["rope_freqs.weight"] = [32]
            file.values["rope_freqs.weight"] = divisors
            return try file.open(scratch).config["rope_parameters"]
        }
        let known = try rope { _ in }
        #expect(known?["rope_type"] == "llama3")
        #expect(known?["factor"]?.double == 8)
        #expect(known?["original_max_position_embeddings"]?.double == 8192)
        let other = try rope { $0[20] *= 1.1 }
        #expect(other?["rope_type"] == "divisors")
        #expect(other?["divisors"]?.array?.count == 32)
        #expect(try rope { $0 = $0.map { _ in 1 } }?["rope_type"] == "default")
    }

    @Test func windowsHavePatterns() throws {
        let scratch = try Scratch()
        var file = TinyGGUF(layers: 3)
        file.set("attention.sliding_window", UInt32(7))
        var config = try file.open(scratch).config
        #expect(config["model_type"] == "mistral")
        #expect(config["sliding_window"] == 7)
        let (sliding, full): (JSON, JSON) = ("sliding_attention", "full_attention")
        #expect(config["layer_types"] == .array([sliding, sliding, sliding]))
        file.set("attention.sliding_window_pattern", UInt32(2))
        config = try file.open(scratch).config
        #expect(config["layer_types"] == .array([sliding, full, sliding]))
        file.set("attention.sliding_window_pattern", array: [false, true, true])
        config = try file.open(scratch).config
        #expect(config["layer_types"] == .array([full, sliding, sliding]))
        file.set("attention.sliding_window_pattern", array: [true])
        #expect(throws: ModelFileError.self) { try file.open(scratch) }
    }

    @Test func layersAheadAreLeftAlone() throws {
        let scratch = try Scratch()
        var file = TinyGGUF(layers: 2)
        file.set("nextn_predict_layers", UInt32(1))
        file.tensors["blk.1.nextn.eh_proj.weight"] = [8, 16]
        let source = try file.open(scratch)
        #expect(source.config["num_hidden_layers"] == 1)
        #expect(!source.hasMatrix("model.layers.1.self_attn.q_proj.weight"))
    }

    // MARK: the rest of a file

    @Test func generationAndTemplate() throws {
        let scratch = try Scratch()
        var file = TinyGGUF()
        file.set("tokenizer.ggml.model", "gpt2", whole: true)
        file.set("tokenizer.ggml.pre", "qwen2", whole: true)
        file.set("tokenizer.ggml.tokens", array: ["a", "b", "ab", "<e>", "<f>"], whole: true)
        file.set("tokenizer.ggml.token_type", array: [Int32(1), 1, 1, 3, 3], whole: true)
        file.set("tokenizer.ggml.merges", array: ["a b"], whole: true)
        file.set("tokenizer.ggml.eos_token_id", UInt32(3), whole: true)
        file.set("tokenizer.ggml.eot_token_id", UInt32(4), whole: true)
        file.set("tokenizer.ggml.add_bos_token", false, whole: true)
        file.set("tokenizer.chat_template", "{{ messages }}", whole: true)
        file.set("general.sampling.temp", Float(0.7), whole: true)
        let source = try file.open(scratch)
        let vocabulary = try #require(source.vocabulary)
        #expect(vocabulary.model == "gpt2" && vocabulary.preTokenizer == "qwen2")
        #expect(vocabulary.tokens.count == 5 && vocabulary.types == [1, 1, 1, 3, 3])
        #expect(vocabulary.merges == ["a b"] && vocabulary.eosID == 3)
        #expect(vocabulary.bosID == nil && vocabulary.addsBOS == false)
        #expect(vocabulary.addsEOS == nil)
        #expect(source.chatTemplate == "{{ messages }}")
        #expect(source.generationConfig?["eos_token_id"] == [3, 4])
        #expect(source.generationConfig?["temperature"]?.double == 0.7)
    }

    @Test func foldersWithOneModel() throws {
        let scratch = try Scratch()
        let file = TinyGGUF()
        try file.write(scratch.write("one/Tiny-Q8.gguf", ""))
        try scratch.write("one/mmproj-Tiny.gguf", "")
        try scratch.write("one/README.md", "")
        let source = try ModelSource.open(scratch.path + "/one/")
        #expect(source.name == "Tiny-Q8")
        try file.write(scratch.write("one/Other.gguf", ""))
        let error = #expect(throws: ModelFileError.self) {
            try ModelSource.open(scratch.path + "/one")
        }
        #expect(error?.description.contains("\"Other.gguf\", \"Tiny-Q8.gguf\"") == true)
        for part in 0..<2 {
            try file.write(
                scratch.write("split/Tiny-0000\(part + 1)-of-00002.gguf", ""),
                part: part,
                of: 2
            )
        }
        let split = try ModelSource.open(scratch.path + "/split")
        #expect(split.name == "Tiny")
        #expect(split.hasMatrix("model.embed_tokens.weight"))
        #expect(split.hasMatrix("model.layers.0.mlp.up_proj.weight"))
    }

    /// Any byte may be wrong: an error or a model, never a crash.
    @Test func survivesMutations() throws {
        let scratch = try Scratch()
        for file in [TinyGGUF(), TinyGGUF.deepseek()] {
            let path = try scratch.write("mutant.gguf", "")
            try file.write(path)
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
            var random = SplitMix(state: 9)
            for _ in 0..<400 {
                var mutant = bytes
                for _ in 0...random.next() % 3 {
                    let place = Int(random.next() % UInt64(min(2000, bytes.count)))
                    mutant[place] = random.byte()
                }
                let path = try scratch.write("mutant.gguf", mutant)
                guard let source = try? ModelSource.open(path) else { continue }
                for name in TinyGGUF.huggingFaceNames where source.hasMatrix(name) {
                    guard let matrix = try? source.matrix(name), matrix.rows > 0 else { continue }
                    _ = floats(matrix, matrix.rows - 1)
                }
            }
        }
    }

    // MARK: types

    /// Types of the tables that this build does not have: shown, and refused by name.
    @Test(arguments: TensorType.allCases.filter { !$0.isKnown })
    func unknownTypesAreShownAndRefused(_ type: TensorType) throws {
        let scratch = try Scratch()
        var file = TinyGGUF(width: 256)
        for name in ["blk.0.attn_q.weight", "output_norm.weight"] {
            file.types[name] = type
            let rows = name == "output_norm.weight" ? 1 : 256
            file.bytes[name] = [UInt8](repeating: 0x55, count: rows * type.byteCount)
        }
        let source = try file.open(scratch)
        #expect(source.config["model_type"] == "llama")
        #expect(try source.tensor("blk.0.attn_q.weight").type == type)
        #expect(try source.tensor("blk.0.attn_q.weight").bytes.count == 256 * type.byteCount)
        _ = try source.matrix("model.layers.0.self_attn.k_proj.weight")
        let refusals: [() throws -> Void] = [
            { _ = try source.matrix("model.layers.0.self_attn.q_proj.weight") },
            { _ = try source.vector("model.norm.weight") },
            { try source.checkTypes() },
        ]
        for refusal in refusals {
            let error = #expect(throws: ModelFileError.self, performing: refusal)
            #expect(error?.code == .unsupported)
            #expect(error?.message.contains("\(type), which this build does not compute") == true)
        }
        try TinyGGUF().open(scratch).checkTypes()
    }

    /// Codes of up to two bits become integers that kernels have panels for.
    @Test(arguments: [TensorType.tq1_0, .tq2_0, .q1_0, .q2_0])
    func smallCodesAreIntegers(_ type: TensorType) throws {
        let golden = try SafetensorsFile(golden("blocks.safetensors"))
        let blocks = try golden.tensor("\(type).blocks")
        let expected = try golden.tensor("\(type).floats").floats()
        let scratch = try Scratch()
        var file = TinyGGUF(width: 256)
        let name = "blk.0.attn_v.weight"
        file.tensors[name] = [expected.count / 256, 256]
        file.types[name] = type
        file.bytes[name] = [UInt8](blocks.bytes)
        let source = try file.open(scratch)
        let matrix = try source.matrix("model.layers.0.self_attn.v_proj.weight")
        #expect(matrix.encoding == .integers(bits: 4, groupSize: type.blockWidth))
        #expect((0..<matrix.rows).flatMap { floats(matrix, $0) } == expected)
    }

    // MARK: help

    /// The first value of every row; `TinyGGUF` puts the row's number there.
    private func firsts(_ matrix: any StoredMatrix) -> [Float] {
        (0..<matrix.rows).map { floats(matrix, $0)[0] }
    }

    private func floats(_ matrix: any StoredMatrix, _ row: Int) -> [Float] {
        let decoder = RowDecoder(matrix)
        return [Float](unsafeUninitializedCapacity: matrix.columns) { buffer, count in
            if let out = buffer.baseAddress { decoder.decode(row: row, into: out) }
            count = matrix.columns
        }
    }

    private func row(_ matrix: any StoredMatrix, _ row: Int) -> [UInt8] {
        let count = matrix.encoding.byteCount(columns: matrix.columns)
        var bytes = [UInt8](repeating: 0, count: count)
        var scale: Float = 0
        var zero: UInt8 = 0
        bytes.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            matrix.read(row: row, into: EncodedRow(bytes: start, scales: &scale, zeros: &zero))
        }
        return bytes
    }
}

/// A small GGUF model to change and write. The first value of every row is the row's number, the
/// others are fractions.
struct TinyGGUF {
    var architecture = "llama"
    /// By name; outermost dimension first.
    var tensors: [String: [Int]] = [:]
    var types: [String: TensorType] = [:]
    var values: [String: [Float]] = [:]
    /// As the file has them, instead of values.
    var bytes: [String: [UInt8]] = [:]
    private var metadata: [(key: String, value: GGUFValue)] = []

    static let huggingFaceNames =
        ["model.embed_tokens.weight", "model.norm.weight"]
        + [
            "input_layernorm", "post_attention_layernorm", "self_attn.q_proj", "self_attn.k_proj",
            "self_attn.v_proj", "self_attn.o_proj", "self_attn.kv_a_proj_with_mqa",
            "self_attn.kv_b_proj", "self_attn.kv_a_layernorm", "mlp.gate_proj", "mlp.up_proj",
            "mlp.down_proj",
        ].map { "model.layers.0.\($0).weight" }

    /// Two query heads and one key head, of half the width.
    init(width: Int = 8, layers: Int = 1) {
        set("block_count", UInt32(layers))
        set("context_length", UInt32(64))
        set("embedding_length", UInt32(width))
        set("feed_forward_length", UInt32(4))
        set("attention.head_count", UInt32(2))
        set("attention.head_count_kv", UInt32(1))
        set("attention.layer_norm_rms_epsilon", Float(1e-5))
        tensors = ["token_embd.weight": [5, width], "output_norm.weight": [width]]
        for layer in 0..<layers {
            let shapes = [
                "attn_norm": [width], "attn_q": [width, width], "attn_k": [width / 2, width],
                "attn_v": [width / 2, width], "attn_output": [width, width], "ffn_norm": [width],
                "ffn_gate": [4, width], "ffn_up": [4, width], "ffn_down": [width, 4],
            ]
            for (name, shape) in shapes { tensors["blk.\(layer).\(name).weight"] = shape }
        }
    }

    /// Two heads of 32 plain and 2 rotated elements, values of 16, through a vector of 8.
    static func deepseek() -> TinyGGUF {
        var file = TinyGGUF()
        file.architecture = "deepseek2"
        for (key, value) in [
            ("attention.kv_lora_rank", 8), ("rope.dimension_count", 2),
            ("attention.key_length", 10), ("attention.value_length", 8),
            ("attention.key_length_mla", 34), ("attention.value_length_mla", 16),
            ("leading_dense_block_count", 1), ("expert_count", 0), ("expert_used_count", 0),
        ] { file.set(key, UInt32(value)) }
        for role in ["q", "k", "v"] { file.tensors["blk.0.attn_\(role).weight"] = nil }
        file.tensors["blk.0.attn_q.weight"] = [68, 8]
        file.tensors["blk.0.attn_kv_a_mqa.weight"] = [10, 8]
        file.tensors["blk.0.attn_kv_a_norm.weight"] = [8]
        file.tensors["blk.0.attn_k_b.weight"] = [2, 8, 32]
        file.tensors["blk.0.attn_v_b.weight"] = [2, 16, 8]
        file.tensors["blk.0.attn_output.weight"] = [8, 32]
        return file
    }

    /// - Parameter whole: the key is complete, not one of the architecture.
    mutating func set(_ key: String, _ value: some GGUFElement, whole: Bool = false) {
        set(key, GGUFValue(value), whole)
    }

    mutating func set(_ key: String, array: [some GGUFElement], whole: Bool = false) {
        set(key, GGUFValue(array: array), whole)
    }

    private mutating func set(_ key: String, _ value: GGUFValue, _ whole: Bool) {
        let key = whole ? key : "*." + key
        metadata.removeAll { $0.key == key }
        metadata.append((key, value))
    }

    func open(_ scratch: Scratch) throws -> ModelSource {
        let path = try scratch.write("model.gguf", "")
        try write(path)
        return try ModelSource.open(path)
    }

    func write(_ path: String, part: Int = 0, of parts: Int = 1) throws {
        var pairs = [(key: "general.architecture", value: GGUFValue(architecture))]
        for (key, value) in metadata {
            pairs.append((key.replacing("*", with: architecture, maxReplacements: 1), value))
        }
        if parts > 1 {
            pairs.append(("split.no", GGUFValue(UInt16(part))))
            pairs.append(("split.count", GGUFValue(UInt16(parts))))
        }
        let names = tensors.keys.sorted().enumerated()
            .filter { $0.offset % parts == part }.map(\.element)
        let writer = try GGUFWriter(
            path: path,
            metadata: pairs,
            tensors: names.map {
                .init(name: $0, type: types[$0] ?? .f32, shape: tensors[$0] ?? [])
            }
        )
        for name in names { try append(name, to: writer) }
        try writer.finish()
    }

    private func append(_ name: String, to writer: GGUFWriter) throws {
        if let bytes = bytes[name] { return try writer.append(bytes) }
        let shape = tensors[name] ?? []
        let columns = shape.last ?? 1
        let count = shape.reduce(1, *)
        let floats =
            values[name]
            ?? (0..<count).map { index in
                let (row, column) = index.quotientAndRemainder(dividingBy: columns)
                return column == 0 ? Float(row) : Float(index % 7) / 8
            }
        let type = types[name] ?? .f32
        var bytes = [UInt8](repeating: 0, count: type.byteCount(ofShape: shape) ?? 0)
        bytes.withUnsafeMutableBytes { out in
            floats.withUnsafeBufferPointer { input in
                guard let from = input.baseAddress, let to = out.baseAddress else { return }
                Blocks.encode(type, floats: from, count: count, into: to)
            }
        }
        try writer.append(bytes)
    }
}
