internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Exports as files.
extension Registry {
  /// The most bytes of a file in one message.
  package static let exportedDataByteCountMax = 64 << 10

  /// After how many records or parts there is word of the progress.
  private static let progressStep = 500

  /// The most versions of a dialogue that are looked at for the day on which it was to begin before.
  private static let versionCountMax = 100

  /// Takes the messages of an export, and puts bytes together until a message is full.
  private struct Sink {
    let send: (_ response: [UInt8]) async throws -> Void
    private var buffer: [UInt8] = []

    init(_ send: @escaping (_ response: [UInt8]) async throws -> Void) { self.send = send }

    mutating func write(_ bytes: [UInt8]) async throws {
      buffer += bytes
      while buffer.count >= Registry.exportedDataByteCountMax {
        let part = Array(buffer.prefix(Registry.exportedDataByteCountMax))
        buffer.removeFirst(part.count)
        try await send(try ExportRegistryResponse.with { $0.content = .data(part) }.encoded())
      }
    }

    mutating func end() async throws {
      guard !buffer.isEmpty else { return }
      try await send(try ExportRegistryResponse.with { $0.content = .data(buffer) }.encoded())
      buffer = []
    }

    func tell(read: Int, written: Int = 0, of count: Int = 0) async throws {
      let progress = ExportRegistryResponse.Progress.with {
        ($0.readCount, $0.writtenCount, $0.partCount) = (Int64(read), Int64(written), Int64(count))
      }
      try await send(try ExportRegistryResponse.with { $0.content = .progress(progress) }.encoded())
    }
  }

  /// Writes a table, record by record.
  func exportTable(
    _ table: CSVTable, _ plan: ExportPlan, as caller: Caller, send: @escaping (_ response: [UInt8]) async throws -> Void
  ) async throws {
    var sink = Sink(send)
    var veil = AttributionVeil(plan, hidesPartners: true)
    var count = 0
    try await sink.write(table.head())
    for (kind, query) in plan.parts {
      try await forEachExported(query, plan, as: caller) { record in
        guard let content = try await veil.veiled(try kind.decode(record), of: kind, in: self) else { return }
        note(record, readBy: caller, .export)
        try await sink.write(try table.line(of: kind.canonical(content)))
        count += 1
        if count.isMultiple(of: Self.progressStep) { try await sink.tell(read: count, written: count) }
      }
    }
    try await sink.end()
    try await sink.tell(read: count, written: count, of: count)
  }

  /// Collects records, and writes them as a file.
  func exportFile(
    _ format: any FileFormat.Type, _ plan: ExportPlan, as caller: Caller,
    send: @escaping (_ response: [UInt8]) async throws -> Void
  ) async throws {
    var sink = Sink(send)
    let reservation = exportBudget.reserve()
    var records = ExportedRecords()
    var (count, byteCount) = (0, 0)
    let encoder = encoder(for: caller, .export)
    var veil = AttributionVeil(plan, hidesPartners: true)
    let consulted = plan.consulted.map { kind in
      (kind: kind, query: Query(conditions: [.init(kind.membership, .equals(.unset))]), isWritten: false)
    }
    for (kind, query, isWritten) in plan.parts.map({ ($0.kind, $0.query, true) }) + consulted {
      try await forEachExported(query, plan, as: caller) { record in
        byteCount += record.body.count
        try reserve(record.body.count, of: byteCount, reservation)
        if let content = try await veil.veiled(try encoder.message(of: record, kind), of: kind, in: self) {
          records.add(content, of: kind, isWritten: isWritten)
        }
        count += 1
        if count.isMultiple(of: Self.progressStep) { try await sink.tell(read: count) }
      }
    }
    if format is SchemaOrgFile.Type {
      for dialogue in records.written(Dialogue.self) where dialogue.scheduleSequence > 0 {
        records.previousStarts[dialogue.name] = try await previousStart(of: dialogue, plan, as: caller)
      }
    }
    try await write(format.init(records, plan.options), readCount: count, as: caller, to: &sink)
  }

  private func write(
    _ file: any FileFormat, readCount: Int, as caller: Caller, to sink: inout Sink
  ) async throws {
    var file = file
    let count = file.partCount
    try await sink.write(file.head())
    for index in 0..<count {
      try DomainError.checkCancellation()
      try caller.checkIsCurrent()
      try await sink.write(file.part(index))
      if (index + 1).isMultiple(of: Self.progressStep) {
        try await sink.tell(read: readCount, written: index + 1, of: count)
      }
    }
    try await sink.write(file.tail())
    try await sink.end()
    try await sink.tell(read: readCount, written: count, of: count)
  }

  private func reserve(_ bytes: Int, of all: Int, _ reservation: MemoryBudget.Reservation) throws(DomainError) {
    guard all <= memory.exportedByteCountMax else {
      throw DomainError(
        .limitReached,
        "a file of this format is made of at most \(memory.exportedByteCountMax) bytes of records, and there are more; "
          + "narrow the kinds or the filter, or export a BUNDLE or CSV",
        metadata: ["max_bytes": "\(memory.exportedByteCountMax)"])
    }
    guard reservation.grow(by: bytes) else {
      throw DomainError(
        .limitReached, "too many other files are being made just now; try again when they are done", isPassing: true)
    }
  }

  /// The day on which a dialogue was to begin before the one on which it is now; nil if the caller cannot know of one, or
  /// whoever may see the dialogue now could not.
  private func previousStart(
    of dialogue: Dialogue, _ plan: ExportPlan, as caller: Caller
  ) async throws -> PartialDate? {
    guard let key = Key(dialogue.name), let start = dialogue.startDate else { return nil }
    let page = try await versions(of: key, as: caller, from: plan.revision, limit: Self.versionCountMax)
    for version in page.versions {
      // What had the name before it was deleted for good is another dialogue.
      guard version.record.born == page.versions[0].record.born, version.record.label <= dialogue.label.rawValue,
        !version.record.isDeleted,
        let former = try Kind.dialogue.decode(version.record) as? Dialogue, former.isAnnounced,
        let day = former.startDate, day != start
      else { continue }
      note(version.record, readBy: caller, .export)
      return PartialDate(day)
    }
    return nil
  }

  /// Visits the live records that a query selects, as the caller sees them, by name: none that is above the ceiling, or was
  /// put above it after the revision that is read.
  func forEachExported(
    _ query: Query, _ plan: ExportPlan, as caller: Caller, _ visit: (StoredRecord) async throws -> Void
  ) async throws {
    var cursor: Cursor?
    repeat {
      let page = try await page(
        query, as: caller, after: cursor, limit: PageLimit(records: Self.exportPageCount), at: plan.revision)
      let isBelow = try await areNowBelow(plan, page.records)
      for (record, isBelow) in zip(page.records, isBelow) where isBelow && record.label <= plan.ceiling {
        try DomainError.checkCancellation()
        try caller.checkIsCurrent()
        try await visit(record)
      }
      cursor = page.next
    } while cursor != nil
  }

  /// Whether each record that is read as it was is not above the ceiling as it is now. One that is no longer there was not
  /// put above it.
  private func areNowBelow(_ plan: ExportPlan, _ records: [StoredRecord]) async throws(DomainError) -> [Bool] {
    guard plan.isPast else { return records.map { _ in true } }
    let keys = records.map(\.key)
    let found = try await store.reading { store throws(StoreError) in
      try await store.get(keys, as: .everything, at: nil)
    }
    return found.records.map { ($0?.label ?? 0) <= plan.ceiling }
  }
}

/// Keeps the Chatham House Rule in what leaves the registry: of a dialogue that is held under it, nothing says who took part
/// or said what.
///
/// As long as a dialogue is under the rule no record of it names anybody. One that came under it later has a past in which
/// some did, and a file may be of that past; and who works with others on it is in records of its own.
struct AttributionVeil {
  private let revision: Revision
  private let isPast: Bool
  private let hidesPartners: Bool
  private var isStrict: [String: Bool] = [:]

  /// A veil over what an export sends.
  ///
  /// - Parameter hidesPartners: Whether it is kept back, too, which organizations stand behind the dialogue, as in a file
  ///   that is passed on.
  init(_ plan: ExportPlan, hidesPartners: Bool) {
    revision = plan.revision
    isPast = plan.isPast
    self.hidesPartners = hidesPartners
  }

  /// The record without what may not be told; nil if that is all it is there for.
  mutating func veiled(
    _ record: any ProtobufMessage, of kind: Kind, in registry: Registry
  ) async throws(DomainError) -> (any ProtobufMessage)? {
    var record = record
    switch record {
    case var dialogue as Dialogue where isPast:
      if try await isUnderRule(dialogue.name, in: registry) { dialogue.attributionRule = .chathamHouse }
      return dialogue
    case let partnership as Partnership where hidesPartners:
      return try await isUnderRule(partnership.subject, in: registry) ? nil : partnership
    case var consultation as Consultation where hidesPartners:
      if try await isUnderRule(consultation.dialogue, in: registry) {
        consultation.organizations = []
        consultation.citations = consultation.citations.without(["organizations"])
      }
      return consultation
    default:
      guard isPast, kind.attributions.contains(where: { !$0.values(in: record).isEmpty }),
        let dialogue = NamePattern.parent(of: record.resourceName), try await isUnderRule(dialogue, in: registry)
      else { return record }
      for path in kind.attributions { record.set(path.field, to: nil) }
      if case .list(let values)? = record.value(ofField: HeaderField.citations) {
        let citations = values.compactMap { $0.message as? Citation }.without(kind.attributions.map(\.field.name))
        record.set(number: HeaderField.citations, to: .list(citations.map { .message($0) }))
      }
      return record
    }
  }

  /// Whether a record is a dialogue that is under the rule, now or at the revision that is read. Whoever exports may not see
  /// it; that it is followed does not depend on that.
  private mutating func isUnderRule(_ name: String, in registry: Registry) async throws(DomainError) -> Bool {
    if let known = isStrict[name] { return known }
    guard Kind.dialogue.pattern.matches(name), let key = Key(name) else { return false }
    var strict = false
    for revision in isPast ? [revision, nil] : [revision] {
      let found = try await registry.store.reading { store throws(StoreError) in
        try await store.get([key], as: .everything, at: revision)
      }
      guard let record = found.records[0], let dialogue = try Kind.dialogue.decode(record) as? Dialogue else {
        continue
      }
      strict = strict || dialogue.attributionRule == .chathamHouse
    }
    isStrict[name] = strict
    return strict
  }
}

extension [Citation] {
  /// Those that are not about fields with these names, since the note on a value can tell it.
  fileprivate func without(_ fields: [String]) -> [Citation] {
    filter { citation in !fields.contains { citation.fieldPath == $0 || citation.fieldPath.hasPrefix("\($0).") } }
  }
}
