package import GoogleAPI
internal import ProtobufRuntime

/// `grpc-status-details-bin`: a `google.rpc.Status` that repeats the code and the message and adds the details.
package enum StatusDetails {
  /// The bytes of the header, or nil when there are no details to send.
  package static func encode(_ status: GRPCStatus) -> [UInt8]? {
    guard !status.details.isEmpty else { return nil }
    var message = RPCStatus()
    message.code = Int32(truncatingIfNeeded: status.code.rawValue)
    message.message = status.message
    message.details = status.details
    // The code and the message arrive even when the details cannot be encoded.
    return try? message.serializedBytes()
  }

  /// The details in the bytes of a header; none when it cannot be read, because a bad detail must not hide the status.
  package static func decode(_ bytes: [UInt8]) -> [ProtobufAny] {
    // Unreadable details are dropped for the reason above.
    (try? RPCStatus(serializedBytes: bytes))?.details ?? []
  }
}
