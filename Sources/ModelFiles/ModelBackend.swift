internal import Core

/// What a model format must answer to be a `ModelSource`. Names are Hugging Face's.
protocol ModelBackend: Sendable {
    var config: JSON { get }
    var generationConfig: JSON? { get }
    var chatTemplate: String? { get }
    var tokenizerFolder: String? { get }
    var vocabulary: StoredVocabulary? { get }
    /// As the file spells them.
    var tensorNames: [String] { get }

    /// Tensors as they lie, by the names of `tensorNames`.
    func has(_ name: String) -> Bool
    func tensor(_ name: String) throws(ModelFileError) -> Tensor

    /// What the model calls the weight that a tensor of `tensorNames` holds or is a part of; nil
    /// where it belongs to something that is not run.
    func weightName(of tensor: String) -> String?

    func releasePages()

    func hasMatrix(_ name: String) -> Bool
    func matrix(_ name: String, transposed: Bool) throws(ModelFileError) -> any StoredMatrix
    func vector(_ name: String) throws(ModelFileError) -> StoredVector
}

/// A small tensor as floats: a norm's weights, a bias, a table of positions.
package struct StoredVector: Sendable, Equatable {
    /// Outermost dimension first.
    package var shape: [Int]
    package var values: [Float]
}

/// The tokenizer that a GGUF file carries, as it is written there.
package struct StoredVocabulary: Sendable {
    /// `tokenizer.ggml.model`: "gpt2" for byte-level BPE, "llama" and "t5" for SentencePiece's models.
    package var model: String
    /// `tokenizer.ggml.pre`: how words are split; nil where the file does not say.
    package var preTokenizer: String?
    /// By id.
    package var tokens: [String]
    /// By id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; empty if not given.
    package var types: [Int]
    /// "left right", most important first.
    package var merges: [String]
    /// By id; empty if not given.
    package var scores: [Float]
    package var bosID, eosID, unknownID: Int?
    /// Whether texts begin and end with those; nil where the file does not say.
    package var addsBOS, addsEOS: Bool?
    /// `add_space_prefix` and `remove_extra_whitespaces`; nil where the file does not say.
    package var addsSpacePrefix, removesExtraSpaces: Bool?
    /// `precompiled_charsmap`: SentencePiece's rules of normalisation; empty if not given.
    package var charsmap: [UInt8]
}
