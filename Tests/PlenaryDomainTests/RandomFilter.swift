import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryTestKit
import ProtobufRuntime

/// Random filters over dialogues, each with what it means for a record, told independently of how the registry works it
/// out.
struct RandomFilter {
  let text: String
  let holds: (Dialogue) -> Bool

  static let places = ["Bangkok", "Jeju Island", "Kuala Lumpur", ""]
  static let regions = ["TH", "KR", "MY", ""]
  static let areas: [(code: String, regions: [String], areas: [String])] = [
    ("142", ["TH", "KR", "MY"], ["142", "030", "035"]), ("035", ["TH", "MY"], ["035"]), ("030", ["KR"], ["030"]),
    ("150", [], ["150"]), ("410", ["KR"], []),
  ]

  /// Themes in a tree: what lies below each.
  static let below: [String: [String]] = [
    "themes/t1": ["themes/t2", "themes/t3", "themes/t4"], "themes/t2": ["themes/t4"], "themes/t3": [], "themes/t4": [],
  ]
  static let themes = [
    Sample.theme("t1"), Sample.theme("t2", broader: ["themes/t1"]), Sample.theme("t3", broader: ["themes/t1"]),
    Sample.theme("t4", broader: ["themes/t2"]),
  ]

  // MARK: Records

  static func dialogue(_ index: Int, _ generator: inout SeededNumbers) -> Dialogue {
    .with {
      $0.name = "dialogues/d\(index)"
      $0.title = LocalizedText(pick(["Safe Net", "safe talk", "Other"], &generator))
      if Bool.random(using: &generator) { $0.title?.values["fr"] = "Titre" }
      $0.ordinal = Int32.random(in: 0...4, using: &generator)
      $0.format = .init(rawValue: Int32.random(in: 0...4, using: &generator))
      let place = Int.random(in: 0..<4, using: &generator)
      if place < 3 { $0.location = .with { ($0.locality, $0.regionCode) = (places[place], regions[place]) } }
      $0.focusM49Code = pick(["", "142", "035", "150"], &generator)
      $0.startDate = date(&generator)
      $0.endDate = $0.startDate
      $0.state = .init(rawValue: Int32.random(in: 1...7, using: &generator))
      $0.languageCodes = ["en", "fr", "ar"].filter { _ in Bool.random(using: &generator) }
      $0.themes = themes.map(\.name).filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }
      if Bool.random(using: &generator) { $0.annotations = ["k": pick(["v", "w"], &generator)] }
    }
  }

  private static func date(_ generator: inout SeededNumbers) -> GoogleDate? {
    let year = Int32.random(in: 2016...2018, using: &generator)
    let month = Int32.random(in: 0...12, using: &generator)
    let day = month == 0 ? 0 : Int32.random(in: 0...28, using: &generator)
    return Int.random(in: 0..<6, using: &generator) == 0 ? nil : GoogleDate(year, month, day)
  }

  static func pick<Choice>(_ choices: [Choice], _ generator: inout SeededNumbers) -> Choice {
    choices[Int.random(in: choices.indices, using: &generator)]
  }

  // MARK: Filters

  /// A filter of some depth.
  static func any(depth: Int, _ generator: inout SeededNumbers) -> RandomFilter {
    guard depth > 0 else { return leaf(&generator) }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      let part = any(depth: depth - 1, &generator)
      let sign = pick(["NOT ", "-"], &generator)
      return RandomFilter(text: "\(sign)(\(part.text))") { !part.holds($0) }
    case 1:
      let parts = (0..<Int.random(in: 2...3, using: &generator)).map { _ in any(depth: depth - 1, &generator) }
      return RandomFilter(text: parts.map { "(\($0.text))" }.joined(separator: " OR ")) { record in
        parts.contains { $0.holds(record) }
      }
    case 2:
      let parts = (0..<Int.random(in: 2...3, using: &generator)).map { _ in any(depth: depth - 1, &generator) }
      let word = pick([" AND ", " "], &generator)
      return RandomFilter(text: parts.map { "(\($0.text))" }.joined(separator: word)) { record in
        parts.allSatisfy { $0.holds(record) }
      }
    default:
      // OR binds tighter than AND, so no parentheses are needed here.
      let (left, middle, right) = (leaf(&generator), leaf(&generator), leaf(&generator))
      return RandomFilter(text: "\(left.text) AND \(middle.text) OR \(right.text)") { record in
        left.holds(record) && (middle.holds(record) || right.holds(record))
      }
    }
  }

  /// A single comparison, function or word.
  static func leaf(_ generator: inout SeededNumbers) -> RandomFilter {
    let leaves = [number, region, text, format, state, list, map, date, overlap, area, theme, word]
    return pick(leaves, &generator)(&generator)
  }

  private static func number(_ generator: inout SeededNumbers) -> RandomFilter {
    let comparators: [(String, (Int, Int) -> Bool)] = [
      ("=", ==), ("!=", !=), ("<", <), ("<=", <=), (">", >), (">=", >=),
    ]
    let number = Int.random(in: 0...5, using: &generator)
    let (sign, compare) = pick(comparators, &generator)
    return RandomFilter(text: "ordinal \(sign) \(number)") { compare(Int($0.ordinal), number) }
  }

  private static func region(_ generator: inout SeededNumbers) -> RandomFilter {
    let code = regions[Int.random(in: 0..<3, using: &generator)]
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      return RandomFilter(text: "location.region_code = \(code.lowercased())") { $0.location?.regionCode == code }
    case 1:
      return RandomFilter(text: "location.region_code != \(code)") {
        // AIP-160: what is not set is not different either.
        $0.location.map { $0.regionCode != code } ?? false
      }
    case 2:
      return RandomFilter(text: "location.region_code:(KR OR TH)") { ["KR", "TH"].contains($0.location?.regionCode) }
    default: return RandomFilter(text: "location.region_code:*") { $0.location != nil }
    }
  }

  private static func text(_ generator: inout SeededNumbers) -> RandomFilter {
    let leaves: [(String, (String) -> Bool)] = [
      ("= \"Jeju Island\"", { $0 == "Jeju Island" }), ("= \"K*\"", { $0.hasPrefix("K") }),
      ("= *k*", { $0.contains("k") }),
      ("= \"*Is*d\"", { $0 == "Jeju Island" }), ("!= \"B*\"", { !$0.hasPrefix("B") }), ("< K", { $0 < "K" }),
      (">= Jeju", { $0 >= "Jeju" }), ("<= Bangkok", { $0 <= "Bangkok" }), ("> Bangkok", { $0 > "Bangkok" }),
      (#"= "K\*""#, { _ in false }), (":*", { _ in true }),
    ]
    let (text, holds) = pick(leaves, &generator)
    return RandomFilter(text: "location.locality \(text)") { $0.location.map { holds($0.locality) } ?? false }
  }

  private static func format(_ generator: inout SeededNumbers) -> RandomFilter {
    let format = Dialogue.Format(rawValue: Int32.random(in: 1...4, using: &generator))
    return RandomFilter(text: "format = \(format)") { $0.format == format }
  }

  private static func state(_ generator: inout SeededNumbers) -> RandomFilter {
    let state = Dialogue.State(rawValue: Int32.random(in: 1...7, using: &generator))
    return Bool.random(using: &generator)
      ? RandomFilter(text: "state != \(state)") { $0.state != state }
      : RandomFilter(text: "state = \(state)") { $0.state == state }
  }

  private static func list(_ generator: inout SeededNumbers) -> RandomFilter {
    let language = pick(["en", "fr", "ar"], &generator)
    return Bool.random(using: &generator)
      ? RandomFilter(text: "language_codes:\(language.uppercased())") { $0.languageCodes.contains(language) }
      : RandomFilter(text: "language_codes:*") { !$0.languageCodes.isEmpty }
  }

  private static func map(_ generator: inout SeededNumbers) -> RandomFilter {
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: RandomFilter(text: "annotations:k") { $0.annotations["k"] != nil }
    case 1: RandomFilter(text: "annotations.k:*") { $0.annotations["k"] != nil }
    case 2: RandomFilter(text: "annotations.k = v") { $0.annotations["k"] == "v" }
    case 3: RandomFilter(text: "title.values.FR:*") { $0.title?.values["fr"] != nil }
    default: RandomFilter(text: "title.values:fr") { $0.title?.values["fr"] != nil }
    }
  }

  private static func partialDate(_ generator: inout SeededNumbers) -> PartialDate {
    while true {
      if let date = date(&generator).flatMap({ PartialDate(year: Int($0.year), month: Int($0.month), day: Int($0.day)) }
      ) {
        return date
      }
    }
  }

  private static func start(of dialogue: Dialogue) -> PartialDate? {
    dialogue.startDate.flatMap { PartialDate(year: Int($0.year), month: Int($0.month), day: Int($0.day)) }
  }

  private static func date(_ generator: inout SeededNumbers) -> RandomFilter {
    let date = partialDate(&generator)
    let signs: [(String, PartialDate.Comparison)] = [
      ("=", .equal), ("<", .less), ("<=", .lessOrEqual), (">", .greater), (">=", .greaterOrEqual),
    ]
    let (sign, comparison) = pick(signs, &generator)
    return RandomFilter(text: "start_date \(sign) \"\(date)\"") { start(of: $0)?.holds(comparison, to: date) ?? false }
  }

  private static func overlap(_ generator: inout SeededNumbers) -> RandomFilter {
    let (one, other) = (partialDate(&generator), partialDate(&generator))
    let (first, last) = one.firstDay <= other.lastDay ? (one, other) : (other, one)
    return RandomFilter(text: "overlaps(\(first), \"\(last)\")") {
      guard let date = start(of: $0) else { return false }
      return date.firstDay <= last.lastDay && first.firstDay <= date.lastDay
    }
  }

  private static func area(_ generator: inout SeededNumbers) -> RandomFilter {
    let (code, regions, areas) = pick(areas, &generator)
    return RandomFilter(text: "within_m49(\"\(code)\")") {
      regions.contains($0.location?.regionCode ?? "-") || areas.contains($0.focusM49Code)
    }
  }

  private static func theme(_ generator: inout SeededNumbers) -> RandomFilter {
    let name = pick(themes.map(\.name), &generator)
    let wanted = [name] + below[name, default: []]
    return Bool.random(using: &generator)
      ? RandomFilter(text: "under(\(name))") { !Set(wanted).isDisjoint(with: $0.themes) }
      : RandomFilter(text: "themes:\"\(name)\"") { $0.themes.contains(name) }
  }

  private static func word(_ generator: inout SeededNumbers) -> RandomFilter {
    let word = pick(["SAFE", "bangkok", "\"e T\"", "titre", "nothing"], &generator)
    let wanted = word.lowercased().filter { $0 != "\"" }
    return RandomFilter(text: word) { dialogue in
      var texts = Array((dialogue.title?.values ?? [:]).values) + [dialogue.title?.originalLanguage ?? ""]
      texts += [dialogue.location?.locality ?? "", dialogue.location?.regionCode ?? "", dialogue.focusM49Code]
      texts += dialogue.languageCodes + dialogue.themes + Array(dialogue.annotations.values)
      return texts.contains { $0.lowercased().contains(wanted) }
    }
  }
}
