internal import PlenaryStore
internal import ProtobufRuntime

/// Reads a Get request that consists of a name alone, as most do, without decoding it.
package struct GetShortcut: Sendable {
  let kind: Kind

  /// The first byte of such a request: the tag of the name, of the wire type for lengths.
  private let tag: UInt8

  /// The longest name whose length takes one byte.
  private static let nameByteCountMax = 127

  init<Request: GetRequestMessage>(_ request: Request.Type, _ kind: Kind) {
    guard let name = Request.descriptor.field(named: "name"), name.number < 16 else {
      preconditionFailure("\(Request.descriptor.fullName) has no name among its first fields")
    }
    self.kind = kind
    tag = UInt8(name.number << 3 | 2)
  }

  /// The key that the request names, if it is of this form and the name is one of the kind's.
  func key(in request: [UInt8]) -> Key? {
    guard request.count > 2, request[0] == tag, request[1] <= Self.nameByteCountMax,
      Int(request[1]) == request.count - 2
    else { return nil }
    let name = String(decoding: request[2...], as: UTF8.self)
    // A name of a kind's form is a key.
    return kind.pattern.matches(name) ? Key(stored: name) : nil
  }
}
