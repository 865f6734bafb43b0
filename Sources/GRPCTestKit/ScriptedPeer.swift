package import HTTP2

/// A session under test, and the peer it talks to, who says exactly what the script says and understands every answer.
///
/// Nothing moves by itself: `send` gives the session bytes, `answer` takes what it produced since the last time.
package final class ScriptedPeer {
  /// What the session said, with header lists decoded, and GOAWAY without its text, which is in `goAwayTexts`.
  package enum Answer: Hashable, Sendable {
    case frame(HTTP2Frame)
    case headers(Int32, HeaderFields, endStream: Bool)
    case goAway(lastStream: Int32, HTTP2ErrorCode)
  }

  package let session: HTTP2Session
  package let events = EventRecorder()
  /// The time the session is told, in nanoseconds.
  package var now: UInt64 = 0
  /// What each GOAWAY of the session said in words. Where nghttp2 ends a session by itself, the words are its own.
  package private(set) var goAwayTexts: [String] = []
  private let role: HTTP2Session.Role
  private var decoder = HeaderDecoder()
  private var unread: ArraySlice<UInt8> = []

  /// - Parameter role: the role of the session under test; the script plays the other.
  package init(_ role: HTTP2Session.Role, _ configuration: HTTP2Configuration = HTTP2Configuration()) {
    self.role = role
    session = HTTP2Session(role: role, configuration: configuration)
  }

  /// Opens the connection: preface and settings both ways, and their acknowledgements.
  package func open(settings: KeyValuePairs<UInt16, UInt32> = [:]) throws {
    if role == .server { try send(bytes: HTTP2Frame.preface) }
    try send(.settings(settings))
    _ = try answer()
    try send(.settingsAcknowledgement)
    _ = events.take(settings: true)
  }

  package func send(_ frames: HTTP2Frame...) throws(HTTP2Error) {
    for frame in frames { try send(bytes: frame.bytes) }
  }

  package func send(bytes: [UInt8]) throws(HTTP2Error) {
    try session.receive(bytes, now: now, delegate: events)
  }

  /// What the session has said since the last call.
  package func answer(bufferBytes: Int = 16 * 1024) throws -> [Answer] {
    try frames(bufferBytes: bufferBytes).map { frame in
      switch frame.kind {
      case .headers:
        .headers(frame.stream, try decoder.decode(frame.payload), endStream: frame.flags.contains(.endStream))
      case .goAway:
        read(goAway: frame)
      default: .frame(frame)
      }
    }
  }

  private func read(goAway frame: HTTP2Frame) -> Answer {
    goAwayTexts.append(String(decoding: frame.payload.dropFirst(8), as: UTF8.self))
    return .goAway(
      lastStream: Int32(networkBytes: frame.payload.prefix(4)),
      HTTP2ErrorCode(rawValue: UInt32(networkBytes: frame.payload.dropFirst(4).prefix(4))))
  }

  private func frames(bufferBytes: Int) throws -> [HTTP2Frame] {
    while true {
      let produced = session.produce(atMost: bufferBytes, delegate: events)
      guard !produced.isEmpty else { break }
      unread.append(contentsOf: produced)
    }
    if role == .client, unread.starts(with: HTTP2Frame.preface) {
      unread = unread.dropFirst(HTTP2Frame.preface.count)
    }
    var frames: [HTTP2Frame] = []
    while let frame = HTTP2Frame(takingFrom: &unread) { frames.append(frame) }
    return frames
  }

  /// Whether the session has nothing more to say or to hear.
  package var isFinished: Bool { session.isFinished }

  /// Why the session ended, when it ended for an error.
  package var failure: HTTP2Error? { session.failure }

  package var openStreams: Int { session.openStreams }

  /// The open stream with this number.
  package func stream(_ number: Int32) throws -> HTTP2StreamID {
    guard let stream = events.streams[number] else { throw NoSuchStream(number: number) }
    return stream
  }

  /// Begins a request of a client under test.
  package func request(_ headers: HTTP2HeaderList, endStream: Bool = false) throws(HTTP2Error) -> HTTP2StreamID {
    let recorder = events.recorder(of: 0)
    let stream = try session.submitRequest(headers, endStream: endStream, delegate: recorder)
    recorder.number = stream.number
    events.opened(stream)
    return stream
  }

  /// A script names a stream that was never opened.
  package struct NoSuchStream: Error {
    package let number: Int32
  }
}

extension ScriptedPeer.Answer {
  package static func data(_ stream: Int32, _ text: String, endStream: Bool = false) -> Self {
    .frame(.data(stream, text, endStream: endStream))
  }

  package static func reset(_ stream: Int32, _ code: HTTP2ErrorCode) -> Self {
    .frame(.reset(stream, code))
  }

  package static func windowUpdate(_ stream: Int32, _ increment: UInt32) -> Self {
    .frame(.windowUpdate(stream, increment))
  }
}
