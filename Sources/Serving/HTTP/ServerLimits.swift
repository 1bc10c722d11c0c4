/// Bounds on what a connection may take.
package struct ServerLimits: Sendable {
    /// Open connections; more wait in the kernel's queue.
    package var connections = 1024
    /// Nothing received for this long, in headers or between requests, ends a connection.
    package var idle = Duration.seconds(60)
    /// A request's body must be there this long after its head.
    package var body = Duration.seconds(30)
    /// The same for bodies that no handler reads, such as those of refused requests.
    package var unreadBody = Duration.seconds(40)
    /// A client that takes nothing for this long is gone.
    package var writeStall = Duration.seconds(60)
    /// Between comments that keep a silent stream open.
    package var keepAlive = Duration.seconds(15)
    /// How long answers in progress may go on after the signal to end.
    package var drain = Duration.seconds(10)
    package var headerFieldBytes = 16 << 10
    package var headerBytes = 32 << 10
    package var headerFields = 100

    package init() {}
}
