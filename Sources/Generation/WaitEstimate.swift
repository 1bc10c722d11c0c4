/// Where a generation stands in line.
package struct QueuePlace: Sendable, Equatable {
    /// Answers that begin before its first.
    package var position: Int
    /// Until it begins; nil while nothing is known.
    package var seconds: Double?
}

/// How long those in line will wait: answers take so long on average, and one of those running ends
/// in that time divided by their number.
struct WaitEstimate {
    /// Share of a new answer in the average.
    private static let weight = 0.1
    /// Between two looks at the whole queue, which take a while.
    private static let period = Duration.milliseconds(200)

    private var secondsPerAnswer: Double?
    private var latest: ContinuousClock.Instant?

    /// An answer that ran for so long is over.
    mutating func ended(after duration: Duration) {
        let seconds = duration / .seconds(1)
        let known = secondsPerAnswer ?? seconds
        secondsPerAnswer = known + (seconds - known) * Self.weight
    }

    func secondsPerPlace(running: Int) -> Double? {
        secondsPerAnswer.map { $0 / Double(max(1, running)) }
    }

    /// Whether it is time to look at the queue again.
    mutating func isDue(_ now: ContinuousClock.Instant) -> Bool {
        if let latest, now - latest < Self.period { return false }
        latest = now
        return true
    }
}
