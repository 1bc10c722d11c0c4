package import ModelFiles
package import Tokenization

extension ModelSource {
    /// The model's tokenizer: of its folder, or of the GGUF file; nil where it has none.
    package func tokenizer() throws(TokenizationError) -> Tokenizer? {
        if let tokenizerFolder { return try Tokenizer(folder: tokenizerFolder) }
        guard let vocabulary else { return nil }
        return try Tokenizer(
            gguf: GGUFTokenizer(
                model: vocabulary.model,
                preTokenizer: vocabulary.preTokenizer,
                tokens: vocabulary.tokens,
                types: vocabulary.types,
                merges: vocabulary.merges,
                scores: vocabulary.scores,
                bosID: vocabulary.bosID,
                eosID: vocabulary.eosID,
                unknownID: vocabulary.unknownID,
                addsBOS: vocabulary.addsBOS,
                addsEOS: vocabulary.addsEOS,
                addsSpacePrefix: vocabulary.addsSpacePrefix,
                removesExtraSpaces: vocabulary.removesExtraSpaces,
                charsmap: vocabulary.charsmap
            )
        )
    }
}
