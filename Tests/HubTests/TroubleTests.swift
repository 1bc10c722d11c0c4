import Core
import Foundation
import Hub
import NIOCore
import Testing

/// Networks and hubs that fail in the middle.
@Suite struct TroubleTests {
    @Test(arguments: [
        [FakeHub.Fault.status(500)], [.status(503), .status(502)],
        [.status(429, [("Retry-After", "3600")])], [.status(429)], [.status(408)],
    ])
    func passingFailuresAreTriedAgain(faults: [FakeHub.Fault]) async throws {
        let work = try await Workplace()
        work.hub.fail("revision", faults)
        work.hub.fail("tree", faults)
        work.hub.fail(Workplace.weights, faults)
        try await work.pull()
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.notes.text.contains("trying again"))
    }

    @Test func lastingFailuresEndThePull() async throws {
        let work = try await Workplace()
        work.hub.fail("tree", Array(repeating: .status(500), count: 20))
        let error = try await work.failure()
        #expect(error.code == .server && error.message.contains("6 times"))
        #expect(work.hub.requests.filter { $0.uri.contains("/tree/") }.count == 6)
    }

    @Test func aHubThatIsNotThereIsSaid() async throws {
        let work = try await Workplace()
        var options = try HubOptions(endpoint: "http://127.0.0.1:1")
        options.firstDelay = .zero
        #expect(try await work.failure("acme/tiny", options).code == .network)
    }

    @Test func aBrokenTransferGoesOnWhereItEnded() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.fail(Workplace.weights, [.cut(after: 400_000), .cut(after: 100_000)])
        try await work.pull("acme/tiny", work.plainOptions())
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        let starts = work.hub.transfers(Workplace.weights).map(\.start)
        #expect(starts.count == 3 && starts == starts.sorted())
        #expect(work.notes.meter.reading.receivedBytes == 1_000_000, "no byte came twice")
    }

    @Test func aStalledTransferIsBrokenOff() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.fail(Workplace.weights, [.stall(after: 300_000)])
        var options = try work.plainOptions()
        options.stallTimeout = .milliseconds(300)
        try await work.pull("acme/tiny", options)
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.notes.text.contains("no bytes came"))
        #expect(work.hub.transfers(Workplace.weights).count > 1)
        #expect(work.notes.meter.reading.receivedBytes == 1_000_000, "no byte came twice")
    }

    /// Slow is not stalled: the pauses together are longer than the timeout, each is far shorter.
    @Test func aTrickleIsNoStall() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.fail(
            Workplace.weights,
            [.trickle(piece: 100_000, pause: .milliseconds(400))]
        )
        var options = try work.plainOptions()
        options.stallTimeout = .milliseconds(3500)
        try await work.pull("acme/tiny", options)
        #expect(work.hub.transfers(Workplace.weights).count == 1)
    }

    @Test(arguments: [false, true])
    func aHostWithoutRangesSendsWholeFiles(breaks: Bool) async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.set { $0.ignoresRanges = true }
        if breaks { work.hub.fail(Workplace.weights, [.cut(after: 400_000)]) }
        let options = breaks ? try work.plainOptions() : try work.options()
        try await work.pull("acme/tiny", options)
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.notes.text.contains("cannot be had in parts"))
        let last = work.hub.transfers(Workplace.weights).last
        #expect(last?.range == nil && last?.sent == 1_000_000)
        #expect(work.notes.meter.reading.finishedBytes == 1_000_000)
    }

    @Test func damagedBytesAreFetchedOnceMore() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.fail(Workplace.weights, [.wrongBytes])
        try await work.pull("acme/tiny", work.plainOptions())
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.notes.text.contains("do not match the checksum"))
        #expect(work.notes.meter.reading.finishedBytes == 1_000_000)
    }

    @Test(arguments: [true, false])
    func wrongBytesAreRefused(isLarge: Bool) async throws {
        let wrong = Content.newWeights.bytes
        let work = try await Workplace([
            FakeHub.File(
                path: Workplace.weights,
                content: .weights,
                isLarge: isLarge,
                sent: wrong
            )
        ])
        let error = try await work.failure("acme/tiny", work.plainOptions())
        #expect(error.code == .checksum && error.message.contains("2 times"))
        #expect(work.cache.path(of: "acme/tiny") == nil && !work.exists(Workplace.weights))
        #expect(!work.exists(".incoming/model.safetensors.partial"))
        #expect(work.hub.requests.filter { $0.uri.contains("/resolve/") }.count == 2)
    }
}

/// Pulls that are stopped, and pulls of what has changed.
@Suite struct ResumeTests {
    /// Starts a pull whose transfer stops after 600 kB, and waits until so much is written down.
    private func begin(_ work: Workplace) async throws -> Task<Pulled, any Error> {
        work.hub.fail(Workplace.weights, [.stall(after: 600_000)])
        let pull = Task { try await work.pull("acme/tiny", work.plainOptions()) }
        try await eventually { work.savedBytes() == 600_000 }
        return pull
    }

    private func stop(_ pull: Task<Pulled, any Error>) async {
        pull.cancel()
        let result = await pull.result
        #expect(throws: HubError.self) { try result.get() }
        if case .failure(let error as HubError) = result { #expect(error.code == .cancelled) }
    }

    @Test func aStoppedPullGoesOn() async throws {
        let work = try await Workplace()
        await stop(try await begin(work))
        #expect(work.cache.path(of: "acme/tiny") == nil)
        let model = try #require(work.cache.model("acme/tiny"))
        #expect(model.isIncomplete && model.incompleteBytes >= 600_000 && model.files.isEmpty)
        let before = work.hub.sentBytes
        try await work.pull("acme/tiny", work.plainOptions())
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.hub.sentBytes - before == 400_000)
        #expect(work.cache.model("acme/tiny")?.isIncomplete == false)
        #expect(!work.exists(".incoming"))
    }

    /// What `kill -9` leaves: the files as they are in the middle of a transfer.
    @Test func aKilledPullGoesOn() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        let pull = try await begin(work)
        let other = Cache(folder: work.scratch.path + "/copy")
        try FileManager.default.copyItem(
            atPath: work.scratch.path + "/models",
            toPath: work.scratch.path + "/m"
        )
        try FileManager.default.createDirectory(
            atPath: other.folder,
            withIntermediateDirectories: true
        )
        try FileManager.default.moveItem(
            atPath: work.scratch.path + "/m",
            toPath: other.folder + "/models"
        )
        await stop(pull)
        let before = work.hub.sentBytes
        let pulled = try await work.pull("acme/tiny", work.plainOptions(), cache: other)
        #expect(work.hub.sentBytes - before == 400_000)
        let bytes = FileManager.default.contents(atPath: pulled.path + "/model.safetensors")
        #expect(bytes.map { [UInt8]($0) } == Content.weights.bytes)
    }

    @Test func unfinishedChunksGoOn() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        work.hub.fail(Workplace.weights, Array(repeating: .stall(after: 100_000), count: 4))
        let pull = Task { try await work.pull() }
        try await eventually { work.savedBytes() == 400_000 }
        await stop(pull)
        let before = work.hub.transfers(Workplace.weights).count
        try await work.pull()
        let starts = work.hub.transfers(Workplace.weights)[before...].map(\.start).sorted()
        #expect(starts == [100_000, 350_000, 600_000, 850_000])
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.hub.sentBytes == 1_000_000)
    }

    @Test func anotherVersionAtTheHostStartsAnew() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        await stop(try await begin(work))
        work.hub.set { $0.version = "-2" }
        try await work.pull("acme/tiny", work.plainOptions())
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.notes.text.contains("has changed"))
        #expect(work.hub.transfers(Workplace.weights).map(\.start) == [0, 600_000, 0])
    }

    @Test func anotherVersionInTheRepositoryStartsAnew() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        await stop(try await begin(work))
        work.hub.set { state in
            state.commit = String(repeating: "b2", count: 20)
            state.files[0].content = .newWeights
        }
        try await work.pull("acme/tiny", work.plainOptions())
        #expect(work.bytes("model.safetensors") == Content.newWeights.bytes)
        #expect(work.hub.transfers(Workplace.weights).map(\.start) == [0, 0])
    }

    @Test(arguments: ["", "{", #"{"size": -1}"#, #"{"filled": [2000000], "size": 1000000}"#])
    func aDamagedStateStartsAnew(text: String) async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        await stop(try await begin(work))
        let path = work.folder + "/.incoming/model.safetensors.state"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try await work.pull("acme/tiny", work.plainOptions())
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
    }

    @Test func anUpdateBringsWhatChanged() async throws {
        let work = try await Workplace(
            Workplace.model + [FakeHub.File(path: "extra.safetensors", content: .smallWeights)]
        )
        try await work.pull()
        work.hub.set { state in
            state.commit = String(repeating: "b2", count: 20)
            state.files.removeLast()
            state.files[3].content = .newWeights
        }
        let before = work.hub.sentBytes
        try await work.pull()
        #expect(work.bytes("model.safetensors") == Content.newWeights.bytes)
        #expect(work.hub.sentBytes - before == 1_000_000 && !work.exists("extra.safetensors"))
        let model = try #require(work.cache.model("acme/tiny"))
        #expect(model.revision?.hasPrefix("b2") == true && model.files.count == 3)
        #expect(work.cache.path(of: "acme/tiny@a1a1a1a") == nil)
        #expect(work.cache.path(of: "acme/tiny@b2b2b2b") == work.folder)
        #expect(work.cache.path(of: "acme/tiny@main") == work.folder)
    }

    @Test func anUpdateThatStopsLeavesTheOldVersion() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        try await work.pull()
        work.hub.set { state in
            state.commit = String(repeating: "b2", count: 20)
            state.files[0].content = .newWeights
        }
        await stop(try await begin(work))
        #expect(work.cache.path(of: "acme/tiny") == work.folder)
        #expect(work.bytes("model.safetensors") == Content.weights.bytes)
        #expect(work.cache.model("acme/tiny")?.isIncomplete == true)
    }

    @Test func twoPullsDoTheWorkOnce() async throws {
        let work = try await Workplace()
        async let first = work.pull()
        async let second = work.pull()
        let paths = try await [first.path, second.path]
        #expect(paths == [work.folder, work.folder])
        #expect(work.hub.transfers(Workplace.weights).count == 4)
    }

    @Test func aSecondPullSaysThatItWaits() async throws {
        let work = try await Workplace(Workplace.weightsOnly)
        let first = try await begin(work)
        var options = try work.options()
        options.waitsForOthers = false
        #expect(try await work.failure("acme/tiny", options).code == .busy)
        #expect(throws: HubError.self) { try work.cache.removeIncomplete("acme/tiny") }
        let second = Task { try await work.pull() }
        try await eventually { work.notes.text.contains("waiting for another pull") }
        await stop(first)
        #expect(try await second.value.path == work.folder)
    }
}
