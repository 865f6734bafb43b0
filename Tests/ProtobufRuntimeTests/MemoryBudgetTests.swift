import GoldenProtos
import ProtobufRuntime
import Testing

/// Few bytes that stand for much memory are stopped by the budget, not by the machine.
@Suite struct MemoryBudgetTests {
  /// Repeated a thousand times each, all in messages far below the limit on their size.
  enum Flood: CaseIterable {
    case emptyMessages, emptyMapEntries, unknownFields, emptyStrings, emptyBytes, packedBools, nestedMessages

    var bytes: [UInt8] {
      let unit: [UInt8] =
        switch self {
        case .emptyMessages: Wire.field(17, [])
        case .emptyMapEntries: Wire.field(12, [])
        case .unknownFields: Wire.field(1000, 0)
        case .emptyStrings: Wire.field(14, [])
        case .emptyBytes: Wire.field(15, [])
        case .packedBools: Wire.field(13, Array(repeating: 1, count: 100))
        case .nestedMessages: Wire.field(2, Wire.field(2, Wire.field(2, [])))
        }
      return (0..<1000).flatMap { _ in unit }
    }

    func decode(_ options: DecodingOptions) throws(ProtobufError) {
      switch self {
      case .nestedMessages: _ = try GoldenTree(serializedBytes: bytes, options: options)
      case .emptyMapEntries: _ = try GoldenMaps(serializedBytes: bytes, options: options)
      default: _ = try GoldenLists(serializedBytes: bytes, options: options)
      }
    }
  }

  @Test(arguments: Flood.allCases)
  func `a message decodes with as much memory as it takes, and not with a byte less`(_ flood: Flood) throws {
    func isEnough(_ budget: Int) -> Bool {
      var options = DecodingOptions()
      options.memoryBytesMax = budget
      do {
        try flood.decode(options)
        return true
      } catch {
        #expect(error.code == .memoryExceeded)
        #expect(error.reason == "decoding takes more than \(budget) bytes of memory")
        return false
      }
    }
    // The least budget that is enough, by halving.
    var (tooLittle, enough) = (0, 16 * 1024 * 1024)
    #expect(!isEnough(tooLittle))
    #expect(isEnough(enough))
    while enough - tooLittle > 1 {
      let middle = (tooLittle + enough) / 2
      if isEnough(middle) { enough = middle } else { tooLittle = middle }
    }
    #expect(isEnough(enough))
    #expect(!isEnough(enough - 1))
    #expect(enough > flood.bytes.count, "the budget counts what the message becomes, not its bytes")
  }

  @Test(arguments: [17, 1000])
  func `the largest message of nothing but such fields stays within the default budget`(_ number: Int) {
    let unit = number == 17 ? Wire.field(17, []) : Wire.field(1000, 0)
    let count = DecodingOptions().messageBytesMax / unit.count
    let bytes = Array(repeatElement(unit, count: count).joined())
    expect(.memoryExceeded, decoding: GoldenLists.self, bytes)
  }
}
