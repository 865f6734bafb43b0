/// The field names the layers above look for, recognized once so that nobody compares strings afterwards.
// SAFETY: names to recognize are lent by the caller and read within their count; literals live for ever.
package enum HTTP2FieldName: UInt8, Sendable {
  /// Any other name: read it with `HTTP2HeaderBlock.name(at:)`.
  case other
  case authority, method, path, scheme, status
  case contentLength, contentType, te, userAgent
  case grpcAcceptEncoding, grpcEncoding, grpcMessage, grpcStatus, grpcStatusDetails, grpcTimeout

  init(_ name: UnsafeRawBufferPointer) {
    // The length alone leaves at most three names to compare.
    let candidates: (HTTP2FieldName, HTTP2FieldName?, HTTP2FieldName?)
    switch name.count {
    case 2: candidates = (.te, nil, nil)
    case 5: candidates = (.path, nil, nil)
    case 7: candidates = (.method, .scheme, .status)
    case 10: candidates = (.authority, .userAgent, nil)
    case 11: candidates = (.grpcStatus, nil, nil)
    case 12: candidates = (.contentType, .grpcTimeout, .grpcMessage)
    case 13: candidates = (.grpcEncoding, nil, nil)
    case 14: candidates = (.contentLength, nil, nil)
    case 20: candidates = (.grpcAcceptEncoding, nil, nil)
    case 23: candidates = (.grpcStatusDetails, nil, nil)
    default: candidates = (.other, nil, nil)
    }
    if unsafe candidates.0.isSpelled(name) {
      self = candidates.0
    } else if let second = candidates.1, unsafe second.isSpelled(name) {
      self = second
    } else if let third = candidates.2, unsafe third.isSpelled(name) {
      self = third
    } else {
      self = .other
    }
  }

  private func isSpelled(_ name: UnsafeRawBufferPointer) -> Bool {
    unsafe name.equals(spelling)
  }

  /// The name as it goes over the wire; empty for `other`.
  package var spelling: StaticString {
    switch self {
    case .other: ""
    case .authority: ":authority"
    case .method: ":method"
    case .path: ":path"
    case .scheme: ":scheme"
    case .status: ":status"
    case .contentLength: "content-length"
    case .contentType: "content-type"
    case .te: "te"
    case .userAgent: "user-agent"
    case .grpcAcceptEncoding: "grpc-accept-encoding"
    case .grpcEncoding: "grpc-encoding"
    case .grpcMessage: "grpc-message"
    case .grpcStatus: "grpc-status"
    case .grpcStatusDetails: "grpc-status-details-bin"
    case .grpcTimeout: "grpc-timeout"
    }
  }
}

// SAFETY: reads as many bytes as both sides have.
extension UnsafeRawBufferPointer {
  /// Whether these are the bytes of `literal`, which is not empty.
  func equals(_ literal: StaticString) -> Bool {
    guard count == literal.utf8CodeUnitCount, let base = baseAddress else { return false }
    return unsafe base.hasSameBytes(as: UnsafeRawPointer(literal.utf8Start), count: count)
  }
}

// SAFETY: reads `count` bytes at either place, which the caller answers for.
extension UnsafeRawPointer {
  /// Whether there are the same `count` bytes at both places. Names and paths are short: a few words, and no call.
  func hasSameBytes(as other: UnsafeRawPointer, count: Int) -> Bool {
    var offset = 0
    while offset + 8 <= count {
      guard unsafe word(UInt64.self, offset) == other.word(UInt64.self, offset) else { return false }
      offset += 8
    }
    guard offset < count else { return true }
    // The last word of what is long enough overlaps the one before.
    if count >= 8 { return unsafe word(UInt64.self, count - 8) == other.word(UInt64.self, count - 8) }
    if count >= 4 {
      return unsafe word(UInt32.self, 0) == other.word(UInt32.self, 0)
        && word(UInt32.self, count - 4) == other.word(UInt32.self, count - 4)
    }
    for offset in 0..<count where unsafe word(UInt8.self, offset) != other.word(UInt8.self, offset) { return false }
    return true
  }

  private func word<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type, _ offset: Int) -> Word {
    unsafe loadUnaligned(fromByteOffset: offset, as: type)
  }
}
