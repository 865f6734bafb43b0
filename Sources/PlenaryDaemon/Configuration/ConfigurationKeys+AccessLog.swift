internal import PlenaryStoreSQLite

// The keys of what officers and other agencies are told of the audit and of reads.

extension ConfigurationKey {
  /// How much of the access log is kept, and how often the tree over the audit is told of.
  static let accessLog: [ConfigurationKey] = [
    .count(
      "access_log.retention_days", 1...36_500, \.accessLog.retentionDays,
      "How many days the access log is kept at least. It goes a file at a time."),
    .bytes(
      "access_log.file_bytes", 1 << 16...1 << 26, \.accessLog.fileBytes,
      "The bytes at which a file of the access log is followed by another one."),
    .count(
      "access_log.entries_per_hour_max", 0...10_000_000, \.accessLog.entriesPerHourMax,
      "The most entries of the access log in an hour. What is more is counted, and nobody waits for it."),
    .count(
      "access_log.strangers_per_hour_max", 0...1_000_000, \.accessLog.strangersPerHourMax,
      "The most of them that are refusals of callers whom nobody knows, so that these cannot fill the disk."),
    .duration(
      "transparency.head_interval", .seconds(1) ... .seconds(7 * 86_400), \.headInterval,
      "How far apart the times are of which heads of the tree are told to whoever does not see everything: how much was "
        + "written between them shows in these heads, and when it was written does not."),
  ]
}
