import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import TestProtos
import Testing

@Suite struct CodecTests {
  @Test func `a record of every shape of field survives encoding and decoding`() throws {
    let dialogue = Dialogue.with {
      $0.name = "dialogues/asia-2018"
      $0.title = LocalizedText.with { $0.values = ["en": "Third dialogue", "fr": "Troisième dialogue"] }
      $0.startDate = GoogleDate.with { ($0.year, $0.month, $0.day) = (2018, 9, 4) }
      $0.themes = ["themes/a", "themes/b"]
      $0.annotations = ["k": "v", "": ""]
      $0.participantCount = 0
      $0.state = .concluded
      $0.location = Dialogue.Location.with {
        $0.latitude = -0.0
        $0.regionCode = "TH"
      }
    }
    let bytes = try dialogue.serializedBytes()
    let decoded = try Dialogue(serializedBytes: bytes)
    #expect(decoded == dialogue)
    #expect(decoded.participantCount == 0)
    #expect(decoded.location?.latitude?.sign == .minus)
    #expect(try decoded.serializedBytes() == bytes)
  }

  @Test func `a message within itself survives`() throws {
    let message = KitEchoMsg.with {
      $0.text = "outer\u{0}text"
      $0.child = KitEchoMsg.with { $0.blob = [0, 1, 2] }
    }
    #expect(try KitEchoMsg(serializedBytes: message.serializedBytes()) == message)
  }
}
