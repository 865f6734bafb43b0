import ProtobufRuntime
import Testing

/// How fields are appended to an encoded message.
@Suite struct WireEncodingTests {
  @Test(arguments: [0, 1, 127, 128, 16383, 16384, 70000], [0, 1, 127, 128, 16384])
  func `a field that is extended is as if it had been so long before`(_ count: Int, _ moreCount: Int) {
    let contents = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    let more = [UInt8](repeating: 7, count: moreCount)
    for number in [3, 300] as [Int32] {
      var bytes: [UInt8] = [9]
      WireEncoding.append(contents, as: number, to: &bytes)
      WireEncoding.extend(fieldAt: 1, in: &bytes) { $0 += more }
      #expect(bytes == [9] + Wire.field(Int(number), contents + more))
    }
  }

  @Test(arguments: [0, 1, 127, 128, 16384], [1, 15, 16, 3000])
  func `a field takes as many bytes as are foretold, and no more room`(_ count: Int, _ number: Int32) {
    let contents = [UInt8](repeating: 7, count: count)
    let expected = Wire.field(Int(number), contents)
    #expect(WireEncoding.byteCount(ofContents: count, as: number) == expected.count)
    let bytes = [UInt8](capacity: expected.count) { WireEncoding.append(contents.span, as: number, to: &$0) }
    #expect(bytes == expected)
    let (value, numeric) = (UInt64(count) << 20, Wire.field(Int(number), UInt64(count) << 20))
    #expect(WireEncoding.byteCount(of: value, as: number) == numeric.count)
    #expect([UInt8](capacity: numeric.count) { WireEncoding.append(value, as: number, to: &$0) } == numeric)
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
