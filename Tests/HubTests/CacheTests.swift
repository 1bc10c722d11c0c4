import Foundation
import Hub
import Testing

@Suite struct CacheTests {
    @Test(arguments: [
        (["TOKENMILL_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"], "/c"),
        (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/tokenmill"),
        (["XDG_CACHE_HOME": "relative", "HOME": "/h"], "/h/.cache/tokenmill"),
        (["HOME": "/h"], "/h/.cache/tokenmill"),
    ])
    func theFolderComesFromTheEnvironment(set: [String: String], folder: String) throws {
        #expect(try Cache(environment: { set[$0] }).folder == folder)
    }

    @Test func withoutAHomeThereIsNoFolder() {
        #expect(throws: HubError.self) { try Cache(environment: { _ in nil }) }
    }

    @Test func aPathWinsOverAName() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        #expect(try work.cache.resolve(work.scratch.path) == work.scratch.path)
        let missing = #expect(throws: HubError.self) { try work.cache.resolve("acme/tiny") }
        #expect(missing?.message.contains("tokenmill pull acme/tiny") == true)
        let path = #expect(throws: HubError.self) { try work.cache.resolve("/none/x/y") }
        #expect(path?.code == .notFound)
        try await work.pull()
        #expect(try work.cache.resolve("acme/tiny") == work.folder)
        #expect(work.cache.path(of: "acme/tiny:Q4_0") == nil)
        #expect(work.cache.path(of: "../../etc") == nil)
    }

    @Test func modelsAreListed() async throws {
        let work = try await Workplace()
        #expect(work.cache.models() == [])
        let pulled = try await work.pull()
        let models = work.cache.models()
        #expect(models.map(\.name) == ["acme/tiny"] && models[0].revision == pulled.revision)
        #expect(models[0].bytes == Workplace.modelBytes && models[0].files.count == 3)
        #expect(!models[0].isIncomplete && models[0].incompleteBytes == 0)
        #expect(abs((models[0].date ?? 0) - Int(Date().timeIntervalSince1970)) < 60)
    }

    @Test func aModelIsDeleted() async throws {
        let work = try await Workplace()
        try await work.pull()
        let freed = try work.cache.remove(ModelReference("acme/tiny"))
        #expect(freed >= Workplace.modelBytes && work.cache.models() == [])
        #expect(!FileManager.default.fileExists(atPath: work.scratch.path + "/models/acme"))
        #expect(throws: HubError.self) { try work.cache.remove(ModelReference("acme/tiny")) }
    }

    @Test func oneFileIsDeleted() async throws {
        let work = try await Workplace([
            FakeHub.File(path: "a-Q4_0.gguf", content: .smallWeights),
            FakeHub.File(path: "a-Q8_0-00001-of-00002.gguf", content: .firstPart),
            FakeHub.File(path: "a-Q8_0-00002-of-00002.gguf", content: .secondPart),
        ])
        try await work.pull("acme/tiny:Q4_0")
        try await work.pull("acme/tiny:Q8_0")
        #expect(throws: HubError.self) { try work.cache.remove(ModelReference("acme/tiny:Q2_K")) }
        let freed = try work.cache.remove(ModelReference("acme/tiny:Q8_0"))
        #expect(freed >= 400_001 && !work.exists("a-Q8_0-00002-of-00002.gguf"))
        #expect(work.cache.path(of: "acme/tiny") == work.folder + "/a-Q4_0.gguf")
        try work.cache.remove(ModelReference("acme/tiny:Q4_0"))
        #expect(work.cache.models() == [])
    }

    @Test func onlyWhatIsUnfinishedIsDeleted() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        try await work.pull()
        let incoming = work.folder + "/.incoming"
        try FileManager.default.createDirectory(atPath: incoming, withIntermediateDirectories: true)
        let bytes = Data(Content.other.bytes)
        try bytes.write(to: URL(filePath: incoming + "/old.safetensors.partial"))
        #expect(work.cache.model("acme/tiny")?.isIncomplete == true)
        #expect(try work.cache.removeIncomplete("acme/tiny") >= bytes.count)
        #expect(work.cache.model("acme/tiny")?.isIncomplete == false)
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
    }

    /// A link in the cache is deleted; what it points to is not ours.
    @Test func linksAreNotFollowed() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        try await work.pull()
        let precious = work.scratch.path + "/precious"
        try FileManager.default.createDirectory(atPath: precious, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(filePath: precious + "/file"))
        try FileManager.default.createSymbolicLink(
            atPath: work.folder + "/link",
            withDestinationPath: precious
        )
        try work.cache.remove(ModelReference("acme/tiny"))
        #expect(FileManager.default.fileExists(atPath: precious + "/file"))
    }
}
