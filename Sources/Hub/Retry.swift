/// When to ask a hub again after a failure that may pass.
package struct RetryPolicy: Sendable {
    var attempts: Int
    var first: Duration
    var longest: Duration
    var longestRetryAfter: Duration

    package init(_ options: HubOptions) {
        attempts = options.attempts
        first = options.firstDelay
        longest = options.longestDelay
        longestRetryAfter = options.longestRetryAfter
    }

    /// How long to wait after so many failures in a row: doubling, and up to half of it left to
    /// chance, so that clients that failed together do not come back together. What the hub asks
    /// for comes first, within bounds.
    /// - Parameter random: from 0 up to 1.
    package func delay(failures: Int, retryAfter: Duration?, random: Double) -> Duration {
        if let retryAfter { return min(max(retryAfter, .zero), longestRetryAfter) }
        let doubled = (1..<min(max(failures, 1), 64)).reduce(first) { delay, _ in
            min(delay * 2, longest)
        }
        return min(doubled, longest) * (1 - random / 2)
    }

    /// Runs `body` until it succeeds, fails for good, or has failed `attempts` times in a row.
    /// - Parameters:
    ///   - what: what is tried, for notes.
    ///   - progress: a count that grows while `body` gets somewhere, which clears the failures.
    func run<Value>(
        _ what: String,
        _ meter: PullMeter,
        progress: () -> Int = { 0 },
        _ body: () async throws(HubError) -> Value
    ) async throws(HubError) -> Value {
        var failures = 0
        while true {
            let before = progress()
            do throws(HubError) {
                return try await body()
            } catch {
                if Task.isCancelled { throw HubError.stopped }
                guard error.code.isTransient else { throw error }
                failures = progress() > before ? 1 : failures + 1
                guard failures < attempts else { throw Self.given(up: error, after: failures) }
                let delay = delay(
                    failures: failures,
                    retryAfter: error.retryAfter,
                    random: .random(in: 0..<1)
                )
                meter.note("\(what): \(error.message); trying again in \(Self.text(delay))")
                try await sleep(delay)
            }
        }
    }

    private static func given(up error: HubError, after failures: Int) -> HubError {
        HubError(
            error.code,
            "\(error.message), \(failures) times in a row; pull again later to continue"
        )
    }

    private static func text(_ delay: Duration) -> String {
        let seconds = delay.components.seconds
        return seconds < 1 ? "a moment" : "\(seconds) s"
    }
}

func sleep(_ delay: Duration) async throws(HubError) {
    do { try await Task.sleep(for: delay) } catch { throw HubError.stopped }
}
