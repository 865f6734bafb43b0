internal import Foundation

/// The middle of several measurements and how far they lie apart.
struct Spread: Encodable {
  let median: Double
  let least: Double
  let most: Double

  init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    let sorted = values.sorted()
    let upper = sorted[sorted.count / 2]
    median = sorted.count.isMultiple(of: 2) ? (sorted[sorted.count / 2 - 1] + upper) / 2 : upper
    least = sorted[0]
    most = sorted[sorted.count - 1]
  }

  /// `1.07 (1.05-1.12)`
  var text: String { "\(median.twoDigits) (\(least.twoDigits)-\(most.twoDigits))" }

  /// `25893 (25870-25904)`
  var wholeText: String { "\(Int(median.rounded())) (\(Int(least.rounded()))-\(Int(most.rounded())))" }
}

/// What half of several measurements did not exceed, 99 of a hundred, and all.
struct Percentiles: Encodable {
  let median: Double
  let p99: Double
  let most: Double

  init(_ values: [Double]) {
    precondition(!values.isEmpty, "nothing was measured")
    let sorted = values.sorted()
    median = sorted[sorted.count / 2]
    p99 = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    most = sorted[sorted.count - 1]
  }
}

extension Double {
  /// With two digits behind the point, whatever the language of the machine.
  var twoDigits: String { withDigits(2) }

  /// With three digits behind the point.
  var threeDigits: String { withDigits(3) }

  private func withDigits(_ count: Int) -> String {
    formatted(.number.precision(.fractionLength(count)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
  }
}

/// Columns of text, the first to the left and the others to the right.
enum TextTable {
  static func lines(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : padding + cell
      }.joined(separator: "   ")
    }.joined(separator: "\n")
  }
}
