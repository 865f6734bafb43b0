internal import PlenaryStore

/// A place in an index.
struct IndexPlace: Equatable {
  var value: [UInt8]
  var key: String
}

/// The records of one marking and state, which an index keeps together.
struct IndexPartition: Hashable {
  let acl: UInt32
  let state: RecordState
}

/// A walk through the entries of one field in one partition, in the order of value and key.
///
/// Entries are read a few at a time, so that many walks can go on at once on one statement.
final class IndexRun {
  /// The way through the index.
  enum Direction {
    case up
    case down
  }

  /// What is walked through.
  struct Track {
    let field: IndexField
    let range: IndexRange
    let direction: Direction

    /// Where the keys of a single value begin and end; nil if the range holds many values.
    let scope: KeyPrefix?

    /// The places between which its entries lie, the second of which is the first behind them.
    var bounds: (lower: IndexPlace, upper: IndexPlace) {
      guard let scope else {
        return (IndexPlace(value: range.lower, key: ""), IndexPlace(value: range.upper, key: ""))
      }
      return (IndexPlace(value: range.lower, key: scope.text), IndexPlace(value: range.lower, key: scope.end))
    }
  }

  /// The fewest and the most entries to read at a time.
  private static let chunkMin = 8
  private static let chunkMax = 1024

  /// The fewest to read at first, since of many walks most end a page where they begin.
  private static let firstChunkMin = 2

  /// A walk that stops at less than one in so many entries reads few at a time.
  private static let stopShare = 8

  private let statement: SQLiteStatement
  private let track: Track
  private let partition: IndexPartition

  /// The revision to read at; nil for now.
  private let past: Revision?

  private var chunk: [IndexPlace] = []
  private var position = 0
  private var chunkSize: Int
  private var isAtEnd = false

  /// How many entries of the chunk the walk has stopped at.
  private var stopCount = 0

  /// Begins a walk at a track's start, or right after a place.
  init(
    _ track: Track, in partition: IndexPartition, after place: IndexPlace?, at past: Revision?, chunkSize: Int,
    _ statements: ReadStatements
  ) throws(Fault) {
    statement = statements.entries(track.direction, past: past != nil)
    self.track = track
    self.partition = partition
    self.past = past
    self.chunkSize = min(max(chunkSize, Self.firstChunkMin), Self.chunkMax)
    try read(from: place.map { Self.successor(of: $0, going: track.direction) } ?? Self.start(of: track))
  }

  /// The entry that the walk stands at; nil at its end.
  var current: IndexPlace? { position < chunk.count ? chunk[position] : nil }

  /// Goes to the next entry.
  func advance() throws(Fault) {
    guard position < chunk.count else { return }
    let last = chunk[position]
    position += 1
    stopCount += 1
    if position == chunk.count, !isAtEnd { try read(from: Self.successor(of: last, going: track.direction)) }
  }

  /// Goes to the first entry of the same value whose key is not before this one. For tracks of a single value.
  func seek(_ key: String) throws(Fault) {
    let direction = track.direction
    while position < chunk.count, Self.precedes(chunk[position].key, key, going: direction) { position += 1 }
    stopCount += 1
    guard position == chunk.count, !isAtEnd else { return }
    // Whoever stops at few of the entries jumps far: reading many more for the next jump would be in vain.
    if stopCount * Self.stopShare < chunk.count { chunkSize = Self.chunkMin }
    var place = IndexPlace(value: track.range.lower, key: key)
    // A walk down begins before its place.
    if direction == .down { place.key += "\0" }
    try read(from: place)
  }

  /// Whether a key comes before another on the way.
  static func precedes(_ left: String, _ right: String, going direction: Direction) -> Bool {
    direction == .up ? left < right : left > right
  }

  private static func start(of track: Track) -> IndexPlace {
    track.direction == .up ? track.bounds.lower : track.bounds.upper
  }

  /// The place to read from so as to miss nothing after this one: upwards it is included, downwards not.
  private static func successor(of place: IndexPlace, going direction: Direction) -> IndexPlace {
    direction == .up ? IndexPlace(value: place.value, key: place.key + "\0") : place
  }

  private func read(from place: IndexPlace) throws(Fault) {
    chunk.removeAll(keepingCapacity: true)
    position = 0
    stopCount = 0
    defer { statement.reset() }
    statement.bind(partition, of: track.field).bind(place).bind(
      track.direction == .up ? track.range.upper : track.range.lower
    )
    .bind(Int64(chunkSize))
    if let past { statement.bind(Int64(past.number)) }
    while try statement.step() {
      let key = statement.text(1)
      if let scope = track.scope, !key.hasPrefix(scope.text) {
        isAtEnd = true
        return
      }
      chunk.append(IndexPlace(value: track.scope == nil ? statement.blob(0) : track.range.lower, key: key))
    }
    isAtEnd = chunk.count < chunkSize
    chunkSize = min(chunkSize * 2, Self.chunkMax)
  }
}

extension SQLiteStatement {
  /// Binds what the entries of a field in a partition begin with.
  @discardableResult
  func bind(_ partition: IndexPartition, of field: IndexField) -> SQLiteStatement {
    bind(Int64(field.id)).bind(Int64(partition.acl)).bind(Int64(partition.state.rawValue))
  }

  /// Binds a place.
  @discardableResult
  func bind(_ place: IndexPlace) -> SQLiteStatement { bind(place.value).bind(place.key) }
}

/// The records of one partition that several walks have in common.
///
/// A single walk can be through any values. Several are each through one value, and so all in the order of keys: the
/// one behind jumps to where the foremost is, and what they skip is never read one by one.
final class IndexIntersection {
  private let runs: [IndexRun]
  private let direction: IndexRun.Direction

  /// The place that the walks agree on; nil at the end. Of several walks, it is that of the first.
  private(set) var current: IndexPlace?

  init(_ runs: [IndexRun], going direction: IndexRun.Direction) throws(Fault) {
    self.runs = runs
    self.direction = direction
    try agree()
  }

  /// Goes to the next record.
  func advance() throws(Fault) {
    try runs[0].advance()
    try agree()
  }

  private func agree() throws(Fault) {
    current = runs[0].current
    var agreed = 1
    while agreed < runs.count, let key = current?.key {
      let run = runs[agreed]
      try run.seek(key)
      guard let found = run.current else {
        current = nil
        return
      }
      if found.key == key {
        agreed += 1
      } else {
        try runs[0].seek(found.key)
        current = runs[0].current
        agreed = 1
      }
    }
  }
}
