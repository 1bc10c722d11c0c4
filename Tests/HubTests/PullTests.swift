import Core
import Foundation
import Hub
import Testing

@Suite struct PullTests {
    @Test func bringsAModelAndNothingElse() async throws {
        let work = try await Workplace()
        let pulled = try await work.pull()
        #expect(pulled.path == work.folder && pulled.bytes == Workplace.modelBytes)
        #expect(pulled.revision == work.hub.commit)
        let names = try FileManager.default.contentsOfDirectory(atPath: work.folder).sorted()
        #expect(names == [".pulled.json", "config.json", "model.safetensors", "tokenizer.json"])
        #expect(work.bytes("config.json") == Content.config.bytes)
        #expect(work.bytes("tokenizer.json") == Content.tokenizer.bytes)
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.cache.path(of: "acme/tiny") == work.folder)
        let reading = work.notes.meter.reading
        #expect(reading.finishedBytes == Workplace.modelBytes && reading.files == 3)
        #expect(reading.bytes == Workplace.modelBytes && reading.finishedFiles == 3)
        #expect(reading.receivedBytes == Workplace.modelBytes && reading.checking == 0)
    }

    @Test func largeFilesComeInRanges() async throws {
        let work = try await Workplace()
        try await work.pull()
        let starts = work.hub.transfers(Workplace.weights).map(\.start).sorted()
        #expect(starts == [0, 250_000, 500_000, 750_000])
    }

    @Test func aSecondPullTransfersNothing() async throws {
        let work = try await Workplace()
        try await work.pull()
        let before = work.hub.sentBytes
        let again = try await work.pull()
        #expect(again.path == work.folder && work.hub.sentBytes == before)
    }

    @Test func takesFilesThatAreAlreadyThere() async throws {
        let work = try await Workplace()
        try await work.pull()
        try FileManager.default.removeItem(atPath: work.folder + "/.pulled.json")
        #expect(work.cache.path(of: "acme/tiny") == nil)
        let before = work.hub.sentBytes
        try await work.pull()
        #expect(work.hub.sentBytes == before && work.cache.path(of: "acme/tiny") == work.folder)
    }

    @Test func repairsAFileThatIsGone() async throws {
        let work = try await Workplace()
        try await work.pull()
        try FileManager.default.removeItem(atPath: work.folder + "/tokenizer.json")
        #expect(work.cache.path(of: "acme/tiny") == nil)
        #expect(work.cache.model("acme/tiny")?.isIncomplete == true)
        try await work.pull()
        #expect(work.bytes("tokenizer.json") == Content.tokenizer.bytes)
        #expect(work.hub.transfers(Workplace.weights).count == 4)
    }

    @Test func anEmptyFileIsAFile() async throws {
        let work = try await Workplace(
            Workplace.weightsOnly + [
                FakeHub.File(path: "merges.txt", content: .empty, isLarge: false)
            ]
        )
        try await work.pull()
        #expect(work.bytes("merges.txt") == [])
    }

    @Test func listsComeInPages() async throws {
        let work = try await Workplace()
        work.hub.set { $0.pageSize = 2 }
        try await work.pull()
        #expect(work.cache.path(of: "acme/tiny") != nil)
        #expect(work.hub.requests.filter { $0.uri.contains("/tree/") }.count == 4)
    }

    @Test(arguments: [
        "../evil.safetensors", "a/../../evil.safetensors", "/etc/evil.safetensors",
        "a\\..\\evil.safetensors", "nul\u{0}.safetensors", "a//b.safetensors", "./a.safetensors",
        "line\nbreak.safetensors", "..", "",
    ])
    func refusesPathsThatLeaveTheFolder(path: String) async throws {
        let work = try await Workplace(
            Workplace.model + [FakeHub.File(path: path, content: .other)]
        )
        #expect(try await work.failure().code == .unsafePath)
        #expect(work.hub.sentBytes == 0)
    }

    @Test func aFullDiskIsSaidBeforeTheFirstByte() async throws {
        let work = try await Workplace()
        var options = try work.options()
        options.reservedBytes = 1 << 60
        let error = try await work.failure("acme/tiny", options)
        #expect(error.code == .diskFull && error.message.contains("1.0 MB"))
        #expect(error.message.contains("TOKENMILL_CACHE") && work.hub.sentBytes == 0)
    }

    @Test func aFileThatIsListedTwiceIsOneFile() async throws {
        let work = try await Workplace(Workplace.weightsOnly + Workplace.weightsOnly)
        #expect(try await work.pull().files.count == 1)
        #expect(work.hub.sentBytes == 1_000_000)
    }

    @Test(arguments: [
        (1 << 44, HubError.Code.diskFull), ((1 << 44) + 1, .badResponse), (Int.max, .badResponse),
        (-1, .badResponse), (999_999, .badResponse),
    ])
    func sizesThatAreNotTrueDoNoHarm(size: Int, code: HubError.Code) async throws {
        let files = (0..<3).map { index in
            FakeHub.File(path: "\(index).safetensors", content: .weights, listedSize: size)
        }
        let work = try await Workplace(files)
        #expect(try await work.failure("acme/tiny", work.plainOptions()).code == code)
    }

    @Test func whatIsNoHubIsSaidSo() async throws {
        let work = try await Workplace()
        work.hub.set { $0.isNoHub = true }
        let error = try await work.failure()
        #expect(error.code == .badResponse && error.message.contains("HF_ENDPOINT"))
    }
}

@Suite struct AccessTests {
    @Test func theTokenStaysWithTheHub() async throws {
        let work = try await Workplace()
        work.hub.set { $0.token = "hf_secret" }
        var options = try work.options()
        options.token = "hf_secret"
        try await work.pull("acme/tiny", options)
        let requests = work.hub.requests
        #expect(requests.contains { $0.isStorage })
        #expect(requests.allSatisfy { ($0.authorization == nil) == $0.isStorage })
    }

    @Test func aMissingTokenIsSaid() async throws {
        let work = try await Workplace()
        work.hub.set { $0.token = "hf_secret" }
        let error = try await work.failure()
        #expect(error.code == .unauthorized && error.message.contains("HF_TOKEN"))
        var options = try work.options()
        options.token = "hf_old"
        let other = try await work.failure("acme/tiny", options)
        #expect(other.code == .unauthorized && other.message.contains("does not accept"))
        #expect(work.hub.requests.count == 2, "a refusal is final")
    }

    @Test func aLicenceIsSaidWithItsPage() async throws {
        let work = try await Workplace()
        work.hub.fail("revision", [.status(403, [("X-Error-Code", "GatedRepo")])])
        let error = try await work.failure()
        #expect(error.code == .forbidden && error.message.contains("HF_TOKEN"))
        #expect(error.message.contains(work.hub.endpoint + "/acme/tiny"))
    }

    @Test func saysWhatIsMissing() async throws {
        let work = try await Workplace()
        let model = try await work.failure("acme/tiny@v9")
        #expect(model.code == .notFound && model.message.contains("v9"))
        #expect(model.message.contains("main, v1.0"))
        let file = try await work.failure("acme/tiny:none.gguf")
        #expect(file.code == .notFound && file.message.contains("none.gguf"))
        work.hub.set { $0.name = "acme/other" }
        let name = try await work.failure()
        #expect(name.code == .notFound && name.message.contains("acme/tiny-2"))
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://localhost/x", "http:///x", ""])
    func refusesOddRedirects(target: String) async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.fail(Workplace.weights, [.redirect(to: target)])
        #expect(try await work.failure("acme/tiny", work.plainOptions()).code == .badResponse)
    }

    @Test func redirectsEnd() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        let again = "/acme/tiny/resolve/\(work.hub.commit)/model.safetensors"
        work.hub.fail(
            Workplace.weights,
            Array(repeating: .redirect(to: again), count: 6)
        )
        let error = try await work.failure("acme/tiny", work.plainOptions())
        #expect(error.code == .badResponse && error.message.contains("redirects"))
    }
}
