internal import PlenaryStore

/// What was erased in a store while its records stayed, so that a backup of before does not bring it back.
///
/// It is a file beside the database, with a line of JSON for each record: what was put in the place of its content, and
/// when and why; nothing of what was erased. What the database has lost since, because it was restored, stays in the list.
struct ErasureList {
  /// A record, and no other one of the same name.
  struct Place: Hashable {
    let key: String
    let born: UInt64
  }

  /// What was done to it.
  struct Erasure {
    let revision: UInt64
    let time: Int64
    let reason: String
    let marking: Marking
    /// What was put in the place of its content; nil if the record is removed since.
    let body: [UInt8]?
  }

  /// The form of a line; a program that does not know it must not read it.
  private static let format: Int64 = 1

  /// The most bytes of a list: some hundred thousand erasures.
  private static let byteCountMax = 64 << 20

  /// The store that it is of; lines of others are left out.
  let storeID: [UInt8]

  private(set) var erasures: [Place: Erasure] = [:]

  /// The list of a store, without a line.
  init(of storeID: [UInt8]) {
    self.storeID = storeID
  }

  /// Adds what stands in a file.
  /// - Throws: `corrupt` if it is no such list, `unavailable`.
  mutating func add(file path: String) throws(Fault) {
    let text = String(decoding: try DurableFile.read(path, byteCountMax: Self.byteCountMax), as: UTF8.self)
    let connection = try SQLiteConnection(scratch: ":memory:")
    let isValid = try connection.prepare("SELECT json_valid(?)")
    let fields = [
      "format", "store_id", "record", "born", "revision", "time_microseconds", "reason", "label", "originator",
      "detail",
      "content",
    ].enumerated().map { "json_extract(?1, '$.\($1)')" }
    let row = try connection.prepare("SELECT " + fields.joined(separator: ", "))
    for line in text.split(separator: "\n").map(String.init) {
      isValid.reset()
      row.reset()
      guard try isValid.bind(line).step(), isValid.integer(0) == 1, try row.bind(line).step(),
        row.integer(0) == Self.format, let storeID = [UInt8](hexadecimal: row.text(1)),
        let detail = [UInt8](hexadecimal: row.text(9))
      else { throw .refusal(.corrupt(reason: "\(path) is no list of erasures that this program can read")) }
      guard storeID == self.storeID else { continue }
      add(
        Erasure(
          revision: UInt64(bitPattern: row.integer(4)), time: row.integer(5), reason: row.text(6),
          marking: Marking(
            label: Int32(truncatingIfNeeded: row.integer(7)), originator: row.text(8), detail: detail),
          body: row.isNull(10) ? nil : [UInt8](hexadecimal: row.text(10))),
        at: Place(key: row.text(2), born: UInt64(bitPattern: row.integer(3))))
    }
  }

  /// Adds what a store knows of.
  mutating func add(from connection: SQLiteConnection) throws(Fault) {
    // What stands now is what was put there, since nothing is added to a record that was erased; or the record is removed.
    let row = try connection.prepare(
      """
      SELECT u.k, c.born, u.rev, u.ts, ifnull(r.reason, ''), m.label, m.originator, m.detail, c.body
      FROM audit u JOIN head h ON h.k = u.k JOIN ver c ON c.rev = h.rev AND c.born <= u.rev
        JOIN acl m ON m.id = c.acl LEFT JOIN audit r ON r.rev = u.txn
      WHERE u.op > 8
      """)
    while try row.step() {
      add(
        Erasure(
          revision: UInt64(row.integer(2)), time: row.integer(3), reason: row.text(4),
          marking: Marking(
            label: Int32(truncatingIfNeeded: row.integer(5)), originator: row.text(6), detail: row.blob(7)),
          body: row.isNull(8) ? nil : row.blob(8)),
        at: Place(key: row.text(0), born: UInt64(row.integer(1))))
    }
  }

  private mutating func add(_ erasure: Erasure, at place: Place) {
    if let known = erasures[place], known.revision > erasure.revision || erasure.body == nil && known.body != nil {
      return
    }
    erasures[place] = erasure
  }

  /// Writes the list, in place of the one that stands there.
  func write(to path: String) throws(Fault) {
    let connection = try SQLiteConnection(scratch: ":memory:")
    let row = try connection.prepare(
      """
      SELECT json_object('format', \(Self.format), 'store_id', ?, 'record', ?, 'born', ?, 'revision', ?,
        'time_microseconds', ?, 'reason', ?, 'label', ?, 'originator', ?, 'detail', ?, 'content', ?)
      """)
    var bytes: [UInt8] = []
    for (place, erasure) in erasures.sorted(by: { $0.value.revision < $1.value.revision }) {
      row.reset()
      row.bind(storeID.hexadecimal).bind(place.key).bind(Int64(place.born)).bind(Int64(erasure.revision))
        .bind(erasure.time).bind(erasure.reason).bind(Int64(erasure.marking.label)).bind(erasure.marking.originator)
        .bind(erasure.marking.detail.hexadecimal).bind(erasure.body?.hexadecimal)
      guard try row.step() else { continue }
      bytes += Array(row.text(0).utf8) + [UInt8(ascii: "\n")]
    }
    try DurableFile.write(bytes, to: path + ".part")
    try DurableFile.move(path + ".part", to: path)
  }

  /// Brings the list beside a database up to what the database knows.
  static func update(_ path: String, from connection: SQLiteConnection) throws(Fault) {
    var list = ErasureList(of: try Meta(connection).identity.id)
    if DurableFile.exists(path) { try list.add(file: path) }
    try list.add(from: connection)
    try list.write(to: path)
  }
}

extension [UInt8] {
  /// The bytes that hexadecimal digits stand for; nil if they do not.
  init?(hexadecimal text: String) {
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
