internal import ProtobufRuntime

/// A record that a filter is asked about.
struct FilteredRecord {
  /// The record as it is encoded.
  let bytes: [UInt8]

  /// The same, decoded.
  let message: any ProtobufMessage

  /// Decodes a record of a kind.
  /// - Throws: `ProtobufError` if the bytes are no such record.
  init(_ bytes: [UInt8], _ kind: Kind) throws(ProtobufError) {
    self.bytes = bytes
    message = try kind.message.init(serializedBytes: bytes)
  }
}

/// A filter, or a part of one, as it is looked up in a record.
indirect enum FilterPredicate: Sendable {
  /// All of these hold.
  case all([FilterPredicate])
  /// One of these holds.
  case any([FilterPredicate])
  /// This does not hold.
  case not(FilterPredicate)
  /// A value compares so.
  case test(FieldTest)
  /// The days from the record's start to its end have one in common with these, both included.
  case overlap(first: CivilDay, last: CivilDay)
  /// Some text of the record is so, its name and what follows from its version aside.
  case mention(WildcardPattern)
  /// The words of the texts of a record of the kind are so.
  case search(SearchMatch, Kind)

  /// The fields that a record's days are in.
  static let periodFields = (start: "start_date", end: "end_date")

  /// Whether the record satisfies it.
  func holds(for record: FilteredRecord) -> Bool {
    switch self {
    case .all(let parts): parts.allSatisfy { $0.holds(for: record) }
    case .any(let parts): parts.contains { $0.holds(for: record) }
    case .not(let part): !part.holds(for: record)
    case .test(let test): test.holds(for: record.message)
    case .overlap(let first, let last):
      PeriodIndex.days(of: record.message).map { $0.first <= last && $0.last >= first } ?? false
    case .mention(let pattern): Self.mentions(pattern, record.message, isRecord: true)
    // What could be decoded can be read.
    case .search(let match, let kind): (try? match.holds(for: record.bytes, kind)) ?? false
    }
  }

  /// Whether it looks at fields that follow from the version of a record.
  var needsVersion: Bool {
    switch self {
    case .all(let parts), .any(let parts): parts.contains(where: \.needsVersion)
    case .not(let part): part.needsVersion
    case .test(let test):
      // The state of a deleted record follows from it too.
      test.path.isOfVersion || test.path.field.number == HeaderField.state && test.path.steps.count == 1
    case .overlap, .mention, .search: false
    }
  }

  private static func mentions(_ pattern: WildcardPattern, _ message: any ProtobufMessage, isRecord: Bool) -> Bool {
    type(of: message).descriptor.fields.contains { field in
      // What follows from the version is there only if another part needs it, and is nothing that anybody wrote.
      let isWritten = !isRecord || field.number != HeaderField.name && !HeaderField.ofVersion.contains(field.number)
      return isWritten && message.value(ofField: field.number).map { mentions(pattern, $0) } ?? false
    }
  }

  private static func mentions(_ pattern: WildcardPattern, _ value: FieldValue) -> Bool {
    switch value {
    case .string(let text): pattern.matches(text)
    case .list(let elements): elements.contains { mentions(pattern, $0) }
    case .map(let entries): entries.contains { mentions(pattern, $0.value) }
    case .message(let message): mentions(pattern, message, isRecord: false)
    default: false
    }
  }
}
