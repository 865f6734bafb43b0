/// The limits a message from outside must keep to.
public struct DecodingOptions: Sendable, Equatable {
  /// The largest encoded message that is accepted; 4 MiB unless changed, gRPC's customary limit.
  public var messageBytesMax = 4 * 1024 * 1024

  /// How many messages may lie within each other below the outermost one.
  public var nestingMax = 100

  /// The memory decoding may take for libprotobuf-c's structs; 64 MiB unless changed.
  ///
  /// A few encoded bytes can stand for a large struct (an empty submessage costs up to 56 times its encoding), so a
  /// limit on the message alone does not bound the memory.
  public var memoryBytesMax = 64 * 1024 * 1024

  /// Creates the default limits.
  public init() {}

  /// The same limits for messages of up to `bytes` bytes.
  public static func messages(upTo bytes: Int) -> DecodingOptions {
    var options = DecodingOptions()
    options.messageBytesMax = bytes
    return options
  }
}
