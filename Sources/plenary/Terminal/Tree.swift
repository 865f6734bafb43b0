/// Things that stand below one another, such as organizations.
struct Tree {
  /// What is printed for it.
  var label: StyledText
  /// What stands below it.
  var children: [Tree] = []

  /// The lines of a forest, drawn with branches and made to fit into `width` cells if there is a limit.
  static func lines(_ roots: [Tree], width: Int? = nil, style: TextStyle = .plain) -> [String] {
    roots.flatMap { $0.lines(first: "", below: "", width, style) }
  }

  /// The lines of this tree: `first` stands before the first of them, `below` before the others.
  private func lines(first: String, below: String, _ width: Int?, _ style: TextStyle) -> [String] {
    let rest = below + (children.isEmpty ? "" : "│ ")
    let room = width.map { max(Self.widthMin, $0 - DisplayWidth.of(rest)) }
    let own = label.lines(width: room, style: style).enumerated().map { ($0 == 0 ? first : rest) + $1 }
    return own
      + children.indices.flatMap { index in
        let isLast = index == children.count - 1
        return children[index].lines(
          first: below + (isLast ? "└── " : "├── "), below: below + (isLast ? "    " : "│   "), width, style)
      }
  }

  /// Even far to the right a label has this much.
  private static let widthMin = 20

  /// The forest that links from each item to the one above it make.
  ///
  /// An item whose link leads nowhere is a root. Items that lead to each other in a circle hang below the first of
  /// them, so that each is there exactly once.
  static func forest<Item>(
    of items: [Item], id: (Item) -> String, above: (Item) -> String, label: (Item) -> StyledText
  ) -> [Tree] {
    let ids = Set(items.map(id))
    let below = Dictionary(grouping: items) { ids.contains(above($0)) ? above($0) : "" }
    var placed: Set<String> = []
    func tree(_ item: Item) -> Tree? {
      guard placed.insert(id(item)).inserted else { return nil }
      return Tree(label: label(item), children: (below[id(item)] ?? []).compactMap(tree))
    }
    return (below[""] ?? []).compactMap(tree) + items.compactMap(tree)
  }
}
