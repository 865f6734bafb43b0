/// A value of a configuration key.
enum ConfigurationValue: Hashable, Sendable {
  case text(String)
  case flag(Bool)
  case count(Int)
  case bytes(Int)
  case duration(Duration)
  case list([String])
  /// No limit, or nothing at all.
  case none
}

extension ConfigurationValue {
  /// The value as it is written in the file.
  var text: String {
    switch self {
    case .text(let text): text
    case .flag(let flag): flag ? "true" : "false"
    case .count(let count): "\(count)"
    case .bytes(let count): Self.text(bytes: count)
    case .duration(let duration): Self.text(duration: duration)
    case .list(let texts): texts.joined(separator: ", ")
    case .none: Self.noneText
    }
  }

  /// How nothing is written.
  static let noneText = "none"

  private static let byteUnits: [(suffix: String, count: Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
  private static let durationUnits: [(suffix: String, milliseconds: Int64)] = [
    ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  static func text(bytes count: Int) -> String {
    guard let unit = byteUnits.first(where: { count >= $0.count && count.isMultiple(of: $0.count) }) else {
      return "\(count)"
    }
    return "\(count / unit.count)\(unit.suffix)"
  }

  static func text(duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    guard milliseconds != 0, let unit = durationUnits.first(where: { milliseconds.isMultiple(of: $0.milliseconds) })
    else { return "0s" }
    return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
  }

  /// A whole number of bytes, with KiB, MiB or GiB where that is shorter; nil if the text is none.
  static func bytes(_ text: String) -> Int? {
    let unit = byteUnits.first { text.hasSuffix($0.suffix) }
    return whole(text.dropLast(unit?.suffix.count ?? 0), of: unit?.count ?? 1)
  }

  /// A whole number of ms, s, m or h, or 0 of whatever; nil if the text is none.
  static func duration(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    // The longest suffix first: `ms` ends in `s` too.
    guard
      let unit = durationUnits.sorted(by: { $0.suffix.count > $1.suffix.count }).first(where: {
        text.hasSuffix($0.suffix)
      }),
      let milliseconds = whole(text.dropLast(unit.suffix.count), of: Int(unit.milliseconds))
    else { return nil }
    return .milliseconds(milliseconds)
  }

  private static func whole(_ digits: Substring, of unit: Int) -> Int? {
    let digits = digits.trimmingSuffix { $0 == " " }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }
}

extension Substring {
  fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> Substring {
    var text = self
    while let last = text.last, isTrimmed(last) { text.removeLast() }
    return text
  }
}
