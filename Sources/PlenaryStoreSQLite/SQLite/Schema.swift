internal import PlenaryStore
internal import Transparency

/// The tables, and the way from an older store's tables to this program's.
enum Schema {
  /// The migrations, in order; the schema after the nth is n. Each says the least schema that a program must know to
  /// work with its tables.
  private static let migrations: [(sql: [UInt8], minReader: Int)] = [
    // SwiftPM turns the first digit of a file's name into an underscore.
    (PackageResources._01_initial_sql, 1),
    // A program that does not know the column cannot add rows to the audit.
    (PackageResources._02_reasons_sql, 2),
    // A program that does not know the columns would write records without the entries that others count on.
    (PackageResources._03_indexing_sql, 3),
    // A program that does not know the table would write to a copy.
    (PackageResources._04_replica_sql, 4),
    // What a program adds to the audit that does not know the table is made up for when the store is opened next.
    (PackageResources._05_tree_sql, 4),
    // A program that does not know erasures would take them for damage, and bring back what is erased.
    (PackageResources._06_erasures_sql, 6),
    // A program that does not know keepers would show what is confined.
    (PackageResources._07_keepers_sql, 7),
  ]

  /// The schema that this program writes.
  static let version = migrations.count

  /// The first schema that can say that a store is a copy.
  static let replicas = 4

  /// The first schema with the tree over the audit.
  static let trees = 5

  /// Marks the database's file as a store of this project: "Plen".
  private static let applicationID: Int64 = 0x506C_656E

  /// Makes the tables of a new store in one transaction, or brings those of an older one up to date, a transaction for
  /// each migration.
  ///
  /// - Throws: `newerSchema` if the store needs a newer program; `corrupt` if the file is something else.
  static func prepare(_ connection: SQLiteConnection, randomBytes: (Int) -> [UInt8]) throws(Fault) {
    let found = try currentVersion(connection)
    for (index, migration) in migrations.enumerated().dropFirst(found) {
      if index == 0 || found > 0 { try connection.execute("BEGIN IMMEDIATE") }
      try connection.execute(String(decoding: migration.sql, as: UTF8.self))
      if index == 0 {
        try connection.execute("PRAGMA application_id = \(applicationID)")
        try connection.prepare("INSERT INTO meta VALUES(1, ?, 1, 0, 0, ?, 0, 0)")
          .bind(randomBytes(16)).bind(AuditLink.origin).run()
      }
      try connection.prepare("UPDATE meta SET schema = ?, min_reader = ?")
        .bind(Int64(index + 1)).bind(Int64(migration.minReader)).run()
      if index + 1 == version || found > 0 { try connection.execute("COMMIT") }
    }
  }

  /// The schema of the store's tables; 0 if it has none yet.
  /// - Throws: `newerSchema` if the store needs a newer program; `corrupt` if the file is something else.
  static func currentVersion(_ connection: SQLiteConnection) throws(Fault) -> Int {
    guard try hasTables(connection) else { return 0 }
    let statement = try connection.prepare("SELECT schema, min_reader FROM meta")
    guard try statement.step() else { throw .refusal(.corrupt(reason: "the store has lost its meta row")) }
    guard statement.integer(1) <= Int64(version) else {
      throw .refusal(.newerSchema(found: Int(statement.integer(0)), supported: version))
    }
    return Int(statement.integer(0))
  }

  /// Whether the database has the tables of a store, of whatever schema, or none.
  /// - Throws: `corrupt` if its tables are something else.
  static func hasTables(_ connection: SQLiteConnection) throws(Fault) -> Bool {
    guard try connection.integer("SELECT count(*) FROM sqlite_schema") != 0 else { return false }
    guard try connection.integer("PRAGMA application_id") == applicationID else {
      throw .refusal(.corrupt(reason: "the database is not a store of this program"))
    }
    return true
  }
}
