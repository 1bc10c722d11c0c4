import Foundation
import Hub
import Testing

@Suite struct SelectionTests {
    private static let ggufs = [
        FakeHub.File(path: "README.md", content: .other, isLarge: false),
        FakeHub.File(path: "Q8_0/tiny-Q8_0-00001-of-00002.gguf", content: .firstPart),
        FakeHub.File(path: "Q8_0/tiny-Q8_0-00002-of-00002.gguf", content: .secondPart),
        FakeHub.File(path: "mmproj-F16.gguf", content: .other),
        FakeHub.File(path: "tiny-F16-00001-of-00002.gguf", content: .other),
        FakeHub.File(path: "tiny-IQ4_K.gguf", content: .other),
        FakeHub.File(path: "tiny-Q4_K_M.gguf", content: .smallWeights),
        FakeHub.File(path: "tiny-Q4_K_S.gguf", content: .other),
        FakeHub.File(path: "tiny_q5_0.gguf", content: .other),
    ]

    @Test(arguments: [
        ("Q4_K_M", ["tiny-Q4_K_M.gguf"]), ("q4_k_m", ["tiny-Q4_K_M.gguf"]),
        ("tiny-Q4_K_M.gguf", ["tiny-Q4_K_M.gguf"]), ("q5_0", ["tiny_q5_0.gguf"]),
        (
            "Q8_0",
            ["Q8_0/tiny-Q8_0-00001-of-00002.gguf", "Q8_0/tiny-Q8_0-00002-of-00002.gguf"]
        ),
        (
            "Q8_0/tiny-Q8_0-00002-of-00002.gguf",
            ["Q8_0/tiny-Q8_0-00001-of-00002.gguf", "Q8_0/tiny-Q8_0-00002-of-00002.gguf"]
        ),
    ])
    func aFileIsNamedOrTagged(name: String, paths: [String]) async throws {
        let work = try await Workplace(Self.ggufs)
        let pulled = try await work.pull("acme/tiny:" + name)
        #expect(pulled.files.map(\.path) == paths)
        #expect(pulled.path == work.folder + "/" + paths[0])
        #expect(paths.allSatisfy(work.exists))
        #expect(work.cache.path(of: "acme/tiny:" + name) == pulled.path)
        #expect(work.cache.path(of: "acme/tiny") == pulled.path)
        try FileManager.default.removeItem(atPath: work.folder + "/" + paths[paths.count - 1])
        #expect(work.cache.path(of: "acme/tiny") == nil)
    }

    @Test(arguments: [
        ("Q4_K", HubError.Code.ambiguous, "tiny-Q4_K_S.gguf"),
        ("Q2_K", .notFound, "tiny-Q4_K_M.gguf"), ("F16", .notFound, "tiny-F16-00002-of-00002.gguf"),
        ("tiny-Q4_K_L.gguf", .notFound, "has no file tiny-Q4_K_L.gguf; it has tiny-Q4_K_"),
        ("config.json", .notFound, "no GGUF file"),
    ])
    func saysWhatThereIs(name: String, code: HubError.Code, text: String) async throws {
        let work = try await Workplace(Self.ggufs)
        let error = try await work.failure("acme/tiny:" + name)
        #expect(error.code == code && error.message.contains(text), "\(error)")
    }

    @Test func aRepositoryOfGGUFsAsksForOne() async throws {
        let work = try await Workplace(Self.ggufs)
        let error = try await work.failure()
        #expect(error.code == .noWeights)
        #expect(error.message.contains("tiny-Q4_K_M.gguf (300.0 kB)"))
        #expect(error.message.contains("acme/tiny:Q8_0/tiny-Q8_0-00001-of-00002.gguf"))
    }

    @Test func aRepositoryWithoutWeightsIsSaid() async throws {
        let work = try await Workplace([FakeHub.File(path: "pytorch_model.bin", content: .other)])
        #expect(try await work.failure().code == .noWeights)
    }

    @Test func theMakersOwnLayoutIsLeftOut() async throws {
        let work = try await Workplace(
            Workplace.weightsOnly + [
                FakeHub.File(path: "consolidated.safetensors", content: .smallWeights)
            ]
        )
        #expect(try await work.pull().files.map(\.path) == ["model.safetensors"])
    }

    @Test func ggufsStandBesideEachOther() async throws {
        let work = try await Workplace(Self.ggufs)
        try await work.pull("acme/tiny:Q4_K_M")
        try await work.pull("acme/tiny:q5_0")
        #expect(work.cache.path(of: "acme/tiny:Q4_K_M") == work.folder + "/tiny-Q4_K_M.gguf")
        #expect(work.cache.path(of: "acme/tiny:q5_0") == work.folder + "/tiny_q5_0.gguf")
        #expect(work.cache.path(of: "acme/tiny") == nil)
        let error = #expect(throws: HubError.self) { try work.cache.resolve("acme/tiny") }
        #expect(error?.code == .ambiguous && error?.message.contains("tiny_q5_0.gguf") == true)
        // Then the whole model, which takes the name.
        work.hub.set { $0.files += Workplace.weightsOnly }
        try await work.pull()
        #expect(work.cache.path(of: "acme/tiny") == work.folder)
        #expect(work.cache.path(of: "acme/tiny:q5_0") == work.folder + "/tiny_q5_0.gguf")
        #expect(work.cache.model("acme/tiny")?.files.count == 3)
    }

    @Test(arguments: [
        ("a-00002-of-00003.gguf", 2, 3), ("s/a-b-00001-of-00001.GGUF", 1, 1),
    ])
    func partsAreNumbered(path: String, number: Int, count: Int) throws {
        let part = try #require(GGUFPart(path))
        #expect(part.number == number && part.count == count && part.all.count == count)
        #expect(part.all[number - 1] == path)
    }

    @Test(arguments: [
        "a.gguf", "a-00000-of-00003.gguf", "a-00004-of-00003.gguf", "a-1-of-3.gguf",
        "a-00001-of-00000.gguf", "a-00001-of-00003.bin", "00001-of-00003.gguf",
        "a-00001-of-99999.gguf",
    ])
    func otherNamesAreNoParts(path: String) { #expect(GGUFPart(path) == nil) }
}

@Suite struct ReferenceTests {
    @Test func partsOfAName() throws {
        let whole = try ModelReference("acme/tiny-1.5_B")
        #expect(whole.name == "acme/tiny-1.5_B" && whole.revision == nil && whole.file == nil)
        let file = try ModelReference("acme/tiny@refs/pr/1:sub/a-Q4.gguf")
        #expect(file.revision == "refs/pr/1" && file.file == "sub/a-Q4.gguf")
        #expect(file.description == "acme/tiny@refs/pr/1:sub/a-Q4.gguf")
    }

    @Test(arguments: [
        "", "tiny", "/tiny", "acme/", "a/b/c", "../tiny", "acme/..", "acme/.tiny", "acme/ti ny",
        "acme/tiny@", "acme/tiny@../x", "acme/tiny@a b", "acme/tiny:", "acme/tiny:../x.gguf",
        "acme/tiny:/etc/x.gguf", "acme/tiny:a\u{0}b", "-x/tiny", "acmé/tiny", "acme/tiny?x=1",
    ])
    func refusesOtherNames(text: String) {
        #expect(throws: HubError.self) { try ModelReference(text) }
    }

    @Test func settingsComeFromTheEnvironment() throws {
        let set = ["HF_ENDPOINT": "https://hub.example/hf/", "HF_TOKEN": "hf_x"]
        let options = try HubOptions(environment: { set[$0] })
        #expect(options.endpoint == "https://hub.example/hf" && options.token == "hf_x")
        let none = try HubOptions(environment: { _ in nil })
        #expect(none.endpoint == "https://huggingface.co" && none.token == nil)
    }

    @Test(arguments: [
        "", "hub.example", "ftp://hub.example", "https://", "https://a:b@c/", "http://a?b",
    ])
    func refusesOtherEndpoints(text: String) {
        #expect(throws: HubError.self) { try HubOptions(endpoint: text) }
    }

    @Test func refusesTokensThatWouldBreakAHeader() {
        #expect(throws: HubError.self) { try HubOptions(token: "a\r\nX-Evil: 1") }
    }

    @Test func delaysDoubleWithinBounds() throws {
        let policy = RetryPolicy(try HubOptions())
        let steady = (1...8).map { policy.delay(failures: $0, retryAfter: nil, random: 0) }
        #expect(steady.prefix(3) == [.milliseconds(500), .seconds(1), .seconds(2)])
        #expect(steady.last == .seconds(30))
        #expect(policy.delay(failures: 2, retryAfter: nil, random: 1) == .milliseconds(500))
        #expect(policy.delay(failures: 1, retryAfter: .seconds(7), random: 1) == .seconds(7))
        #expect(policy.delay(failures: 1, retryAfter: .seconds(9999), random: 0) == .seconds(120))
        #expect(policy.delay(failures: 1, retryAfter: .seconds(-1), random: 0) == .zero)
        #expect(policy.delay(failures: .max, retryAfter: nil, random: 0) == .seconds(30))
    }
}
