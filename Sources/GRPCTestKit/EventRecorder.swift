package import HTTP2

/// Writes down what a session tells, in its order, so that a test can compare it with what should have been told.
package final class EventRecorder: HTTP2SessionDelegate {
  /// One event.
  package enum Event: Hashable, Sendable {
    case request(Int32, HeaderFields, endStream: Bool)
    case response(Int32, HeaderFields)
    case data(Int32, [UInt8])
    case trailers(Int32, HeaderFields)
    case end(Int32)
    case drained(Int32)
    case closed(Int32, HTTP2StreamClosure)
    case settings(HTTP2PeerSettings)
    case pong(UInt64)
    case goAway(lastStream: Int32, HTTP2ErrorCode, debugText: String = "")
  }

  private var events: [Event] = []

  /// The streams that were opened, by number.
  package private(set) var streams: [Int32: HTTP2StreamID] = [:]

  /// What happens in answer to a request's headers, from inside the event; nil refuses the stream.
  package var onRequest: (HTTP2StreamID) -> Bool = { _ in true }

  /// What happens in answer to a part of a body, from inside the event.
  package var onData: (HTTP2StreamID, Int) -> Void = { _, _ in }

  package init() {}

  /// The events since the last call. Settings are left out unless asked for: every exchange begins with them.
  package func take(settings: Bool = false) -> [Event] {
    defer { events = [] }
    return events.filter { if case .settings = $0 { settings } else { true } }
  }

  /// Records a client's stream from here on.
  package func recorder(of number: Int32) -> StreamRecorder {
    StreamRecorder(self, number)
  }

  fileprivate func record(_ event: Event) {
    events.append(event)
  }

  package func opened(_ stream: HTTP2StreamID) {
    streams[stream.number] = stream
  }

  package func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    record(.request(stream.number, HeaderFields(headers), endStream: endStream))
    opened(stream)
    return onRequest(stream) ? StreamRecorder(self, stream.number) : nil
  }

  package func settingsReceived(_ settings: HTTP2PeerSettings) {
    record(.settings(settings))
  }

  package func pingAcknowledged(_ payload: UInt64) {
    record(.pong(payload))
  }

  package func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {
    record(.goAway(lastStream: lastStream, code, debugText: debugText))
  }
}

/// Records the events of one stream.
package final class StreamRecorder: HTTP2StreamDelegate {
  private let recorder: EventRecorder
  /// The stream's number; a client learns it after it has made the recorder.
  package var number: Int32

  init(_ recorder: EventRecorder, _ number: Int32) {
    self.recorder = recorder
    self.number = number
  }

  package func headersReceived(_ headers: borrowing HTTP2HeaderBlock) {
    recorder.record(.response(number, HeaderFields(headers)))
  }

  package func dataReceived(_ bytes: Span<UInt8>) {
    recorder.record(.data(number, bytes.indices.map { bytes[$0] }))
    if let stream = recorder.streams[number] { recorder.onData(stream, bytes.count) }
  }

  package func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock) {
    recorder.record(.trailers(number, HeaderFields(trailers)))
  }

  package func endReceived() {
    recorder.record(.end(number))
  }

  package func queueDrained() {
    recorder.record(.drained(number))
  }

  package func streamClosed(_ closure: HTTP2StreamClosure) {
    recorder.record(.closed(number, closure))
  }
}

extension HeaderFields {
  /// A copy of a received list.
  package init(_ block: borrowing HTTP2HeaderBlock) {
    self.init()
    for index in 0..<block.count {
      fields.append(Field(name: block.name(at: index), value: block.value(at: index)))
    }
  }
}
