import TextFormats
import Testing

struct CSVTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("a,b", "\"a,b\""), ("a \"b\"", "\"a \"\"b\"\"\""), ("a\r\nb", "\"a\r\nb\""), ("", ""),
    ("a ", "\"a \""),
    ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"),
    ("'quoted'", "''quoted'"), ("\u{FF1D}1", "'\u{FF1D}1"), (" =1", "' =1"), ("a=1", "a=1"),
  ]) func `a text is quoted where it must be, and no formula`(text: String, cell: String) {
    #expect(CSVText.line([.text(text)]) == Array((cell + "\r\n").utf8))
  }

  @Test func `numbers stay numbers`() {
    #expect(String(decoding: CSVText.line([.plain("-1.5"), .text("x"), .plain("")]), as: UTF8.self) == "-1.5,x,\r\n")
  }

  @Test func `whatever the texts hold, a reader gets them back`() {
    let texts = Array(RandomText(count: 999))
    for start in stride(from: 0, to: texts.count, by: 3) {
      let row = Array(texts[start..<start + 3])
      let read = Self.cells(CSVText.line(row.map { .text($0) }))
      #expect(read.map { Array(CSVText.unguarded($0).unicodeScalars) } == row.map { Array($0.unicodeScalars) })
      for cell in read { #expect(!["=", "+", "-", "@", "\t", "\r"].contains(cell.unicodeScalars.first)) }
    }
  }

  /// The cells of a line, as RFC 4180 has them.
  private static func cells(_ line: [UInt8]) -> [String] {
    var cells: [[UInt8]] = [[]]
    var isQuoted = false
    var bytes = line.dropLast(2)[...]
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "\"") where isQuoted && bytes.first == byte: cells[cells.count - 1].append(bytes.removeFirst())
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: cells.append([])
      default: cells[cells.count - 1].append(byte)
      }
    }
    return cells.map { String(decoding: $0, as: UTF8.self) }
  }
}
