/// The alerts that are sent before there is a TLS session (RFC 8446 §6.2).
enum TLSAlert: UInt8, Hashable, Sendable {
  case unexpectedMessage = 10
  case recordOverflow = 22
  case illegalParameter = 47
  case decodeError = 50
  case noApplicationProtocol = 120

  /// The record that carries it, as a fatal alert. The version in front means nothing (RFC 8446 §5.1).
  var record: [UInt8] { [21, 3, 3, 0, 2, 2, rawValue] }
}

/// Reads a ClientHello byte by byte, as far as is needed to know whether the client offers HTTP/2.
///
///     record header ──▶ record body ──complete message──▶ decided
///          ▲──── record used up ────┘
///
/// Invariants
/// - Any bytes lead to a verdict after at most `bytesMax` of them; nothing else of them is trusted or kept.
/// - A verdict is given once; the reader is not used after it.
struct ClientHelloReader {
  /// What to do with the connection.
  enum Verdict: Hashable {
    case needsMore
    /// The client offers `h2`: TLS may judge the rest.
    case proceed
    /// The bytes are not of TLS.
    case notTLS
    case refuse(TLSAlert)
  }

  private let bytesMax: Int
  private var bytesRead = 0
  private var header: [UInt8] = []
  /// What is missing of the current record's body.
  private var recordRemaining = 0
  private var message: [UInt8] = []

  /// Makes a reader that refuses a ClientHello which is not over after `bytesMax` bytes, the heads of its records included.
  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  /// Reads on.
  mutating func read(_ bytes: some Sequence<UInt8>) -> Verdict {
    for byte in bytes {
      guard bytesRead < bytesMax else { return .refuse(.illegalParameter) }
      bytesRead += 1
      let verdict = recordRemaining == 0 ? readHeader(byte) : readBody(byte)
      if verdict != .needsMore { return verdict }
    }
    return .needsMore
  }

  /// RFC 8446 §5.1: content type, version, length. What is wrong is said at the first byte that shows it.
  private mutating func readHeader(_ byte: UInt8) -> Verdict {
    header.append(byte)
    switch header.count {
    case 1:
      if byte == 22 { return .needsMore }
      return bytesRead == 1 ? .notTLS : .refuse(.unexpectedMessage)
    case 2: return byte == 3 ? .needsMore : .notTLS
    case 3, 4: return .needsMore
    default:
      recordRemaining = Int(header[3]) << 8 | Int(header[4])
      header.removeAll(keepingCapacity: true)
      if recordRemaining == 0 { return .refuse(.unexpectedMessage) }
      return recordRemaining <= 1 << 14 ? .needsMore : .refuse(.recordOverflow)
    }
  }

  /// RFC 8446 §4: message type and length, then the ClientHello.
  private mutating func readBody(_ byte: UInt8) -> Verdict {
    recordRemaining -= 1
    message.append(byte)
    if message.count == 1 && byte != 1 { return .refuse(.unexpectedMessage) }
    guard message.count >= 4 else { return .needsMore }
    let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
    // A message that cannot fit is not waited for.
    if length > bytesMax { return .refuse(.illegalParameter) }
    guard message.count == 4 + length else { return .needsMore }
    return Self.judge(message.dropFirst(4))
  }

  /// RFC 8446 §4.1.2, which older versions share.
  private static func judge(_ hello: ArraySlice<UInt8>) -> Verdict {
    var hello = ByteReader(hello)
    let versionAndRandom = 2 + 32
    guard hello.take(versionAndRandom) != nil, hello.counted(1) != nil, hello.counted(2) != nil, hello.counted(1) != nil
    else { return .refuse(.decodeError) }
    // Before TLS 1.2 a ClientHello could end here. It offers nothing.
    if hello.isEmpty { return .refuse(.noApplicationProtocol) }
    guard let list = hello.counted(2), hello.isEmpty else { return .refuse(.decodeError) }
    var extensions = ByteReader(list)
    var offer: ArraySlice<UInt8>?
    while !extensions.isEmpty {
      guard let type = extensions.number(bytes: 2), let body = extensions.counted(2) else {
        return .refuse(.decodeError)
      }
      guard type == applicationLayerProtocolNegotiation else { continue }
      // RFC 8446 §4.2: there is no more than one of a type.
      guard offer == nil else { return .refuse(.illegalParameter) }
      offer = body
    }
    return offer.map(judge(offer:)) ?? .refuse(.noApplicationProtocol)
  }

  private static let applicationLayerProtocolNegotiation = 16

  /// RFC 7301 §3.1: a list of names, none of them empty.
  private static func judge(offer: ArraySlice<UInt8>) -> Verdict {
    var offer = ByteReader(offer)
    guard let list = offer.counted(2), offer.isEmpty, !list.isEmpty else { return .refuse(.decodeError) }
    var names = ByteReader(list)
    var offersHTTP2 = false
    while !names.isEmpty {
      guard let name = names.counted(1), !name.isEmpty else { return .refuse(.decodeError) }
      offersHTTP2 = offersHTTP2 || name.elementsEqual("h2".utf8)
    }
    return offersHTTP2 ? .proceed : .refuse(.noApplicationProtocol)
  }
}
