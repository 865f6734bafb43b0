internal import StandardCodes

/// The areas of the United Nations' standard M49, by name.
enum M49Region {
  /// The code with the area's name: `142 Asia`; the code alone where there is no such area.
  static func words(_ code: String) -> String {
    names[code].map { "\(code) \($0)" } ?? code
  }

  private static let names: [String: String] = Dictionary(
    AreaTable.lines.split(separator: "\n").map { line in
      let columns = line.split(separator: "\t")
      return (String(columns[0]), String(columns[1]))
    }, uniquingKeysWith: { first, _ in first })
}
