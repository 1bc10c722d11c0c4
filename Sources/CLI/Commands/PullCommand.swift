import ArgumentParser
import Core
import Glibc
import Hub

/// `tokenmill pull`: models from a hub to this disk.
struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Download a model from a Hugging Face compatible hub.",
        discussion: """
            Without FILE: configuration, tokenizer and safetensors. FILE is a GGUF file of the \
            repository, or a tag in its name such as Q4_K_M. A pull that was stopped continues where \
            it ended. HF_ENDPOINT names another hub, HF_TOKEN opens private and gated models, \
            TOKENMILL_CACHE says where models are kept.
            """
    )

    @Argument(help: "OWNER/NAME[@REVISION][:FILE]")
    var model: String

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    @Flag(help: "Print one JSON object at the end.")
    var json = false

    func run() async throws {
        let environment = Paths.current.environment
        let pulled: Pulled
        do throws(HubError) {
            let puller = try Puller(
                Cache(environment: environment),
                HubOptions(environment: environment)
            )
            pulled = try await pull(ModelReference(model), puller)
        } catch {
            throw CLIError(error)
        }
        try Terminal.write((json ? pulled.json.text() : pulled.path) + "\n")
        guard !quiet else { return }
        let files = pulled.files.count == 1 ? "1 file" : "\(pulled.files.count) files"
        Terminal.note("\(files), \(Decimal.bytes(pulled.bytes)), checked")
    }

    private func pull(
        _ reference: ModelReference,
        _ puller: Puller
    ) async throws(HubError) -> Pulled {
        let quiet = quiet
        let meter = PullMeter { line in
            guard !quiet else { return }
            Terminal.progress("")
            Terminal.note(line)
        }
        let work = Task { () async -> Result<Pulled, HubError> in
            do throws(HubError) {
                return .success(try await puller.pull(reference, meter))
            } catch {
                return .failure(error)
            }
        }
        // The first Ctrl-C ends the transfers in order; the second ends the program, which loses
        // nothing that is written down either.
        let interrupts = try? Interrupts()
        interrupts?.onInterrupt {
            signal(SIGINT, SIG_DFL)
            work.cancel()
        }
        let watch = Task { if !quiet { await PullProgress.show(meter) } }
        let result = await work.value
        watch.cancel()
        await watch.value
        return try result.get()
    }
}

extension CLIError {
    /// A name that cannot be one is the command line's fault.
    init(_ error: HubError) {
        self.init(error.code == .invalidName ? .usage : .failed, error.message)
    }
}

extension Pulled {
    fileprivate var json: JSON {
        [
            "model": .string(name),
            "revision": .string(revision),
            "path": .string(path),
            "files": .array(files.map(\.json)),
            "bytes": .int(bytes),
        ]
    }
}

/// Tells on standard error how far a pull is: a bar on a terminal, now and then a line elsewhere.
private struct PullProgress {
    private static let drawInterval = Duration.milliseconds(200)
    private static let lineInterval = Duration.seconds(10)
    /// The speed shown is that of the last moments, so that it follows the network.
    private static let window = Duration.seconds(10)

    private var samples: [(time: ContinuousClock.Instant, bytes: Int)] = []

    /// Returns when the task is cancelled.
    static func show(_ meter: PullMeter) async {
        let isTerminal = isatty(STDERR_FILENO) == 1
        var progress = PullProgress()
        var drawn = ContinuousClock.now
        while (try? await Task.sleep(for: drawInterval)) != nil {
            let now = ContinuousClock.now
            let reading = meter.reading
            progress.add(reading, now)
            guard reading.files > 0 else { continue }
            if isTerminal {
                Terminal.progress(progress.bar(reading) + progress.text(reading))
            } else if now - drawn >= lineInterval {
                drawn = now
                Terminal.note(progress.text(reading))
            }
        }
        Terminal.progress("")
    }

    private mutating func add(_ reading: PullMeter.Reading, _ now: ContinuousClock.Instant) {
        samples.append((now, reading.receivedBytes))
        samples.removeAll { now - $0.time > Self.window }
    }

    private func bar(_ reading: PullMeter.Reading) -> String {
        let width = 20
        let filled = reading.bytes > 0 ? width * reading.finishedBytes / reading.bytes : width
        let done = max(0, min(width, filled))
        return "[" + String(repeating: "#", count: done)
            + String(repeating: "-", count: width - done) + "] "
    }

    /// "2/6 files, 1.2 GB of 2.4 GB, 85.3 MB/s, 0:14 left"
    private func text(_ reading: PullMeter.Reading) -> String {
        var parts = [
            "\(reading.finishedFiles)/\(reading.files) files",
            "\(Decimal.bytes(max(reading.finishedBytes, 0))) of \(Decimal.bytes(reading.bytes))",
        ]
        let left = reading.bytes - reading.finishedBytes
        if let speed = bytesPerSecond, speed > 0, left > 0 {
            parts.append("\(Decimal.bytes(speed))/s")
            parts.append("\(Self.clock(left / speed)) left")
        } else if reading.checking > 0 {
            parts.append("checking")
        }
        return parts.joined(separator: ", ")
    }

    private var bytesPerSecond: Int? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let seconds = (last.time - first.time) / .seconds(1)
        return seconds > 0 ? Int(Double(last.bytes - first.bytes) / seconds) : nil
    }

    /// "1:02:03" or "2:03".
    private static func clock(_ seconds: Int) -> String {
        let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
        let two = { (number: Int) in (number < 10 ? "0" : "") + "\(number)" }
        return minutes < 60
            ? "\(minutes):\(two(rest))" : "\(minutes / 60):\(two(minutes % 60)):\(two(rest))"
    }
}
