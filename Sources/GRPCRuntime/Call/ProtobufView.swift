/// What the runtime needs of a message, until ProtobufRuntime brings the whole.
public protocol ProtobufMessage: Sendable, Equatable {
  /// Reads a message.
  init(serializedBytes bytes: [UInt8]) throws
  /// The message on the wire.
  func serializedBytes() throws -> [UInt8]
}

/// A packed message of any type.
public struct ProtobufAny: Sendable, Equatable {
  /// The type's URL.
  public var typeURL = ""
  /// The message on the wire.
  public var value: [UInt8] = []
}
