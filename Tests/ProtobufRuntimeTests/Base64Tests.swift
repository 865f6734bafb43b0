import ProtobufRuntime
import Testing

@Suite struct Base64Tests {
  @Test(
    arguments: [
      ([], ""), ([0x66], "Zg"), ([0x66, 0x6F], "Zm8"), ([0x66, 0x6F, 0x6F], "Zm9v"), ([0xFB, 0xFF], "+/8"),
      ([0xAB, 0xAB, 0xAB], "q6ur"),
    ] as [([UInt8], String)])
  func `bytes are written without padding and read back`(bytes: [UInt8], text: String) {
    #expect(Base64.encode(bytes, padded: false) == text)
    #expect(Base64.decode(text.utf8) == bytes)
  }

  @Test(arguments: [("Zg==", [0x66]), ("Zm8=", [0x66, 0x6F])] as [(String, [UInt8])])
  func `padding is accepted`(text: String, bytes: [UInt8]) {
    #expect(Base64.decode(text.utf8) == bytes)
  }

  @Test(arguments: ["Z", "Zm9vZ", "Zg=", "Zg===", "=", "Z=g=", "Zm 9", "Zm9v\n", "Zm-_", "Zgé"])
  func `what is not Base64 is refused`(text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}
