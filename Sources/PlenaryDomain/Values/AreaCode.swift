/// The areas of UN M49, from the world down to single countries, and which of them lie in which.
package enum AreaCode {
  /// The numeric code of a country by its ISO 3166-1 alpha-2 code.
  static func number(ofRegion code: String) -> String? { CodeTable.regions.row(code).map { String($0[2]) } }

  /// An area and all areas and countries in it, as M49 codes; nil if there is no such area.
  package static func within(_ code: String) -> Set<String>? {
    guard CodeTable.areas.contains(code) else { return nil }
    return containment.below[code, default: []].union([code])
  }

  /// The countries in an area, as ISO 3166-1 alpha-2 codes.
  package static func regions(within code: String) -> Set<String> {
    guard let codes = within(code) else { return [] }
    return Set(codes.compactMap { containment.regionOfNumber[$0] })
  }

  private static let containment = Containment()

  /// The table of areas read from above to below, once.
  private struct Containment {
    /// What lies in an area, directly or in an area in it.
    let below: [String: Set<String>]
    let regionOfNumber: [String: String]

    init() {
      var above: [String: [String]] = [:]
      for row in CodeTable.areas.rows where row.count > 2 {
        above[String(row[0])] = row[2].split(separator: " ").map(String.init)
      }
      var below: [String: Set<String>] = [:]
      for code in above.keys {
        var reached: Set<String> = []
        var next = above[code, default: []]
        while let area = next.popLast() {
          if reached.insert(area).inserted { next += above[area, default: []] }
        }
        for area in reached { below[area, default: []].insert(code) }
      }
      self.below = below
      regionOfNumber = Dictionary(
        CodeTable.regions.rows.map { (String($0[2]), String($0[0])) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
