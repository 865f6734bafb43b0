internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// A walk along the chain from mandates to follow-ups, from one record both ways, the nearest records first.
///
/// Invariants: what is found on the way back is never left on the way forth, so that the siblings of what leads to a record
/// are no part of its trace; a gap is noted only where all that could fill it was looked at.
struct TraceWalk {
  /// The most links between records that a trace tells.
  static let linkCountMax = 10_000

  private let reader: SnapshotReader
  private let nodeCountMax: Int
  private let note: (StoredRecord) -> Void

  private var places: [String: TracePlace] = [:]
  private var sides: [String: ResourceTrace.Side] = [:]
  private var predecessors: [String: Set<String>] = [:]
  private var gaps: [ResourceTrace.Gap] = []
  private var linkCount = 0
  private var isTruncated = false

  /// A walk by a reader.
  ///
  /// - Parameters:
  ///   - nodeCountMax: The most records.
  ///   - note: Is told of each record that is part of the trace.
  init(_ reader: SnapshotReader, nodeCountMax: Int, note: @escaping (StoredRecord) -> Void) {
    self.reader = reader
    self.nodeCountMax = nodeCountMax
    self.note = note
  }

  /// The trace of a record that has a place in the chain.
  mutating func trace(_ start: TracePlace) async throws(DomainError) -> ResourceTrace {
    places[start.name] = start
    sides[start.name] = .itself
    var (before, after) = ([start], [start])
    while !isTruncated, !before.isEmpty || !after.isEmpty {
      before = try await layer(before, .before)
      after = try await layer(after, .after)
    }
    let nodes = places.values.sorted { ($0.step.rawValue, $0.name) < ($1.step.rawValue, $1.name) }
    let places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1.name, $0) })
    return .with {
      $0.name = start.name
      $0.nodes = nodes.map { node in
        .with {
          ($0.name, $0.step, $0.state) = (node.name, node.step, node.state)
          $0.side = sides[node.name] ?? .unspecified
          $0.predecessors = (predecessors[node.name] ?? []).sorted()
        }
      }
      $0.gaps = gaps.sorted { left, right in
        let key = { (gap: ResourceTrace.Gap) in (places[gap.name] ?? 0, gap.before ? 0 : 1, gap.missing.rawValue) }
        return key(left) < key(right)
      }
      $0.truncated = isTruncated
    }
  }

  /// Goes one step on from each of some records, and gives those that are new.
  private mutating func layer(
    _ layer: [TracePlace], _ side: ResourceTrace.Side
  ) async throws(DomainError) -> [TracePlace] {
    var next: [TracePlace] = []
    for place in layer where !isTruncated {
      let found = side == .before ? try await precede(place, &next) : try await follow(place, &next)
      guard !isTruncated else { break }
      for want in side == .before ? place.wantedBefore : place.wantedAfter where found.isDisjoint(with: want.filledBy) {
        gaps.append(.with { ($0.name, $0.missing, $0.before) = (place.name, want.missing, side == .before) })
      }
    }
    return next
  }

  // MARK: What leads to a record

  private mutating func precede(
    _ place: TracePlace, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    let way = Way.leading(to: place.name)
    var steps = try await visit(named: place.origins, way, &next)
    for mandate in place.mandates where !isTruncated {
      // Directives lie in mandates that the reader sees, so where there are none the mandate itself is looked for.
      let directives = try await visit(.directive, in: mandate, way, &next)
      guard directives.isEmpty else {
        steps.formUnion(directives)
        continue
      }
      let found = try await visit(named: [mandate], way, &next)
      steps.formUnion(found)
      let gap = ResourceTrace.Gap.with { ($0.name, $0.missing) = (mandate, .directive) }
      // More than one record can be under the mandate.
      if !found.isEmpty, !gaps.contains(gap) { gaps.append(gap) }
    }
    if place.step == .recommendation {
      steps.formUnion(try await visit(.recommendation, "successor", place.name, way, &next))
    }
    return steps
  }

  // MARK: What follows a record

  private mutating func follow(
    _ place: TracePlace, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    let name = place.name
    let way = Way.following(name)
    var steps: Set<ResourceTrace.Step> = []
    switch place.step {
    case .mandate:
      steps = try await visit(.directive, in: name, way, &next)
      // Where a mandate says nothing that is recorded, what is done under it follows it directly.
      if steps.isEmpty { steps = try await visit(under: name, way, &next) }
    case .directive:
      steps = try await visit(under: place.origins.first ?? "", way, &next)
      steps.formUnion(try await visit(.consultation, "directive", name, way, &next))
      steps.formUnion(try await visit(.recommendation, "directive", name, way, &next))
    case .series: steps = try await visit(.dialogue, "series", name, way, &next)
    case .dialogue:
      steps = try await visit(.workingGroup, in: name, way, &next)
      steps.formUnion(try await visit(.panel, in: name, way, &next))
      steps.formUnion(try await visit(.consultation, "dialogue", name, way, &next))
      steps.formUnion(try await visit(.recommendation, "dialogue", name, way, &next))
    case .groupOrPanel: steps = try await visit(.finding, "origin", name, way, &next)
    case .finding: steps = try await visit(.recommendation, "findings", name, way, &next)
    case .recommendation:
      steps = try await visit(.followUp, in: name, way, &next)
      steps.formUnion(try await visit(named: place.successor.isEmpty ? [] : [place.successor], way, &next))
    default: break
    }
    return steps
  }

  // MARK: Reading

  /// The series and dialogues that name a mandate.
  private mutating func visit(
    under mandate: String, _ way: Way, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    try await visit(.series, "mandates", mandate, way, &next)
      .union(try await visit(.dialogue, "mandates", mandate, way, &next))
  }

  /// The records that name another one in a field.
  private mutating func visit(
    _ kind: Kind, _ path: String, _ value: String, _ way: Way, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    let entry = IndexEntry(kind.index(ofReference: path), .string(value))
    return try await visit(kind, with: entry, under: .all, way, &next)
  }

  /// The records of a kind that lie in another one.
  private mutating func visit(
    _ kind: Kind, in parent: String, _ way: Way, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    guard let collection = kind.pattern.collections.last, let scope = KeyPrefix("\(parent)/\(collection)/") else {
      return []
    }
    return try await visit(kind, with: nil, under: scope, way, &next)
  }

  private mutating func visit(
    _ kind: Kind, with entry: IndexEntry?, under scope: KeyPrefix, _ way: Way, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    var steps: Set<ResourceTrace.Step> = []
    guard !isTruncated else { return steps }
    let reader = reader
    try await reader.forEach(kind, with: entry, under: scope) { record throws(DomainError) in
      if let step = try add(record, way, &next) { steps.insert(step) }
      return !isTruncated
    }
    return steps
  }

  private mutating func visit(
    named names: [String], _ way: Way, _ next: inout [TracePlace]
  ) async throws(DomainError) -> Set<ResourceTrace.Step> {
    var steps: Set<ResourceTrace.Step> = []
    guard !isTruncated else { return steps }
    let reader = reader
    try await reader.forEach(named: names) { record throws(DomainError) in
      if let step = try add(record, way, &next) { steps.insert(step) }
      return !isTruncated
    }
    return steps
  }

  // MARK: The trace

  /// How a record that was found stands to the one that led to it.
  private enum Way {
    case leading(to: String)
    case following(String)
  }

  private mutating func add(
    _ record: StoredRecord, _ way: Way, _ next: inout [TracePlace]
  ) throws(DomainError) -> ResourceTrace.Step? {
    switch way {
    case .leading(let name):
      guard let place = try take(record, .before, &next) else { return nil }
      link(place.name, name)
      return place.step
    case .following(let name):
      guard let place = try take(record, .after, &next) else { return nil }
      link(name, place.name)
      return place.step
    }
  }

  /// Takes a record into the trace if it is not there yet; nil if there is no room for it.
  private mutating func take(
    _ record: StoredRecord, _ side: ResourceTrace.Side, _ next: inout [TracePlace]
  ) throws(DomainError) -> TracePlace? {
    let name = record.key.name
    if let place = places[name] { return place }
    guard places.count < nodeCountMax else {
      isTruncated = true
      return nil
    }
    guard let place = TracePlace(try KindCatalog.current.decode(record)) else { return nil }
    note(record)
    places[name] = place
    sides[name] = side
    next.append(place)
    return place
  }

  private mutating func link(_ before: String, _ after: String) {
    guard linkCount < Self.linkCountMax else { return isTruncated = true }
    if predecessors[after, default: []].insert(before).inserted { linkCount += 1 }
  }
}
