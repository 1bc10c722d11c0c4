/// What turns words into tokens.
enum TokenizerModel: Sendable {
    case bpe(BPE)
    case unigram(Unigram)
}
