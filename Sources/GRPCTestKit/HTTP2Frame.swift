package import HTTP2

/// One frame as it stands on the wire (RFC 9113 §4.1), right or wrong: a script may say anything.
package struct HTTP2Frame: Hashable, Sendable {
  /// The frame types of RFC 9113 §6; a script may use any other byte.
  package struct Kind: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    package static let data = Kind(rawValue: 0)
    package static let headers = Kind(rawValue: 1)
    package static let priority = Kind(rawValue: 2)
    package static let resetStream = Kind(rawValue: 3)
    package static let settings = Kind(rawValue: 4)
    package static let ping = Kind(rawValue: 6)
    package static let goAway = Kind(rawValue: 7)
    package static let windowUpdate = Kind(rawValue: 8)
    package static let continuation = Kind(rawValue: 9)
  }

  /// The flags of RFC 9113 §6.
  package struct Flags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    package static let endStream = Flags(rawValue: 0x1)
    package static let acknowledgement = Flags(rawValue: 0x1)
    package static let endHeaders = Flags(rawValue: 0x4)
    package static let padded = Flags(rawValue: 0x8)
  }

  package var kind: Kind
  package var flags: Flags
  package var stream: Int32
  package var payload: [UInt8]

  package init(_ kind: Kind, flags: Flags = [], stream: Int32 = 0, payload: [UInt8] = []) {
    self.kind = kind
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  /// The frame's bytes.
  package var bytes: [UInt8] {
    let length = UInt32(payload.count)
    return [UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8), UInt8(length & 0xff)]
      + [kind.rawValue, flags.rawValue] + UInt32(bitPattern: stream).networkBytes + payload
  }

  /// Takes one whole frame from the front of `bytes`; nil when there is none yet.
  package init?(takingFrom bytes: inout ArraySlice<UInt8>) {
    guard bytes.count >= 9 else { return nil }
    let header = Array(bytes.prefix(9))
    let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
    guard bytes.count >= 9 + length else { return nil }
    kind = Kind(rawValue: header[3])
    flags = Flags(rawValue: header[4])
    stream = Int32(bitPattern: UInt32(networkBytes: header[5...8]))
    payload = Array(bytes.dropFirst(9).prefix(length))
    bytes = bytes.dropFirst(9 + length)
  }
}

extension HTTP2Frame {
  /// The 24 bytes a client begins with (RFC 9113 §3.4).
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  package static func settings(_ entries: KeyValuePairs<UInt16, UInt32> = [:]) -> HTTP2Frame {
    HTTP2Frame(.settings, payload: entries.flatMap { $0.networkBytes + $1.networkBytes })
  }

  package static let settingsAcknowledgement = HTTP2Frame(.settings, flags: .acknowledgement)

  /// A whole header list, without Huffman coding and without touching the dynamic table.
  package static func headers(_ stream: Int32, _ fields: HeaderFields, endStream: Bool = false) -> HTTP2Frame {
    HTTP2Frame(
      .headers, flags: endStream ? [.endHeaders, .endStream] : .endHeaders, stream: stream,
      payload: HeaderEncoder.encode(fields))
  }

  package static func data(_ stream: Int32, _ bytes: [UInt8], endStream: Bool = false) -> HTTP2Frame {
    HTTP2Frame(.data, flags: endStream ? .endStream : [], stream: stream, payload: bytes)
  }

  package static func data(_ stream: Int32, _ text: String, endStream: Bool = false) -> HTTP2Frame {
    data(stream, Array(text.utf8), endStream: endStream)
  }

  package static func reset(_ stream: Int32, _ code: HTTP2ErrorCode) -> HTTP2Frame {
    HTTP2Frame(.resetStream, stream: stream, payload: code.rawValue.networkBytes)
  }

  package static func ping(_ payload: UInt64, acknowledgement: Bool = false) -> HTTP2Frame {
    HTTP2Frame(.ping, flags: acknowledgement ? .acknowledgement : [], payload: payload.networkBytes)
  }

  package static func goAway(lastStream: Int32, _ code: HTTP2ErrorCode, debugText: String = "") -> HTTP2Frame {
    HTTP2Frame(
      .goAway, payload: UInt32(bitPattern: lastStream).networkBytes + code.rawValue.networkBytes + debugText.utf8)
  }

  package static func windowUpdate(_ stream: Int32, _ increment: UInt32) -> HTTP2Frame {
    HTTP2Frame(.windowUpdate, stream: stream, payload: increment.networkBytes)
  }
}

extension HTTP2Frame: CustomStringConvertible {
  package var description: String {
    let names = [
      "DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE",
      "CONTINUATION",
    ]
    let name = kind.rawValue < names.count ? names[Int(kind.rawValue)] : "0x" + String(kind.rawValue, radix: 16)
    let hex = payload.prefix(32).map { String($0, radix: 16) }.joined(separator: " ")
    return "\(name) stream \(stream) flags 0x\(String(flags.rawValue, radix: 16)) \(payload.count) bytes [\(hex)]"
  }
}

extension FixedWidthInteger {
  /// The number's bytes, the most significant first.
  var networkBytes: [UInt8] {
    stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
  }

  /// A number from its bytes, the most significant first.
  init(networkBytes: some Sequence<UInt8>) {
    self = networkBytes.reduce(0) { $0 << 8 | Self($1) }
  }
}
