import ProtobufRuntime
import Testing

/// How fields are appended to an encoded message.
@Suite struct WireEncodingTests {
  @Test(arguments: [0, 1, 127, 128, 16383, 16384, 70000], [0, 127, 128, 16384])
  func `a field that is put together in its place is as if it had been there before`(_ count: Int, _ countAbout: Int) {
    var bytes: [UInt8] = [9]
    WireEncoding.append(3, byteCountAbout: countAbout, to: &bytes) { bytes in
      for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: place)) }
    }
    #expect(bytes == [9] + Wire.field(3, (0..<count).map { UInt8(truncatingIfNeeded: $0) }))
  }

  @Test func `what is appended in a place may be such a field itself`() {
    var bytes: [UInt8] = []
    WireEncoding.append(1, byteCountAbout: 5, to: &bytes) { bytes in
      WireEncoding.append("text", as: 2, to: &bytes)
      WireEncoding.append(3, byteCountAbout: 5, to: &bytes) { $0 += [UInt8](repeating: 7, count: 300) }
      WireEncoding.append(UInt64.max, as: 4, to: &bytes)
    }
    let inner = Wire.field(2, Array("text".utf8)) + Wire.field(3, [UInt8](repeating: 7, count: 300))
    #expect(bytes == Wire.field(1, inner + Wire.field(4, UInt64.max)))
  }

  /// As many bits, all of them set or only the first.
  @Test(arguments: 0...64)
  func `a number takes as many bytes as are foretold`(_ bitCount: UInt64) {
    let all: UInt64 = bitCount == 64 ? .max : (1 << bitCount) - 1
    for number in [all, all ^ all >> 1, all & 0x5555_5555_5555_5555] {
      var bytes: [UInt8] = []
      WireEncoding.appendVarint(number, to: &bytes)
      #expect(bytes == Wire.varint(number))
      #expect(WireEncoding.byteCount(ofVarint: number) == bytes.count)
      // Where there is just enough room.
      let close = [UInt8](capacity: bytes.count) { WireEncoding.appendVarint(number, to: &$0) }
      #expect(close == bytes)
    }
  }
}
