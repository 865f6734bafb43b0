internal import PlenaryStore

/// The tables of an open search index, and what is written to them.
final class SearchTables {
  /// How far erasing has come: the words of records that are gone stay in the parts of FTS5's index that were written
  /// before, until these are merged into one.
  enum Erasing: Int64 {
    case nothing = 0
    /// Merging has to begin.
    case begins = 1
    /// Merging goes on.
    case merges = 2
    /// The log has to be emptied.
    case empties = 3
    /// The file has to be written anew: where a page was full, its rows were copied to others, and nothing has
    /// overwritten what they were copied from.
    case rewrites = 4
  }

  /// The pages that one step of erasing merges: 4 MiB.
  private static let mergedPageCount = 1000

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
    meta = try connection.prepare("SELECT base, rev, place_group, place_key, loaded, erasing FROM meta")
  }

  /// How far the index has come, and what is left of erasing.
  func state() throws(Fault) -> (progress: SearchProgress, erasing: Erasing) {
    defer { meta.reset() }
    guard try meta.step(), let erasing = Erasing(rawValue: meta.integer(5)) else {
      throw .refusal(.corrupt(reason: "the search index has lost its meta row"))
    }
    let base = Revision(UInt64(meta.integer(0)))
    guard meta.isNull(1) else {
      return (SearchProgress(stage: .fed(through: Revision(UInt64(meta.integer(1)))), base: base), erasing)
    }
    let place: SearchPlace? =
      meta.isNull(2)
      ? nil : SearchPlace(group: UInt8(truncatingIfNeeded: meta.integer(2)), key: Key(stored: meta.text(3)))
    return (
      SearchProgress(stage: .loading(after: place), base: base, loadedCount: Int(meta.integer(4))), erasing
    )
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

  /// Ends loading.
  func finishLoading() throws(Fault) {
    try transaction { () throws(Fault) in
      try connection.execute("UPDATE meta SET rev = base, place_group = NULL, place_key = NULL WHERE rev IS NULL")
    }
  }

  /// Takes changes in.
  func apply(_ update: SearchUpdate) throws(Fault) {
    try transaction { () throws(Fault) in
      try put(update.documents)
      try connection.prepare("UPDATE meta SET rev = ?").bind(Int64(update.through.number)).run()
      if update.erases { try set(.begins) }
    }
  }

  /// Does a part of erasing; false if there is nothing to do now.
  func erase() throws(Fault) -> Bool {
    let erasing = try state().erasing
    switch erasing {
    case .nothing: return false
    case .begins, .merges:
      try transaction { () throws(Fault) in
        let before = try connection.integer("SELECT total_changes()") ?? 0
        // A negative number has all parts merged into one; further steps go on with that.
        let count = erasing == .begins ? -Self.mergedPageCount : Self.mergedPageCount
        try connection.execute("INSERT INTO words(words, rank) VALUES('merge', \(count))")
        let after = try connection.integer("SELECT total_changes()") ?? 0
        try set(after - before < 2 ? .rewrites : .merges)
      }
      return true
    case .rewrites:
      try connection.execute("VACUUM")
      try transaction { () throws(Fault) in try set(.empties) }
      return true
    case .empties:
      // Who still reads keeps the log; it is tried again at the next change.
      guard try connection.checkpoint(truncating: true, waiting: true) != nil else { return false }
      try transaction { () throws(Fault) in try set(.nothing) }
      return false
    }
  }

  private func set(_ erasing: Erasing) throws(Fault) {
    try connection.execute("UPDATE meta SET erasing = \(erasing.rawValue)")
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
    // FTS5 takes rows in best in the order of their numbers, which is that of the places.
    for run in try labels.runs(of: new) { try insert(run) }
    for document in known {
      // Making room for others may have given it another label.
      guard let found = try find(document.place) else { continue }
      if document.titles == found.titles, document.texts == found.texts { continue }
      try deleteWords.bind(found.label).bind(found.titles).bind(found.texts).run()
      if document.isEmpty {
        try deleteDocument.bind(found.label).run()
      } else {
        try insertWords.bind(found.label).bind(document.titles).bind(document.texts).run()
        try updateDocument.bind(document.titles).bind(document.texts).bind(found.label).run()
      }
    }
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
    for (document, label) in moved {
      try deleteWords.bind(label).bind(document.titles).bind(document.texts).run()
      try deleteDocument.bind(label).run()
    }
    for (index, (document, _)) in moved.enumerated() {
      try insert(document, room.range.lowerBound + Int64(index + 1) * room.step)
    }
  }
}
