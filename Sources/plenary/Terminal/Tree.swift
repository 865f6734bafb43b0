/// Things that stand below one another, such as organizations.
struct Tree {
  /// What is printed for it.
  var label: String
  /// What stands below it.
  var children: [Tree] = []

  /// The lines of a forest, drawn with branches.
  static func lines(_ roots: [Tree]) -> [String] {
    roots.flatMap { [$0.label] + $0.branches(indent: "") }
  }

  private func branches(indent: String) -> [String] {
    children.indices.flatMap { index in
      let isLast = index == children.count - 1
      return [indent + (isLast ? "└── " : "├── ") + children[index].label]
        + children[index].branches(indent: indent + (isLast ? "    " : "│   "))
    }
  }

  /// The forest that links from each item to the one above it make.
  ///
  /// An item whose link leads nowhere is a root. Items that lead to each other in a circle hang below the first of
  /// them, so that each is there exactly once.
  static func forest<Item>(
    of items: [Item], id: (Item) -> String, above: (Item) -> String, label: (Item) -> String
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
