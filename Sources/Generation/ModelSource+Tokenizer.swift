package import ModelFiles
package import Tokenization

extension ModelSource {
    /// The model's tokenizer: of its folder, or of the GGUF file; nil where it has none.
    package func tokenizer() throws(TokenizationError) -> Tokenizer? {
        if let tokenizerFolder { return try Tokenizer(folder: tokenizerFolder) }
        return try vocabulary?.tokenizer()
    }
}

extension StoredVocabulary {
    /// The tokenizer that a GGUF file's metadata describes.
    package func tokenizer() throws(TokenizationError) -> Tokenizer {
        try Tokenizer(
            gguf: GGUFTokenizer(
                model: model,
                preTokenizer: preTokenizer,
                tokens: tokens,
                types: types,
                merges: merges,
                scores: scores,
                bosID: bosID,
                eosID: eosID,
                unknownID: unknownID,
                addsBOS: addsBOS,
                addsEOS: addsEOS,
                addsSpacePrefix: addsSpacePrefix,
                removesExtraSpaces: removesExtraSpaces,
                charsmap: charsmap
            )
        )
    }
}
