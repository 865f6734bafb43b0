internal import PlenaryStore

/// Numbers that rise with the places of records, so that what FTS5 finds comes in the order of names.
///
/// Each kind has a run of 2^56 labels. A new record gets one between its neighbours'; where there is none left, the
/// smallest run of labels around the place that is not yet too full is spread out evenly, as in "Two Simplified
/// Algorithms for Maintaining Order in a List" (Bender and others, 2002): the larger a run is, the emptier it has to be,
/// so that a record is moved a few times at most, on average.
struct SearchLabels {
  /// The labels between two neighbours, these not included.
  struct Gap {
    let group: UInt8
    let below: Int64
    let above: Int64

    /// Whether a record of the kind follows, or else the end of its run.
    let isInner: Bool

    var width: Int64 { above - below - 1 }

    /// Labels for so many records; nil if there is too little room.
    ///
    /// - Parameter last: The label that was given out last. Where records come one after the other, the next ones are
    ///   likely to follow too, so that most of the gap is left for them.
    func labels(count: Int, following last: Int64?) -> [Int64]? {
      guard width >= Int64(count) else { return nil }
      let used = isInner && last == below && width / SearchLabels.followingShare > Int64(count)
      let room = used ? width / SearchLabels.followingShare : width
      let step =
        isInner ? max(1, room / Int64(count + 1)) : min(SearchLabels.stepAtEnd, max(1, room / Int64(count + 1)))
      return (0..<count).map { below + Int64($0 + 1) * step }
    }
  }

  /// The label bits of one kind.
  private static let bitCount = 56

  /// The part of a gap that is used where records follow each other.
  fileprivate static let followingShare: Int64 = 16

  /// What lies between two records that are added at the end of their kind.
  fileprivate static let stepAtEnd: Int64 = 1 << 26

  /// How much emptier a run of twice the length has to be.
  private static let thinning = 1.4

  /// The label that was given out last.
  var last: Int64?

  private let connection: SQLiteConnection
  private let before: SQLiteStatement
  private let after: SQLiteStatement
  private let count: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    self.connection = connection
    before = try connection.prepare("SELECT label FROM doc WHERE grp = ? AND k < ? ORDER BY k DESC LIMIT 1")
    after = try connection.prepare("SELECT label, k FROM doc WHERE grp = ? AND k > ? ORDER BY k LIMIT 1")
    count = try connection.prepare("SELECT count(*) FROM doc WHERE label >= ? AND label < ?")
  }

  /// The first label that a kind can have, and the first after them. The first itself is never given out.
  static func range(of group: UInt8) -> Range<Int64> {
    let base = Int64(group) << Int64(bitCount)
    return base..<(base + (1 << Int64(bitCount)))
  }

  /// Documents in order, taken apart where others lie between them.
  func runs(of documents: [SearchDocument]) throws(Fault) -> [ArraySlice<SearchDocument>] {
    var runs: [ArraySlice<SearchDocument>] = []
    var start = documents.startIndex
    while start < documents.endIndex {
      let first = documents[start].place
      let next = try neighbour(after: first)?.key
      let end =
        documents[start...].firstIndex { document in
          document.place.group != first.group || next.map { document.place.key.name > $0 } ?? false
        } ?? documents.endIndex
      runs.append(documents[start..<end])
      start = end
    }
    return runs
  }

  /// The gap in which a place lies.
  func gap(at place: SearchPlace) throws(Fault) -> Gap {
    let range = Self.range(of: place.group)
    defer { before.reset() }
    let below = try before.bind(Int64(place.group)).bind(place.key.name).step() ? before.integer(0) : range.lowerBound
    let next = try neighbour(after: place)
    return Gap(group: place.group, below: below, above: next?.label ?? range.upperBound, isInner: next != nil)
  }

  /// The smallest run of labels around a gap that has room for more, and the distance at which all in it will stand.
  func room(around gap: Gap, count added: Int) throws(Fault) -> (range: Range<Int64>, step: Int64) {
    let whole = Self.range(of: gap.group)
    for bits in 4...Self.bitCount {
      let width = Int64(1) << Int64(bits)
      let lower = gap.below & ~(width - 1)
      let range = lower..<min(lower + width, whole.upperBound)
      defer { count.reset() }
      guard try count.bind(range.lowerBound).bind(range.upperBound).step() else { continue }
      let found = count.integer(0)
      var capacity = Double(width)
      for _ in 0..<bits { capacity /= Self.thinning }
      let step = width / (found + 1)
      if Double(found + Int64(added)) <= capacity, step > Int64(added) + 1 { return (range, step) }
    }
    throw .refusal(.corrupt(reason: "the search index has no room for more records of a kind"))
  }

  private func neighbour(after place: SearchPlace) throws(Fault) -> (label: Int64, key: String)? {
    defer { after.reset() }
    guard try after.bind(Int64(place.group)).bind(place.key.name).step() else { return nil }
    return (after.integer(0), after.text(1))
  }
}
