internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// Sits in each connection's pipeline and knows what a request's handler cannot see: whether the
/// client is still there. It also ends connections that hold a place without using it.
///
/// A client that closes its sending side counts as gone: it can no longer be told from one that
/// closed the connection.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler, @unchecked Sendable {
    // `closing` is guarded by its mutex; everything else belongs to the channel's event loop.
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private struct Closing {
        var isClosed = false
        var handler: (@Sendable () -> Void)?
    }
    private let closing = Mutex(Closing())
    private let limits: ServerLimits
    private var receiveDeadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    init(limits: ServerLimits) { self.limits = limits }

    /// Calls `handler` once when the client goes away, or at once if it is gone. One handler at a
    /// time; nil removes it.
    func onClose(_ handler: (@Sendable () -> Void)?) {
        let isClosed = closing.withLock { closing in
            if !closing.isClosed { closing.handler = handler }
            return closing.isClosed
        }
        if isClosed { handler?() }
    }

    // MARK: closing

    func channelInactive(context: ChannelHandlerContext) {
        cancelDeadlines()
        close()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { close() }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancelDeadlines() }

    private func close() {
        let handler = closing.withLock { closing in
            closing.isClosed = true
            defer { closing.handler = nil }
            return closing.handler
        }
        handler?()
    }

    // MARK: deadlines

    /// A request must have arrived whole some time after its head: idle timeouts do not stop who
    /// sends a byte now and then.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            receiveDeadline?.cancel()
            receiveDeadline = closeLater(context, after: limits.unreadBody)
        case .end:
            receiveDeadline?.cancel()
            receiveDeadline = nil
        case .body: break
        }
        context.fireChannelRead(data)
    }

    /// Who does not read what was sent for this long is gone.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeDeadline?.cancel()
        writeDeadline =
            context.channel.isWritable
            ? nil : closeLater(context, after: limits.writeStall)
        context.fireChannelWritabilityChanged()
    }

    private func closeLater(
        _ context: ChannelHandlerContext,
        after delay: Duration
    ) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: TimeAmount(delay)) {
            channel.close(promise: nil)
        }
    }

    private func cancelDeadlines() {
        receiveDeadline?.cancel()
        writeDeadline?.cancel()
    }
}
