internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore

/// The numbers of the dialogues of a series follow their first days.
///
/// A dialogue is held against its neighbours on both sides, since all others stand in order already. Two that are
/// written at the same moment do not see each other; what is wrong then shows when one of them is written again.
struct DialogueOrder {
  let dialogue: Dialogue
  let view: RecordView

  /// One dialogue of a series that has a number and a first day which counts.
  private struct Place {
    let ordinal: Int32
    let start: PartialDate
    let name: String

    /// Nil if the dialogue has no place: a day that is put off, or will not come, says nothing.
    init?(_ dialogue: Dialogue) {
      guard dialogue.ordinal > 0, !dialogue.series.isEmpty, ![.postponed, .cancelled].contains(dialogue.state),
        let start = dialogue.startDate.flatMap({ PartialDate($0) })
      else { return nil }
      (ordinal, name) = (dialogue.ordinal, dialogue.name)
      self.start = start
    }
  }

  /// Notes a neighbour that certainly begins on the wrong side.
  func check(_ findings: inout Findings) async throws(DomainError) {
    guard let place = Place(dialogue) else { return }
    for direction in [Query.Direction.descending, .ascending] {
      guard let neighbour = try await neighbour(of: place, direction) else { continue }
      _ = try await view.relied(on: neighbour.name, as: Dialogue.self, &findings)
      let isBefore = direction == .descending
      let (first, second) = isBefore ? (neighbour, place) : (place, neighbour)
      guard first.start.firstDay > second.start.lastDay else { continue }
      findings.add(
        "ordinal", .ordinalDateOrder,
        "number \(first.ordinal) of `\(dialogue.series)` would begin on \(first.start), after number "
          + "\(second.ordinal), on \(second.start); correct an ordinal or a date",
        metadata: ["ordinal": "\(place.ordinal)", "start_date": place.start.description, "neighbour": neighbour.name])
    }
  }

  /// The nearest place below or above.
  private func neighbour(
    of place: Place, _ direction: Query.Direction
  ) async throws(DomainError) -> Place? {
    let isBefore = direction == .descending
    // Found among many with halving, since an import has them all.
    let changed = changedPlaces
    var (low, high) = (0, changed.count)
    while low < high {
      let middle = (low + high) / 2
      let isBelow = isBefore ? changed[middle].ordinal < place.ordinal : changed[middle].ordinal <= place.ordinal
      if isBelow { low = middle + 1 } else { high = middle }
    }
    let index = isBefore ? low - 1 : low
    let near = changed.indices.contains(index) ? changed[index] : nil
    let stored = try await storedNeighbour(of: place, direction)
    guard let near, let stored else { return near ?? stored }
    return (near.ordinal > stored.ordinal) == isBefore ? near : stored
  }

  /// The places of those that are being changed, by number.
  private var changedPlaces: [Place] {
    view.remembered("order of \(dialogue.series)") {
      let series = IndexEntry(Kind.dialogue.index(ofReference: "series"), .string(dialogue.series))
      return view.changedRecords(with: series).compactMap { ($0 as? Dialogue).flatMap(Place.init) }
        .sorted { $0.ordinal < $1.ordinal }
    }
  }

  private func storedNeighbour(
    of place: Place, _ direction: Query.Direction
  ) async throws(DomainError) -> Place? {
    let field = Kind.dialogue.derivedIndex(Kind.ordinalOfDialogue)
    func value(_ ordinal: Int64) -> IndexValue { .composite(.string(dialogue.series), .integer(ordinal)) }
    let number = Int64(place.ordinal)
    let range =
      direction == .descending
      ? IndexRange.from(value(1)).intersection(.below(value(number)))
      : IndexRange.above(value(number)).intersection(.through(value(Int64(Int32.max))))
    let query = Query(
      conditions: [.init(field, .within(range))], order: .field(field), direction: direction)
    var found: Place?
    try await view.forEachUnchanged(query) { record throws(DomainError) in
      found = (try view.content(of: record) as? Dialogue).flatMap(Place.init)
      return found == nil
    }
    return found
  }
}
