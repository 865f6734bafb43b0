internal import HTTP2

/// The answer of a unary call that is known without waiting for anything. It is sent where its request is read: no task
/// is started, and no handler runs.
public struct ReadyAnswer: Sendable {
  let message: EncodedMessage
  let headers: ReadyHeaders

  /// An answer with headers that were made before.
  public init(_ message: EncodedMessage, headers: ReadyHeaders) {
    self.message = message
    self.headers = headers
  }
}

/// The headers of answers that have the same initial metadata, made once for all of them.
public struct ReadyHeaders: Sendable {
  let list: HTTP2HeaderList

  /// Headers with this initial metadata.
  public init(_ metadata: Metadata = Metadata()) {
    list = ResponseHeaders.list(metadata)
  }

  /// Headers with one element of initial metadata, for answers that each have another: name and value are those of a header
  /// that is known to be well formed.
  package init(name: String, value: String) {
    var list = ResponseHeaders.plain
    list.append(name: name, value: value)
    self.list = list
  }
}
