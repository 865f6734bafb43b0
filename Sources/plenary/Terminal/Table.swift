/// Rows under heads, each column as wide as what is in it.
///
/// On a terminal the table is made to fit: first the widest columns are cut, never one that holds names, then columns
/// are left out from the right. In a file or a pipe everything is there in full.
struct Table {
  /// On which side of a column the text stands.
  enum Alignment: Sendable {
    case left, right
  }

  /// A column of the table.
  struct Column {
    var title: String
    var alignment = Alignment.left
    /// Whether it is always there in full, as names are: half a name is of no use.
    var isFixed = false
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  private static let gap = 2
  /// A column is not cut below this: less would tell nothing.
  private static let widthMin = 10

  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row: a text for each column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells.map(TerminalText.oneLine))
  }

  /// The lines of the table, made to fit into `width` cells if there is a limit.
  func lines(width: Int?, style: TextStyle = .plain) -> [String] {
    let widths = fitted(to: width)
    let head = style.bold(line(columns.map(\.title), widths))
    return [head] + rows.map { line($0, widths) }
  }

  /// The width of each column, 0 for one that is left out.
  private func fitted(to limit: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index])) }
    }
    guard let limit else { return widths }
    while total(widths) > limit {
      let excess = total(widths) - limit
      if let widest = widestToCut(widths) {
        // Cut to the second widest at most, so that no column pays for another.
        let next = cuttable(widths).filter { $0 != widest }.map { widths[$0] }.max() ?? 0
        let floor = max(Self.widthMin, min(next, widths[widest] - 1))
        widths[widest] = max(floor, widths[widest] - excess)
      } else if let last = widths.indices.last(where: { widths[$0] > 0 && !columns[$0].isFixed }) {
        widths[last] = 0
      } else {
        break
      }
    }
    return widths
  }

  private func total(_ widths: [Int]) -> Int {
    let shown = widths.filter { $0 > 0 }
    return shown.reduce(0, +) + Self.gap * max(0, shown.count - 1)
  }

  private func cuttable(_ widths: [Int]) -> [Int] {
    widths.indices.filter { !columns[$0].isFixed && widths[$0] > Self.widthMin }
  }

  private func widestToCut(_ widths: [Int]) -> Int? {
    cuttable(widths).max { widths[$0] < widths[$1] }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let shown = widths.indices.filter { widths[$0] > 0 }
    let texts = shown.map { index in
      TerminalText.padded(
        TerminalText.shortened(cells[index], to: widths[index]), to: widths[index],
        alignment: columns[index].alignment)
    }
    var line = texts.joined(separator: String(repeating: " ", count: Self.gap))
    while line.last == " " { line.removeLast() }
    return line
  }
}
