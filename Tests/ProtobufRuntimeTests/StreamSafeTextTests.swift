import PlenaryAPI
import ProtobufRuntime
import Testing

struct StreamSafeTextTests {
  @Test func `a text has at most thirty combining marks in a row`() throws {
    let most = String(repeating: "\u{301}\u{323}", count: String.combiningMarkCountMax / 2)
    #expect("e\(most)e\(most)".isStreamSafe && "".isStreamSafe && "Kuala Lumpur 吉隆坡".isStreamSafe)
    #expect(!"e\(most)\u{301}".isStreamSafe)
  }

  @Test func `a key of a map that would take minutes to hash is refused`() throws {
    func dialogue(_ key: String) -> Dialogue { .with { $0.annotations = [key: "value"] } }
    let most = "e" + String(repeating: "\u{301}", count: String.combiningMarkCountMax)
    #expect(try Dialogue(serializedBytes: dialogue(most).serializedBytes()) == dialogue(most))
    // An entry as it travels: making the dictionary here would take the minutes that the test is about.
    let entry = Wire.field(1, Array(("e" + String(repeating: "\u{301}\u{323}", count: 200_000)).utf8))
    let error = #expect(throws: ProtobufError.self) { try Dialogue(serializedBytes: Wire.field(13, entry)) }
    #expect(error?.code == .valueOutOfRange && error?.path == "annotations[0].key", "\(error?.path ?? "")")
  }
}
