internal import PlenaryAPI
internal import PlenaryStore

/// Where a theme stands in the hierarchy of its scheme, and whom it is related to: no theme is both related to another
/// and above or below it (SKOS, S27).
///
/// Every walk goes up and is bounded: a theme has few others above it, however many are below.
struct ThemeRelations {
  /// The most steps from a theme up to one without a broader one.
  static let depthMax = 16

  /// The most themes above a theme; each of them is looked at.
  static let ancestorCountMax = 500

  /// The most themes that a theme may be related to from their side, and the most below one that gets others above it.
  static let neighbourCountMax = 1000

  private let theme: Theme
  private let previous: Theme?
  private let view: RecordView

  /// The relations of a theme that is to be written.
  init(_ theme: Theme, _ previous: Theme?, _ view: RecordView) {
    self.theme = theme
    self.previous = previous
    self.view = view
  }

  /// Notes what is wrong with the hierarchy and with the relations.
  func check(_ findings: inout Findings) async throws(DomainError) {
    let climb = try await climb(from: theme, &findings)
    note(climb, &findings)
    guard climb.fault == nil else { return }
    try await checkRelated(climb.names, &findings)
    // Only those that come with it can name a theme that is new to the registry, and they are looked at themselves.
    guard let previous, theme.broader != previous.broader, !theme.broader.isEmpty else { return }
    try await checkDepthBelow(climb.depth, &findings)
    try await checkRelations(ofThoseAbove: climb.names, &findings)
  }

  /// What a walk up from a theme has come by.
  private struct Climb {
    /// The names of all themes above.
    var names: Set<String> = []
    /// How many steps there are at most.
    var depth = 0
    /// Why the walk was broken off.
    var fault: Fault?
    /// The names of other schemes, each with that scheme and the place of the broader theme that it is reached by.
    var strangers: [(index: Int, name: String, scheme: String)] = []
  }

  private enum Fault {
    /// The walk came back to where it began; the names on the way.
    case cycle(index: Int, path: [String])
    /// It would have taken too many steps.
    case depth(index: Int)
    /// It came by too many themes.
    case count
  }

  /// Walks up, all themes of one height at a time, so that the number of steps is that of the longest way.
  private func climb(from start: Theme, _ findings: inout Findings) async throws(DomainError) -> Climb {
    var climb = Climb()
    // How each theme was reached: from where, and by which broader theme of the first one.
    var ways: [String: (from: String, index: Int)] = [:]
    var level: [(name: String, from: String, index: Int)] = start.broader.enumerated().map { ($1, start.name, $0) }
    while let first = level.first {
      climb.depth += 1
      guard climb.depth <= Self.depthMax else {
        climb.fault = .depth(index: first.index)
        return climb
      }
      var next: [(name: String, from: String, index: Int)] = []
      var seen: Set<String> = []
      for step in level where seen.insert(step.name).inserted {
        try DomainError.checkCancellation()
        if ways[step.name] == nil { ways[step.name] = (step.from, step.index) }
        if step.name == start.name {
          climb.fault = .cycle(index: step.index, path: Self.path(to: step.from, start.name, ways) + [start.name])
          return climb
        }
        let isNew = climb.names.insert(step.name).inserted
        guard climb.names.count <= Self.ancestorCountMax else {
          climb.fault = .count
          return climb
        }
        guard let broader = try await view.relied(on: step.name, as: Theme.self, &findings) else { continue }
        guard broader.scheme == start.scheme else {
          if isNew { climb.strangers.append((step.index, step.name, broader.scheme)) }
          continue
        }
        next += broader.broader.map { ($0, step.name, step.index) }
      }
      level = next
    }
    return climb
  }

  /// The names on the way from the first theme to one above it.
  private static func path(to name: String, _ start: String, _ ways: [String: (from: String, index: Int)]) -> [String] {
    var path: [String] = []
    var place = name
    // A way has no more steps than the hierarchy is high; one that has would lead in a circle.
    while place != start, path.count <= depthMax, let way = ways[place] {
      path.append(place)
      place = way.from
    }
    return [start] + path.reversed()
  }

  private func note(_ climb: Climb, _ findings: inout Findings) {
    for (index, name, scheme) in climb.strangers {
      findings.add(
        "broader.\(index)", .themeSchemeMismatch,
        "`\(name)` is of the scheme `\(scheme)`; a broader theme is of the same scheme, `\(theme.scheme)`",
        metadata: ["value": name, "scheme": scheme])
    }
    switch climb.fault {
    case .cycle(let index, let path):
      findings.add(
        "broader.\(index)", .themeCycle,
        path.count == 2
          ? "a theme is not broader than itself; leave it out"
          : "the broader themes would lead back to the theme: \(path.joined(separator: " → "))",
        metadata: ["path": path.joined(separator: ",")])
    case .depth(let index):
      findings.add(
        "broader.\(index)", .themeCycle, "there would be more than \(Self.depthMax) steps from the theme to the top",
        metadata: ["max": "\(Self.depthMax)"])
    case .count:
      findings.add(
        "broader", .listTooLong, "there would be more than \(Self.ancestorCountMax) themes above the theme",
        metadata: ["max": "\(Self.ancestorCountMax)"])
    case nil: break
    }
  }
}

extension ThemeRelations {
  /// None of the themes that the theme names as related is above or below it, or the theme itself.
  private func checkRelated(_ ancestors: Set<String>, _ findings: inout Findings) async throws(DomainError) {
    for (index, name) in theme.related.enumerated() {
      guard name != theme.name else {
        findings.add(
          "related.\(index)", .themeRelatedConflict, "a theme is not related to itself; leave it out",
          metadata: ["value": name])
        continue
      }
      let isBelow = try await isBelow(name, theme.name, &findings)
      guard ancestors.contains(name) || isBelow else { continue }
      findings.add(
        "related.\(index)", .themeRelatedConflict,
        "`\(name)` is above or below the theme in the hierarchy; leave it out of one of the two",
        metadata: ["value": name])
    }
  }

  /// No theme that is now above the theme is related to it or to one below it, whichever of the two says so.
  private func checkRelations(
    ofThoseAbove ancestors: Set<String>, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let index = Kind.theme.references.first(where: { $0.path.text == "related" }) else { return }
    for ancestor in ancestors.sorted() {
      guard let above = try await view.relied(on: ancestor, as: Theme.self, &findings) else { continue }
      let naming = try await view.records(
        with: IndexEntry(index.field, .string(ancestor)), limit: Self.neighbourCountMax,
        whatFor: "the themes that are related to `\(ancestor)` must not be below it")
      for name in Set(above.related).union(naming.map(\.key.name)).sorted() where name != ancestor {
        // What the theme itself names is noted with the place where it does.
        guard !(name == theme.name && theme.related.contains(ancestor)) else { continue }
        let isBelow = try await isBelow(name, theme.name, &findings)
        guard name == theme.name || isBelow else { continue }
        findings.add(
          "broader", .themeRelatedConflict,
          "`\(ancestor)` would be above `\(name)`, and the two are related; take that out first",
          metadata: ["value": ancestor, "related": name])
      }
    }
    try await requireUnchangedThemes(&findings)
  }

  /// The themes below the theme, which stay below it, are not too far below the top either.
  private func checkDepthBelow(_ above: Int, _ findings: inout Findings) async throws(DomainError) {
    guard let index = Kind.theme.references.first(where: { $0.path.text == "broader" }) else { return }
    var level = [theme.name]
    var seen: Set<String> = [theme.name]
    var depth = above
    while !level.isEmpty {
      guard depth <= Self.depthMax else {
        findings.add(
          "broader", .themeCycle,
          "there would be more than \(Self.depthMax) steps from `\(level[0])`, which is below the theme, to the top",
          metadata: ["max": "\(Self.depthMax)", "theme": level[0]])
        break
      }
      var next: Set<String> = []
      for name in level {
        let below = try await view.records(
          with: IndexEntry(index.field, .string(name)), limit: Self.neighbourCountMax,
          whatFor: "the themes below `\(name)` must not be too far from the top")
        next.formUnion(below.map(\.key.name))
      }
      seen.formUnion(next)
      guard seen.count <= Self.neighbourCountMax else {
        throw DomainError(
          .limitReached,
          "there are more than \(Self.neighbourCountMax) themes below `\(theme.name)`; move them one by one",
          metadata: ["max": "\(Self.neighbourCountMax)"], resource: theme.name)
      }
      level = next.sorted()
      depth += 1
    }
    try await requireUnchangedThemes(&findings)
  }

  /// Whether a theme is below another.
  private func isBelow(_ name: String, _ other: String, _ findings: inout Findings) async throws(DomainError) -> Bool {
    guard let start = try await view.relied(on: name, as: Theme.self, &findings) else { return false }
    return try await climb(from: start, &findings).names.contains(other)
  }

  /// A theme that comes to be related or lower meanwhile would be examined against the hierarchy as it was.
  private func requireUnchangedThemes(_ findings: inout Findings) async throws(DomainError) {
    guard let themes = KeyPrefix("themes/") else { return }
    findings.require(.prefixUnchangedSince(themes, try await view.revision()), or: .examineAgain)
  }
}
