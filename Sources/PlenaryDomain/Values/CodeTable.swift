internal import StandardCodes

/// A table of public codes as `dev generate` writes it: lines in the order of their keys, columns set apart by tabs.
///
/// Looking up a key reads about as many lines as their number has bits, and builds nothing.
struct CodeTable: Sendable {
  static let regions = CodeTable(lines: RegionTable.lines)
  static let regionAliases = CodeTable(lines: RegionAliasTable.lines)
  static let areas = CodeTable(lines: AreaTable.lines)
  static let languages = CodeTable(lines: LanguageTable.lines)
  static let languageAliases = CodeTable(lines: LanguageAliasTable.lines)
  static let scripts = CodeTable(lines: ScriptTable.lines)
  static let timeZones = CodeTable(lines: TimeZoneTable.lines)

  private static let lineBreak = UInt8(ascii: "\n")
  private static let tab = UInt8(ascii: "\t")

  private let lines: String

  /// All rows, in order.
  var rows: some Sequence<[Substring]> {
    lines.split(separator: "\n").lazy.map { $0.split(separator: "\t") }
  }

  /// Whether there is a row with this key.
  func contains(_ key: String) -> Bool { row(key) != nil }

  /// The columns of the row with this key, the key first; nil if there is none.
  func row(_ key: String) -> [Substring]? {
    let wanted = Array(key.utf8)
    guard let range = range(of: wanted) else { return nil }
    let start = lines.utf8.index(lines.startIndex, offsetBy: range.lowerBound)
    let end = lines.utf8.index(lines.startIndex, offsetBy: range.upperBound)
    return lines[start..<end].split(separator: "\t")
  }

  /// Where the line with this key lies.
  private func range(of key: [UInt8]) -> Range<Int>? {
    let bytes = lines.utf8.span
    var (low, high) = (0, bytes.count)
    while low < high {
      var start = (low + high) / 2
      while start > low, bytes[start - 1] != Self.lineBreak { start -= 1 }
      var end = start
      while end < high, bytes[end] != Self.lineBreak { end += 1 }
      var found: [UInt8] = []
      var index = start
      while index < end, bytes[index] != Self.tab {
        found.append(bytes[index])
        index += 1
      }
      if found == key { return start..<end }
      if found.lexicographicallyPrecedes(key) { low = end + 1 } else { high = start }
    }
    return nil
  }
}
