import Core
import Foundation
import Testing

/// The built program on a model with random weights.
@Suite struct ProgramTests {
    private let program: Program
    private let model = ["-m", Program.tinyModel]

    init() throws { program = try Program() }

    @Test func generatePrintsOneJSONObjectWithStableKeys() throws {
        let arguments = ["generate", "--tokens", "5,6,7", "-n", "4", "--seed", "1", "--json"]
        let result = try program.run(arguments + model)
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json
        #expect(
            json.object?.keys
                == ["prompt_tokens", "tokens", "text", "finish_reason", "usage"]
        )
        #expect(json["prompt_tokens"]?.int == 3)
        #expect(json["tokens"]?.array?.count == json["usage"]?["completion_tokens"]?.int)
        #expect(json["usage"]?["cost"]?.string == "0")
    }

    @Test func helpIsAResult() throws {
        let result = try program.run(["generate", "--help"])
        #expect(result.status == 0)
        #expect(result.output.contains("--temperature"))
        #expect(result.errors.isEmpty)
    }

    @Test func theSameSeedGivesTheSameBytes() throws {
        let arguments = ["generate", "--tokens", "5,6,7", "-n", "24", "--seed", "7"] + model
        let first = try program.run(arguments), second = try program.run(arguments)
        #expect(first.status == 0, "\(first.errors)")
        #expect(!first.output.isEmpty)
        #expect(first.output == second.output)
    }

    @Test func logitsWritesATensorOfTokensByVocabulary() throws {
        let file = program.path("logits.safetensors")
        let result = try program.run(["logits", "--tokens", "5,6,7", "--out", file] + model)
        #expect(result.status == 0, "\(result.errors)")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        let headerBytes = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSON(parsing: bytes[8..<8 + headerBytes])
        #expect(header["logits"]?["dtype"] == "F32")
        #expect(header["logits"]?["shape"] == [3, 320])
        #expect(bytes.count == 8 + headerBytes + 3 * 320 * 4)
    }

    @Test func benchReportsItsRowsBesideTheMachinesLimits() throws {
        let arguments = ["bench", "-p", "8", "-n", "2", "--batch", "1,3", "--json"]
        let result = try program.run(arguments + model)
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json
        #expect((json["read_gb_per_s"]?.double ?? 0) > 0)
        #expect((json["int8_tops"]?.double ?? 0) > 0)
        let rows = try #require(json["rows"]?.array)
        #expect(rows.map { $0["test"] } == ["prefill", "decode", "decode"])
        #expect(rows.map { $0["batch"] } == [1, 1, 3])
        for row in rows {
            #expect((row["tokens_per_second"]?.double ?? 0) > 0)
            #expect((row["share_of_limit"]?.double ?? 0) > 0)
        }
    }

    @Test func inspectTellsWhatTheModelIs() throws {
        let result = try program.run(["inspect", Program.tinyModel, "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let json = try result.json
        #expect(json["architecture"] == "llama")
        #expect(json["runs"] == true)
        #expect(json["context_length"] == 1024)
        #expect(json["tokenizer"] == false)
    }

    @Test func inspectNamesWhatIsLeftOut() throws {
        let model = Program.tinyModel + "/../gemma3-images"
        let json = try program.run(["inspect", model, "--json"]).json
        #expect(json["architecture"] == "gemma3_text")
        #expect(json["runs"] == true)
        #expect(json["left_out"] == ["multi_modal_projector", "vision_tower"])
        let groups = try #require(json["tensor_groups"]?.array)
        #expect(groups.allSatisfy { $0["name"]?.string?.contains("vision") == false })
    }

    @Test func templateRendersMessages() throws {
        let template = program.path("t.jinja"), messages = program.path("m.json")
        try "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}".write(
            toFile: template,
            atomically: false,
            encoding: .utf8
        )
        let result = try program.run(
            ["template", "--template", template, "--messages", "-"],
            input: #"[{"role": "user", "content": "Hi"}]"#
        )
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "<user>Hi")
        #expect(
            try program.run(["template", "--template", messages, "--messages", "-"]).status == 1
        )
    }

    @Test func generationsAreOnTheBooks() throws {
        let generated = try program.run(
            ["generate", "--tokens", "5,6,7", "-n", "4", "--json"] + model
        )
        let usage = try program.run(["usage", "--json"])
        #expect(usage.status == 0, "\(usage.errors)")
        #expect(usage.output.contains("\"completion_tokens\":"))
        let produced = try #require(generated.json["usage"]?["completion_tokens"]?.int)
        #expect(usage.output.contains("\"completion_tokens\":\(produced)"))
        #expect(try program.run(["ledger", "verify"]).status == 0)
        let lines = try program.run(["ledger", "export"]).output.split(separator: "\n")
        let transfers = try lines.map { try JSON(parsing: String($0)) }
        #expect(transfers.map { $0["kind"] } == ["reserve", "settle"])
        #expect(transfers.allSatisfy { $0["postings"]?.array?.isEmpty == true })
    }
}

/// What the program says to bad input: one line that says what to do, and the right status.
@Suite struct ProgramErrorTests {
    private let program: Program

    init() throws { program = try Program() }

    /// Runs it and checks the form of its refusal.
    private func refusal(
        _ arguments: [String],
        status: Int32 = 1,
        input: String = "",
        _ location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let result = try program.run(arguments, input: input)
        #expect(result.status == status, "\(result.errors)", sourceLocation: location)
        #expect(result.output.isEmpty, sourceLocation: location)
        #expect(result.errors.hasPrefix("tokenmill: "), sourceLocation: location)
        #expect(result.errors.count { $0.isNewline } == 1, sourceLocation: location)
        return result.errors
    }

    @Test func aMissingModel() throws {
        for command in [["generate", "--tokens", "1"], ["logits", "--tokens", "1", "--out", "o"]] {
            #expect(try refusal(command + ["-m", "/nowhere/model"]).contains("/nowhere/model"))
        }
        #expect(try refusal(["inspect", "/nowhere/model"]).contains("/nowhere/model"))
    }

    @Test func noModelAtAll() throws {
        let elsewhere = program.path("elsewhere")
        #expect(try refusal(["tokenize", "-m", elsewhere]).contains("elsewhere"))
    }

    @Test func truncatedWeights() throws {
        let model = try program.brokenModel("model.safetensors") { $0.prefix($0.count / 2) }
        let message = try refusal(["generate", "--tokens", "1", "-m", model])
        #expect(message.contains("model.safetensors"))
        #expect(try refusal(["inspect", model]).contains("model.safetensors"))
    }

    @Test func aConfigurationThatIsNoJSON() throws {
        let model = try program.brokenModel("config.json") { _ in Data("{\"model_type\": ".utf8) }
        #expect(try refusal(["generate", "--tokens", "1", "-m", model]).contains("config.json"))
    }

    @Test func anUnknownArchitecture() throws {
        let model = try program.brokenModel("config.json") { data in
            let text = String(decoding: data, as: UTF8.self)
            return Data(text.replacingOccurrences(of: "\"llama\"", with: "\"mamba\"").utf8)
        }
        let message = try refusal(["generate", "--tokens", "1", "-m", model])
        #expect(message.contains("mamba") && message.contains("llama"))
        let inspection = try program.run(["inspect", model, "--json"])
        #expect(try inspection.json["runs"] == false)
    }

    @Test func aPromptOverTheContext() throws {
        let tokens = [String](repeating: "5", count: 1024).joined(separator: ",")
        let arguments = ["--tokens", tokens, "-m", Program.tinyModel]
        let message = try refusal(["generate"] + arguments)
        #expect(message.contains("1024"))
        let out = program.path("o")
        let longer = ["logits", "--out", out, "--tokens", tokens + ",5", "-m", Program.tinyModel]
        #expect(try refusal(longer).contains("1025"))
    }

    @Test func tokensOutsideTheVocabulary() throws {
        let arguments = ["--tokens", "1,320", "-m", Program.tinyModel]
        #expect(try refusal(["generate"] + arguments).contains("320"))
        let out = program.path("o")
        #expect(try refusal(["logits", "--out", out] + arguments).contains("320"))
    }

    @Test func aModelWithoutATokenizer() throws {
        let model = ["-m", Program.tinyModel]
        #expect(try refusal(["generate", "-p", "Hi"] + model).contains("--tokens"))
        #expect(try refusal(["tokenize"] + model).contains("tokenizer.json"))
        #expect(try refusal(["chat"] + model).contains("template"))
    }

    @Test func whatIsNeitherTextNorJSON() throws {
        #expect(
            try refusal(["template", "--template", "/nowhere", "--messages", "-"], input: "[{]")
                .contains("line 1")
        )
        let ids = try refusal(
            ["template", "--template", "/nowhere", "--messages", "-"],
            input: "3"
        )
        #expect(ids.contains("array"))
    }

    @Test func usageErrorsHaveStatusTwo() throws {
        #expect(try refusal(["generate", "-p", "a", "-n", "-5"], status: 2).contains("-5"))
        #expect(try refusal(["generate", "-p", "a", "--colour"], status: 2).contains("--colour"))
        #expect(try refusal(["dance"], status: 2).contains("dance"))
        #expect(try refusal(["serve", "--tls-cert", "x"], status: 2).contains("--tls-key"))
    }

    @Test func aLedgerThatIsNone() throws {
        let file = program.path("not-a-ledger")
        try String(repeating: "not a database ", count: 100).write(
            toFile: file,
            atomically: false,
            encoding: .utf8
        )
        let arguments = ["generate", "--tokens", "1", "-m", Program.tinyModel, "--ledger", file]
        #expect(try refusal(arguments).contains("not-a-ledger"))
    }
}
