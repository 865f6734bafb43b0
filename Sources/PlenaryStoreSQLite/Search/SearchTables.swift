internal import PlenaryStore

/// The tables of an open search index, and what is written to them.
final class SearchTables {
  /// What is left to do when nothing has changed. FTS5 writes what is added in parts, and a search looks into each of
  /// them; and the words of records that are gone stay in the parts that were written before.
  enum Upkeep: Int64 {
    /// The parts are to be merged into one so that searches are quick: after loading, and when the counts in `meta` say so.
    case scattered = -1
    case nothing = 0
    /// For erasing, all parts have to be merged into one: this has to begin.
    case begins = 1
    /// Merging for erasing goes on.
    case merges = 2
    /// The same, and more has been erased since it began.
    case mergesAgain = 6
    /// After erasing, the log has to be emptied.
    case empties = 3
    /// For erasing, the file has to be written anew: where a page was full, its rows were copied to others, and nothing
    /// has overwritten what they were copied from.
    case rewrites = 4
    /// Merging for searches goes on.
    case gathers = 5
  }

  /// The pages that one step of erasing merges, 4 MiB, and one step of merging for searches, on which a search for what
  /// was just written may wait: 1 MiB.
  private static let erasedPageCount = 1000
  private static let gatheredPageCount = 250

  /// How many documents must have been written since merging began last, before it begins again: so many, and a part of
  /// those that there are. Each document is written again that many times at most while a registry doubles.
  static let gatheredCountMin = 1000
  static let gatheredShare = 16

  /// How often merging can begin in one index. Each time FTS5 numbers the levels of its parts up to seven higher, works
  /// the more at once the more there are, and takes an index of 2000 for damaged: long before, it has to be made anew.
  static let mergingCountMax = 200

  let connection: SQLiteConnection
  var labels: SearchLabels

  private let insertDocument: SQLiteStatement
  private let updateDocument: SQLiteStatement
  private let deleteDocument: SQLiteStatement
  private let findDocument: SQLiteStatement
  private let insertWords: SQLiteStatement
  private let deleteWords: SQLiteStatement
  private let meta: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    self.connection = connection
    labels = try SearchLabels(connection)
    insertDocument = try connection.prepare("INSERT INTO doc VALUES(?, ?, ?, ?, ?)")
    updateDocument = try connection.prepare("UPDATE doc SET titles = ?, texts = ? WHERE label = ?")
    deleteDocument = try connection.prepare("DELETE FROM doc WHERE label = ?")
    findDocument = try connection.prepare("SELECT label, titles, texts FROM doc WHERE grp = ? AND k = ?")
    insertWords = try connection.prepare("INSERT INTO words(rowid, titles, texts) VALUES(?, ?, ?)")
    deleteWords = try connection.prepare("INSERT INTO words(words, rowid, titles, texts) VALUES('delete', ?, ?, ?)")
    meta = try connection.prepare(
      "SELECT base, rev, whole, place_group, place_key, loaded, upkeep, written, documents FROM meta")
  }

  /// How far the index has come.
  func progress() throws(Fault) -> SearchProgress {
    defer { meta.reset() }
    try readMeta()
    let base = Revision(UInt64(meta.integer(0)))
    let loadedCount = Int(meta.integer(5))
    guard meta.isNull(1) else {
      let revision = Revision(UInt64(meta.integer(1)))
      return meta.integer(1) < meta.integer(2)
        ? SearchProgress(stage: .settling(after: revision), base: base, loadedCount: loadedCount)
        : SearchProgress(stage: .fed(through: revision), base: base)
    }
    let place: SearchPlace? =
      meta.isNull(3)
      ? nil : SearchPlace(group: UInt8(truncatingIfNeeded: meta.integer(3)), key: Key(stored: meta.text(4)))
    return SearchProgress(stage: .loading(after: place), base: base, loadedCount: loadedCount)
  }

  /// What is left to do when nothing has changed.
  private func upkeep() throws(Fault) -> Upkeep {
    defer { meta.reset() }
    try readMeta()
    guard let upkeep = Upkeep(rawValue: meta.integer(6)) else {
      throw .refusal(.corrupt(reason: "the search index has a meta row of another version"))
    }
    let (written, documents) = (meta.integer(7), meta.integer(8))
    let isScattered = written >= Self.gatheredCountMin && written >= documents / Int64(Self.gatheredShare)
    return upkeep == .nothing && isScattered ? .scattered : upkeep
  }

  private func readMeta() throws(Fault) {
    guard try meta.step() else { throw .refusal(.corrupt(reason: "the search index has lost its meta row")) }
  }

  // MARK: Steps

  /// Notes the revision from which changes are taken in once all records are loaded.
  func begin(at base: Revision) throws(Fault) {
    try transaction { () throws(Fault) in
      try connection.prepare("UPDATE meta SET base = ?").bind(Int64(base.number)).run()
    }
  }

  /// Adds records on the way through all.
  func load(_ documents: [SearchDocument], through place: SearchPlace) throws(Fault) {
    try transaction { () throws(Fault) in
      try put(documents)
      try connection.prepare("UPDATE meta SET place_group = ?, place_key = ?, loaded = loaded + ?")
        .bind(Int64(place.group)).bind(place.key.name).bind(Int64(documents.count)).run()
    }
  }

  /// Ends loading; no record was loaded as it stood after `head`.
  func finishLoading(at head: Revision) throws(Fault) {
    try transaction { () throws(Fault) in
      try connection.prepare(
        "UPDATE meta SET rev = base, whole = ?, place_group = NULL, place_key = NULL, upkeep = ? WHERE rev IS NULL"
      )
      .bind(Int64(head.number)).bind(Upkeep.scattered.rawValue).run()
    }
  }

  /// Takes changes in.
  func apply(_ update: SearchUpdate) throws(Fault) {
    try transaction { () throws(Fault) in
      try put(update.documents)
      try connection.prepare("UPDATE meta SET rev = ?").bind(Int64(update.through.number)).run()
      guard update.erases else { return }
      // A merging that is under way has to come to its end first: who erases one by one would have it begin over and over.
      let stored = try connection.integer("SELECT upkeep FROM meta")
      let isMerging = stored == Upkeep.merges.rawValue || stored == Upkeep.mergesAgain.rawValue
      try set(isMerging ? .mergesAgain : .begins)
    }
  }

  /// Does a part of what is left to do when nothing has changed; false if there is nothing to do now.
  ///
  /// It takes an index in which merging has begun too often for damaged.
  func tidy() throws(Fault) -> Bool {
    let upkeep = try upkeep()
    switch upkeep {
    case .nothing: return false
    case .begins, .merges:
      try transaction { () throws(Fault) in
        try set(try merge(Self.erasedPageCount, beginning: upkeep == .begins) ? .merges : .rewrites)
      }
    case .mergesAgain:
      try transaction { () throws(Fault) in
        if try !merge(Self.erasedPageCount, beginning: false) { try set(.begins) }
      }
    case .scattered, .gathers:
      do throws(Fault) {
        try transaction { () throws(Fault) in
          try set(try merge(Self.gatheredPageCount, beginning: upkeep == .scattered) ? .gathers : .nothing)
        }
      } catch {
        // Searches are right without it; it is tried again after the next change.
        guard case .full = error.storeError else { throw error }
        return false
      }
    case .rewrites:
      try connection.execute("VACUUM")
      try transaction { () throws(Fault) in try set(.empties) }
    case .empties:
      // Who still reads keeps the log; it is tried again at the next change.
      guard try connection.checkpoint(truncating: true, waiting: true) != nil else { return false }
      try transaction { () throws(Fault) in try set(.nothing) }
      return false
    }
    return true
  }

  /// Merges so many pages, or more where one word has more; false if there was nothing left to merge.
  private func merge(_ pageCount: Int, beginning: Bool) throws(Fault) -> Bool {
    if beginning {
      guard try connection.integer("SELECT mergings FROM meta") ?? 0 < Self.mergingCountMax else {
        throw .refusal(.corrupt(reason: "its parts have been merged \(Self.mergingCountMax) times, and can be no more"))
      }
      // What is written from now on may come to lie beside what is merged.
      try connection.execute("UPDATE meta SET written = 0, mergings = mergings + 1")
    }
    let before = try connection.integer("SELECT total_changes()") ?? 0
    // A negative number has all parts merged into one; further steps go on with that.
    try connection.execute("INSERT INTO words(words, rank) VALUES('merge', \(beginning ? -pageCount : pageCount))")
    let after = try connection.integer("SELECT total_changes()") ?? 0
    return after - before >= 2
  }

  private func set(_ upkeep: Upkeep) throws(Fault) {
    try connection.execute("UPDATE meta SET upkeep = \(upkeep.rawValue)")
  }

  private func transaction(_ body: () throws(Fault) -> Void) throws(Fault) {
    try connection.execute("BEGIN IMMEDIATE")
    do throws(Fault) {
      try body()
      try connection.execute("COMMIT")
    } catch {
      // The first error tells what is wrong; SQLite may have rolled back already.
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  // MARK: Documents

  /// A document as it stands in the index.
  private struct Found {
    let label: Int64
    let titles: String
    let texts: String
  }

  private func put(_ documents: [SearchDocument]) throws(Fault) {
    let documents = documents.sorted { $0.place < $1.place }
    var new: [SearchDocument] = []
    var known: [SearchDocument] = []
    for document in documents {
      if try find(document.place) != nil {
        known.append(document)
      } else if !document.isEmpty {
        new.append(document)
      }
    }
    var written = new.count
    var count = new.count
    // FTS5 takes rows in best in the order of their numbers, which is that of the places.
    for run in try labels.runs(of: new) { try insert(run) }
    for document in known {
      // Making room for others may have given it another label.
      guard let found = try find(document.place) else { continue }
      if document.titles == found.titles, document.texts == found.texts { continue }
      written += 1
      try deleteWords.bind(found.label).bind(found.titles).bind(found.texts).run()
      if document.isEmpty {
        count -= 1
        try deleteDocument.bind(found.label).run()
      } else {
        try insertWords.bind(found.label).bind(document.titles).bind(document.texts).run()
        try updateDocument.bind(document.titles).bind(document.texts).bind(found.label).run()
      }
    }
    try connection.prepare("UPDATE meta SET written = written + ?, documents = documents + ?")
      .bind(Int64(written)).bind(Int64(count)).run()
  }

  private func find(_ place: SearchPlace) throws(Fault) -> Found? {
    defer { findDocument.reset() }
    guard try findDocument.bind(Int64(place.group)).bind(place.key.name).step() else { return nil }
    return Found(label: findDocument.integer(0), titles: findDocument.text(1), texts: findDocument.text(2))
  }

  /// Adds documents between which no others lie.
  private func insert(_ run: ArraySlice<SearchDocument>) throws(Fault) {
    guard let first = run.first else { return }
    while true {
      let gap = try labels.gap(at: first.place)
      if let chosen = gap.labels(count: run.count, following: labels.last) {
        for (document, label) in zip(run, chosen) { try insert(document, label) }
        labels.last = chosen.last
        return
      }
      try spread(around: gap, count: run.count)
    }
  }

  private func insert(_ document: SearchDocument, _ label: Int64) throws(Fault) {
    try insertWords.bind(label).bind(document.titles).bind(document.texts).run()
    try insertDocument.bind(label).bind(Int64(document.place.group)).bind(document.place.key.name)
      .bind(document.titles).bind(document.texts).run()
  }

  /// Gives documents around a gap other labels, so that it becomes wide enough.
  private func spread(around gap: SearchLabels.Gap, count: Int) throws(Fault) {
    let room = try labels.room(around: gap, count: count)
    var moved: [(document: SearchDocument, label: Int64)] = []
    let rows = try connection.prepare(
      "SELECT label, grp, k, titles, texts FROM doc WHERE label >= ? AND label < ? ORDER BY label")
    rows.bind(room.range.lowerBound).bind(room.range.upperBound)
    while try rows.step() {
      let place = SearchPlace(
        group: UInt8(truncatingIfNeeded: rows.integer(1)), key: Key(stored: rows.text(2)))
      moved.append(
        (SearchDocument(place: place, titles: rows.text(3), texts: rows.text(4)), rows.integer(0)))
    }
    rows.reset()
    try connection.prepare("UPDATE meta SET written = written + ?").bind(Int64(moved.count)).run()
    for (document, label) in moved {
      try deleteWords.bind(label).bind(document.titles).bind(document.texts).run()
      try deleteDocument.bind(label).run()
    }
    for (index, (document, _)) in moved.enumerated() {
      try insert(document, room.range.lowerBound + Int64(index + 1) * room.step)
    }
  }
}
