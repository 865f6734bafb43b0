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
    forest(of: items, id: id, above: { [above($0)] }, label: label)
  }

  /// The forest that links from each item to those above it make.
  ///
  /// An item with several items above it is there below each of them. What is below it hangs on the first of these
  /// places only, so that the forest has no more lines than there are links.
  static func forest<Item>(
    of items: [Item], id: (Item) -> String, above: (Item) -> [String], label: (Item) -> StyledText
  ) -> [Tree] {
    let ids = Set(items.map(id))
    var below: [String: [Item]] = [:]
    for item in items {
      let links = above(item).filter(ids.contains)
      for link in links.isEmpty ? [""] : links { below[link, default: []].append(item) }
    }
    var placed: Set<String> = []
    func tree(_ item: Item, within path: Set<String>) -> Tree? {
      let name = id(item)
      guard !path.contains(name) else { return nil }
      var made = Tree(label: label(item))
      let items = below[name] ?? []
      if placed.insert(name).inserted {
        let path = path.union([name])
        made.children = items.compactMap { tree($0, within: path) }
      } else if !items.isEmpty {
        made.label.addAside("see above")
      }
      return made
    }
    let roots = (below[""] ?? []).compactMap { tree($0, within: []) }
    return roots + items.compactMap { placed.contains(id($0)) ? nil : tree($0, within: []) }
  }
}
