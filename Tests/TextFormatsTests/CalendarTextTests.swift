import TextFormats
import Testing

struct CalendarTextTests {
  @Test func `a line of 75 octets stays whole, and one of 76 is folded`() {
    let name = "SUMMARY"
    let room = CalendarText.lineByteCountMax - name.utf8.count - 1
    let whole = String(repeating: "x", count: room)
    #expect(Self.text(CalendarText.line(name, whole)) == "\(name):\(whole)\r\n")
    #expect(Self.text(CalendarText.line(name, whole + "y")) == "\(name):\(whole)\r\n y\r\n")
  }

  @Test func `a line is folded in octets and between characters`() {
    for text in [
      String(repeating: "ا", count: 200), String(repeating: "技", count: 150), String(repeating: "\u{1F30D}", count: 99),
    ] {
      let bytes = CalendarText.line("SUMMARY", [("LANGUAGE", "ar")], text)
      let lines = Self.text(bytes).split(separator: "\r\n")
      #expect(lines.count > 4)
      for line in lines { #expect(line.utf8.count <= 75 && !line.unicodeScalars.contains("\u{FFFD}")) }
      #expect(Self.unfolded(bytes) == "SUMMARY;LANGUAGE=ar:\(text)")
    }
  }

  @Test func `texts and parameters are escaped`() {
    #expect(CalendarText.text("a\\b;c,d\r\ne\rf\ng\u{1}\t:\"") == "a\\\\b\\;c\\,d\\ne\\nf\\ng\u{FFFD}\t:\"")
    #expect(
      Self.text(CalendarText.line("ORGANIZER", [("CN", "A \"B\", C^D\nE")], "urn:x"))
        == "ORGANIZER;CN=\"A ^'B^', C^^D^nE\":urn:x\r\n")
  }

  @Test func `whatever a text holds, it comes back with its line breaks as line feeds`() {
    for text in RandomText(count: 1000) {
      let line = Self.unfolded(CalendarText.line("SUMMARY", CalendarText.text(text)))
      let read = Self.unescaped(line.dropFirst("SUMMARY:".count))
      let controls = Set((0..<0x20).map { UInt32($0) }).subtracting([0x9, 0xA]).union([0x7F])
      let expected = String(
        String.UnicodeScalarView(
          Array(text.unicodeScalars).replacing(["\r", "\n"], with: ["\n"]).replacing(["\r"], with: ["\n"])
            .map { controls.contains($0.value) ? "\u{FFFD}" : $0 }))
      #expect(Array(read.unicodeScalars) == Array(expected.unicodeScalars))
    }
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func unfolded(_ bytes: [UInt8]) -> String {
    text(Array(bytes.replacing(Array("\r\n ".utf8), with: []).dropLast(2)))
  }

  private static func unescaped(_ text: Substring) -> String {
    var read = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if isEscaped {
        read.append(scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        read.append(scalar)
      }
    }
    return String(read)
  }
}

extension CalendarText {
  fileprivate static func line(_ name: String, _ value: String) -> [UInt8] { line(name, [], value) }
}
