package import ProtobufRuntime

/// From bytes to messages and back, with the statuses gRPC gives to what cannot be coded.
package enum MessageCoding {
  /// The message the bytes hold.
  ///
  /// Throws `INTERNAL` naming the place when they are not such a message.
  package static func decode<Message: ProtobufMessage>(
    _ type: Message.Type, from bytes: [UInt8]
  ) throws(GRPCStatus) -> Message {
    do throws(ProtobufError) {
      return try Message(serializedBytes: bytes, options: .messages(upTo: bytes.count))
    } catch {
      throw GRPCStatus(.internal, "cannot decode the message: \(error)")
    }
  }

  /// The message's bytes.
  ///
  /// Throws `INTERNAL` when the message cannot be encoded.
  package static func encode(_ message: some ProtobufMessage) throws(GRPCStatus) -> EncodedMessage {
    do throws(ProtobufError) {
      return EncodedMessage(try message.serializedBytes())
    } catch {
      throw GRPCStatus(.internal, "cannot encode the message: \(error)")
    }
  }
}
