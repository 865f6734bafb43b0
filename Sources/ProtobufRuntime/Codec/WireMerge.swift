internal import CProtobufC

// SAFETY: descriptors are constants of the generated C code, and are only read.
/// Joins the parts of a message that came in several, before libprotobuf-c sees them.
///
/// protobuf encoding, "Last One Wins": a message field that is not repeated may come more than once, and its parts are
/// merged. libprotobuf-c 1.4.1 refuses that where a part has a oneof without a member, and drops the earlier part
/// where the field itself is in a oneof. As merging two messages is decoding one behind the other, their bytes are put
/// together here. Encoders do not send such messages, so the walk before this one tells when it is worth the while.
@safe enum WireMerge {
  /// The same message with each such field once, where its last part stood.
  /// - Parameter bytes: an encoded message that `WireGuard` has accepted.
  static func joined(_ bytes: [UInt8], as descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> [UInt8] {
    unsafe joined(bytes[...], as: descriptor)
  }

  private static func joined(
    _ bytes: ArraySlice<UInt8>, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> [UInt8] {
    let message = Array(bytes)
    let fields = Array(WireFields(message))
    var parts: [Int32: [UInt8]] = [:]
    /// Where the last part of each such field stands, and of each oneof its last member.
    var last: [Int32: Int] = [:]
    var members: [UInt32: Int32] = [:]
    for (index, field) in fields.enumerated() {
      guard let known = unsafe protobuf_c_message_descriptor_get_field(descriptor, UInt32(field.number)) else {
        continue
      }
      if let oneof = unsafe Self.oneof(known), let other = members.updateValue(field.number, forKey: oneof),
        other != field.number
      {
        // Another member unsets this one: what came before it no longer counts.
        parts[other] = nil
      }
      guard unsafe Self.isSingularMessage(known) else { continue }
      parts[field.number, default: []] += message[field.contents]
      last[field.number] = index
    }
    var result: [UInt8] = []
    result.reserveCapacity(message.count)
    for (index, field) in fields.enumerated() {
      let known = unsafe protobuf_c_message_descriptor_get_field(descriptor, UInt32(field.number))
      guard let known = unsafe known, let inner = unsafe Self.message(of: known) else {
        result += message[field.whole]
        continue
      }
      if unsafe Self.isSingularMessage(known) {
        guard last[field.number] == index, let part = parts[field.number] else { continue }
        unsafe WireEncoding.append(joined(part[...], as: inner), as: field.number, to: &result)
      } else {
        unsafe WireEncoding.append(joined(message[field.contents], as: inner), as: field.number, to: &result)
      }
    }
    return result
  }

  static func isSingularMessage(_ field: UnsafePointer<ProtobufCFieldDescriptor>) -> Bool {
    unsafe field.pointee.type == PROTOBUF_C_TYPE_MESSAGE && field.pointee.label != PROTOBUF_C_LABEL_REPEATED
  }

  private static func message(
    of field: UnsafePointer<ProtobufCFieldDescriptor>
  ) -> UnsafePointer<ProtobufCMessageDescriptor>? {
    guard unsafe field.pointee.type == PROTOBUF_C_TYPE_MESSAGE else { return nil }
    return unsafe field.pointee.descriptor?.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
  }

  /// What tells the oneofs of a message apart: where in its struct the chosen member is written.
  private static func oneof(_ field: UnsafePointer<ProtobufCFieldDescriptor>) -> UInt32? {
    let isMember = unsafe field.pointee.flags & UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue) != 0
    return isMember ? unsafe field.pointee.quantifier_offset : nil
  }
}
