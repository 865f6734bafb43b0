/// Rows under heads, each column as wide as what is in it.
///
/// On a terminal the table is made to fit: columns are left out from the right until the others have room to say
/// something, and then the widest of those are cut, never one that holds names. In a file or a pipe everything is there in
/// full.
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
    /// The column is left out rather than cut below this, where less would tell nothing.
    var widthMin = 10
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  /// The parts of the last texts of some rows, by the number of the row.
  private var lastRuns: [Int: [Run]] = [:]

  private static let gap = 2
  private let style: TextStyle

  /// A table without rows, whose texts stand apart from each other as the style asks for.
  init(_ columns: [Column], style: TextStyle = .plain) {
    self.columns = columns
    self.style = style
  }

  /// Adds a row: a text for each column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    rows.append(cells.map(TerminalText.oneLine))
  }

  /// A part of a text.
  struct Run {
    var text: String
    var isBold = false
  }

  /// Adds a row whose last text has parts that stand out.
  mutating func add(_ cells: [String], last runs: [Run]) {
    let runs = runs.map { Run(text: TerminalText.oneLine($0.text), isBold: $0.isBold) }
    add(cells + [runs.map(\.text).joined()])
    lastRuns[rows.count - 1] = runs
  }

  /// How wide each column is, for a table whose rows come in several parts.
  struct Layout {
    /// The width of each column, 0 for one that is left out.
    fileprivate let widths: [Int]
    /// Whether what is wider is cut, and not shown in full beyond its column.
    fileprivate let cuts: Bool
  }

  /// The layout in which the rows fit into `width` cells if there is a limit.
  func layout(width: Int?) -> Layout {
    Layout(widths: fitted(to: width), cuts: width != nil)
  }

  /// The lines of the table, made to fit into `width` cells if there is a limit.
  func lines(width: Int?, style: TextStyle = .plain) -> [String] {
    lines(layout(width: width), head: style)
  }

  /// The lines of the table in a layout; the head only if it is given a style.
  func lines(_ layout: Layout, head style: TextStyle?) -> [String] {
    let head = style.map { [$0.bold(line(columns.map(\.title), layout))] } ?? []
    return head + rows.enumerated().map { line($0.element, layout, lastRuns[$0.offset] ?? []) }
  }

  /// A text, perhaps cut at its end, with the parts that stand out.
  private func emphasized(_ text: String, _ runs: [Run]) -> String {
    var rest = text[...]
    var result = ""
    for run in runs {
      // Where the text is cut, the last part is not there as a whole.
      let part = rest.hasPrefix(run.text) ? rest.prefix(run.text.count) : rest
      rest = rest.dropFirst(part.count)
      result += run.isBold ? style.bold(String(part)) : String(part)
    }
    return result + rest
  }

  private func fitted(to limit: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index])) }
    }
    guard let limit else { return widths }
    while total(leastWidths(widths)) > limit {
      guard let last = widths.indices.last(where: { widths[$0] > 0 && !columns[$0].isFixed }) else { return widths }
      widths[last] = 0
    }
    while total(widths) > limit, let widest = cuttable(widths).max(by: { widths[$0] < widths[$1] }) {
      // Cut to the second widest at most, so that no column pays for another.
      let next = cuttable(widths).filter { $0 != widest }.map { widths[$0] }.max() ?? 0
      let floor = max(columns[widest].widthMin, min(next, widths[widest] - 1))
      widths[widest] = max(floor, widths[widest] - (total(widths) - limit))
    }
    return widths
  }

  /// The widths after all that may be cut was cut.
  private func leastWidths(_ widths: [Int]) -> [Int] {
    widths.indices.map { columns[$0].isFixed ? widths[$0] : min(widths[$0], columns[$0].widthMin) }
  }

  private func total(_ widths: [Int]) -> Int {
    let shown = widths.filter { $0 > 0 }
    return shown.reduce(0, +) + Self.gap * max(0, shown.count - 1)
  }

  private func cuttable(_ widths: [Int]) -> [Int] {
    widths.indices.filter { !columns[$0].isFixed && widths[$0] > columns[$0].widthMin }
  }

  private func line(_ cells: [String], _ layout: Layout, _ lastRuns: [Run] = []) -> String {
    let widths = layout.widths
    let texts = widths.indices.filter { widths[$0] > 0 }.map { index in
      let isCut = layout.cuts && !columns[index].isFixed
      let text = isCut ? TerminalText.shortened(cells[index], to: widths[index]) : cells[index]
      if index == columns.count - 1, !lastRuns.isEmpty { return style.isolated(emphasized(text, lastRuns)) }
      return TerminalText.padded(style.isolated(text), to: widths[index], alignment: columns[index].alignment)
    }
    var line = texts.joined(separator: String(repeating: " ", count: Self.gap))
    while line.last == " " { line.removeLast() }
    return line
  }
}
