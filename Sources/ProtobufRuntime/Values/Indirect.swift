/// A message behind a reference, for a field whose type contains itself.
///
/// The reference is never shared with a writer: changing the field replaces it, so the message stays a value.
public final class Indirect<Message: ProtobufMessage>: Sendable, Equatable {
  /// The message.
  public let message: Message

  /// Stores a message.
  public init(_ message: Message) { self.message = message }

  /// Stores a message where there is one.
  public convenience init?(_ message: Message?) {
    guard let message else { return nil }
    self.init(message)
  }

  /// References are equal when what they lead to is.
  public static func == (left: Indirect, right: Indirect) -> Bool {
    left === right || left.message == right.message
  }
}
