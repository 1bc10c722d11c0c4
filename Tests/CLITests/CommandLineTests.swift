import CLI
import Testing

/// What command lines mean before anything runs.
@Suite struct CommandLineTests {
    private func outcome(_ line: String) -> Outcome? {
        Outcome.parsing(line.split(separator: " ").map { String($0) })
    }

    @Test(arguments: [
        "chat", "chat -m x --quantize q4_0 --threads 2 --system Hi",
        "generate -p Hi", "generate --file - -n 5 --temperature 0 --seed 1 --json",
        "generate --tokens 1,2,3", "generate -p Hi --chat --stop a --stop b",
        "generate -p Hi --top-k 5 --top-p 0.5 --min-p 0.1 --repetition-penalty 1.1",
        "generate -p Hi --presence-penalty -1 --frequency-penalty 0.5 --ledger l",
        "serve", "serve -m a -m b --host 127.0.0.1 --port 9 --tls-cert c --tls-key k",
        "tokenize --file f --special", "detokenize -m x",
        "template --messages m --tools t --kwargs k --no-generation-prompt",
        "template --template t --messages m", "logits --tokens 1 --out o",
        "perplexity --file f --context 128 --json",
        "bench -p 16 -n 4 --batch 1,2 --threads 1 --json",
        "bench --tokenizer f --json", "inspect x", "usage --by day --since 2026-01-01 --csv",
        "keys list", "credits show", "prices show", "ledger verify", "ledger export",
    ])
    func documentedCommandLinesParse(_ line: String) {
        #expect(outcome(line) == nil)
    }

    @Test(arguments: [
        ("generate", "--tokens"), ("generate -p a --tokens 1", "one of"),
        ("generate -p a -n 0", "-n"), ("generate -p a -n -3", "-3"),
        ("generate -p a --temperature 9", "--temperature"),
        ("generate -p a --temperature nan", "--temperature"),
        ("generate -p a --temperature -0.5", "--temperature"),
        ("generate -p a --top-k -1", "--top-k"), ("generate -p a --seed -1", "--seed"),
        ("generate --tokens 1,x", "token ids"), ("generate --tokens 1 --chat", "--chat"),
        ("generate -p a --quantize q9", "--quantize"), ("generate -p a --threads 0", "--threads"),
        ("generate -p a --colour red", "--colour"), ("logits --tokens 1", "--out"),
        ("bench --batch 0", "--batch"), ("bench -p -1", "-p"), ("nonsense", "nonsense"),
        ("usage --by hour", "--by"), ("usage --json --csv", "--csv"),
    ])
    func wrongCommandLinesAreUsageErrorsThatNameTheOption(_ line: String, _ name: String) throws {
        let refusal = try #require(outcome(line))
        #expect(refusal.status == 2)
        #expect(refusal.message.contains(name), "\(refusal.message)")
        #expect(!refusal.message.contains { $0.isNewline })
        #expect(refusal.message.contains("--help"))
    }

    @Test func anythingElseIsAFailureInOneLine() {
        struct Broken: Error, CustomStringConvertible { let description = "two\nlines" }
        #expect(Outcome(of: Broken(), []) == Outcome(status: 1, message: "two lines"))
        #expect(Outcome(of: CLIError(.usage, "no"), []).status == 2)
    }
}
