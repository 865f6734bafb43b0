internal import Glibc
internal import NIOCore

/// Keeps a listener from trying again and again to accept what the system has no descriptor or memory for: it looks away
/// for a while, in which the peers wait in the system's queue.
///
/// NIO keeps a listener alive after such an error, and registered: without this, its event loop would do nothing else.
final class AcceptPause: ChannelInboundHandler {
  typealias InboundIn = Channel

  /// How long the listener looks away.
  static let length: TimeAmount = .seconds(1)

  private let onPause: (String) -> Void

  /// `onPause` is told why, each time.
  init(onPause: @escaping (String) -> Void) {
    self.onPause = onPause
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A peer that left before it was accepted is no reason to let others wait.
    guard let error = error as? IOError, error.errnoCode != ECONNABORTED else { return }
    onPause("no connection can be accepted now: \(error)")
    let channel = context.channel
    Self.setReading(channel, false)
    channel.eventLoop.scheduleTask(in: Self.length) { Self.setReading(channel, true) }
  }

  private static func setReading(_ channel: any Channel, _ reads: Bool) {
    // `try?`: it fails when the listener was stopped meanwhile, and then there is nothing to pause.
    try? channel.syncOptions?.setOption(.autoRead, value: reads)
  }
}
