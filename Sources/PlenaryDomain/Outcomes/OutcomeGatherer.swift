internal import Crypto
internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Reads the records that go into a report, as they stood at its revision.
///
/// It reads with nobody's eyes, and lets in what the audience of the report may see. It lives as long as one compilation.
final class OutcomeGatherer {
  /// The most dialogues of one report.
  static let dialogueCountMax = 1000

  /// The records that are read at a time.
  private static let pageCount = 1000

  let input: OutcomeInput
  private let store: any Store
  private let kinds: KindCatalog
  private let limits: Registry.MemoryLimits
  private let reservation: MemoryBudget.Reservation
  private let watch: UpkeepWatch
  private var admission: OutcomeAdmission
  private var recordCount = 0
  private var byteCount = 0

  var material: OutcomeMaterial

  /// What the records refer to, which is read last.
  var organizationNames: Set<String> = []
  var personNames: Set<String> = []
  var themeNames: Set<String> = []
  var sourceNames: Set<String> = []
  var directiveNames: Set<String> = []

  /// Begins with the series.
  /// - Throws: `markingTooLoose` if not all who may see the report may see it.
  init(
    _ input: OutcomeInput, _ store: any Store, _ kinds: KindCatalog, _ limits: Registry.MemoryLimits,
    _ reservation: MemoryBudget.Reservation, _ watch: UpkeepWatch
  ) async throws(DomainError) {
    self.input = input
    self.store = store
    self.kinds = kinds
    self.limits = limits
    self.reservation = reservation
    self.watch = watch
    let recipients = input.report.marking.map { $0.label == .red ? $0.recipients : [] } ?? []
    admission = OutcomeAdmission(
      input, organizations: try await Self.organizations(of: recipients, store, kinds, at: input.revision))
    // A place for it until it is read.
    material = OutcomeMaterial(series: .init(message: Series(), origin: OutcomeContent.Origin()))
    guard let series = try await get([input.report.series], Series.self, .annexes).first else {
      throw DomainError(
        .init(
          "series", .markingTooLoose,
          "not all who may see the report may see `\(input.report.series)` as it stood, or its ceiling leaves it out; mark the "
            + "report more strictly, or raise its ceiling", metadata: ["value": input.report.series]),
        resource: input.report.name)
    }
    material.series = series
  }

  /// The organizations of clients.
  private static func organizations(
    of clients: [String], _ store: any Store, _ kinds: KindCatalog, at revision: Revision
  ) async throws(DomainError) -> [String: String] {
    var organizations: [String: String] = [:]
    let keys = clients.compactMap { Key($0) }
    guard !keys.isEmpty else { return organizations }
    let records = try await store.reading { store throws(StoreError) in
      try await store.get(keys, as: .everything, at: revision).records
    }
    for record in records {
      guard let record, !record.isDeleted, let client = try kinds.decode(record) as? Client else { continue }
      organizations[record.key.name] = client.organization
    }
    return organizations
  }

  /// Tells how far it is.
  /// - Throws: `callCancelled` if nobody wants the result.
  func report(_ done: Int, of total: Int) throws(DomainError) {
    try Self.check(watch)
    watch.report(UpkeepProgress(.gathering, done: Int64(done), of: Int64(total)))
  }

  /// Stops work that nobody wants any longer.
  static func check(_ watch: UpkeepWatch) throws(DomainError) {
    try DomainError.checkCancellation()
    guard watch.isGivenUp() else { return }
    throw DomainError(.callCancelled, "the operation was cancelled before it was done; nothing of it is left")
  }

  // MARK: Reading

  /// The live records with these names that go in, in the order of the names.
  func get<Message: ProtobufMessage>(
    _ names: some Sequence<String>, _ type: Message.Type, _ part: OutcomeContent.Part
  ) async throws(DomainError) -> [OutcomeMaterial.Found<Message>] {
    var found: [OutcomeMaterial.Found<Message>] = []
    let keys = names.compactMap { Key($0) }
    for start in stride(from: 0, to: keys.count, by: Self.pageCount) {
      let page = Array(keys[start..<min(start + Self.pageCount, keys.count)])
      let records = try await store.reading { [input] store throws(StoreError) in
        try await store.get(page, as: .everything, at: input.revision).records
      }
      found += try await admitted(records.compactMap { $0 }.filter { !$0.isDeleted }, part)
    }
    return found
  }

  /// The live records of a kind that go in, under a prefix or with an entry, in the order of their names.
  func list<Message: ProtobufMessage>(
    _ type: Message.Type, under scope: KeyPrefix = .all, with entry: IndexEntry? = nil, _ part: OutcomeContent.Part
  ) async throws(DomainError) -> [OutcomeMaterial.Found<Message>] {
    let entry = entry ?? IndexEntry(kind(of: type).membership, .unset)
    let query = Query(scope: scope, conditions: [.init(entry.field, .equals(entry.value))])
    var found: [OutcomeMaterial.Found<Message>] = []
    var cursor: Cursor?
    repeat {
      try Self.check(watch)
      let place = cursor
      let page = try await store.reading { [input] store throws(StoreError) in
        try await store.list(
          query, as: .everything, after: place, limit: PageLimit(records: Self.pageCount), at: input.revision)
      }
      found += try await admitted(page.records, part)
      cursor = page.next
    } while cursor != nil
    return found
  }

  /// The kind of a message that is one.
  func kind<Message: ProtobufMessage>(of type: Message.Type) -> Kind {
    guard let kind = kinds.kind(of: Message()) else { preconditionFailure("\(type) is no kind") }
    return kind
  }

  private func admitted<Message: ProtobufMessage>(
    _ records: [StoredRecord], _ part: OutcomeContent.Part
  ) async throws(DomainError) -> [OutcomeMaterial.Found<Message>] {
    let later = try await atHorizon(records)
    var found: [OutcomeMaterial.Found<Message>] = []
    found.reserveCapacity(records.count)
    let kind = kind(of: Message.self)
    for record in records {
      if try await isConfined(record) { continue }
      var verdict = try await admission.verdict(on: record, try kind.decode(record))
      if verdict != .hidden, let now = later[record.key] {
        let present = try await admission.verdict(on: now, try kind.decode(now))
        if present != .admitted { verdict = present }
      }
      switch verdict {
      case .hidden: continue
      case .aboveCeiling: material.withheld[part, default: []].insert(record.key.name)
      case .admitted:
        try take(record)
        material.highestLabel = max(material.highestLabel, record.label)
        guard let message = try kind.decode(record) as? Message else {
          preconditionFailure("a key belongs to one kind")
        }
        found.append(try self.found(message, kind))
      }
    }
    return found
  }

  /// A record with its digest. A person that is about to be erased is here as it will be.
  private func found<Message: ProtobufMessage>(
    _ message: Message, _ kind: Kind
  ) throws(DomainError) -> OutcomeMaterial.Found<Message> {
    var message = message
    if let notice = input.notices[message.resourceName] as? Message { message = notice }
    let bytes = try kind.canonical(message).encoded()
    let digest = Array(SHA256.hash(data: bytes)).hexadecimal
    return .init(
      message: message,
      origin: .with {
        $0.name = message.resourceName
        $0.digest = digest
      })
  }

  /// The records as they stand where it is decided what is held back, if that is not where they are read.
  private func atHorizon(_ records: [StoredRecord]) async throws(DomainError) -> [Key: StoredRecord] {
    guard input.horizon != input.revision, !records.isEmpty else { return [:] }
    let keys = records.map(\.key)
    let later = try await store.reading { [input] store throws(StoreError) in
      try await store.get(keys, as: .everything, at: input.horizon).records
    }
    return later.compactMap { $0 }.reduce(into: [:]) { $0[$1.key] = $1 }
  }

  /// Whether a record is a dialogue that has come under the Chatham House Rule since, until it is decided what is held back: what
  /// it was is for officers then, and so is what was in it.
  ///
  /// It follows from the history up to there alone: whatever comes later leaves a report as it is.
  private func isConfined(_ record: StoredRecord) async throws(DomainError) -> Bool {
    guard input.horizon != input.revision, Kind.dialogue.pattern.matches(record.key.name) else { return false }
    var isUnderRule = false
    var next: Revision? = input.horizon
    while let start = next {
      try Self.check(watch)
      let page = try await store.reading { store throws(StoreError) in
        try await store.versions(of: record.key, as: .everything, from: start, limit: PageLimit(records: 100))
      }
      for version in page.versions.map(\.record) {
        let wasUnderRule = (try kinds.decode(version) as? Dialogue)?.attributionRule == .chathamHouse
        if isUnderRule, !wasUnderRule { return true }
        guard version.revision > record.revision else { return false }
        isUnderRule = wasUnderRule
      }
      next = page.next
    }
    return false
  }

  private func take(_ record: StoredRecord) throws(DomainError) {
    recordCount += 1
    byteCount += record.body.count
    guard recordCount <= limits.reportedCountMax, byteCount <= limits.reportedByteCountMax else {
      throw DomainError(
        .limitReached,
        "more than \(limits.reportedCountMax) records, or \(limits.reportedByteCountMax >> 20) MiB of them, would go into the "
          + "report; name fewer dialogues",
        metadata: ["max": "\(limits.reportedCountMax)", "max_bytes": "\(limits.reportedByteCountMax)"],
        resource: input.report.name)
    }
    guard reservation.grow(by: record.body.count) else {
      throw DomainError(
        .limitReached, "other reports are being compiled and take all the memory that there is for it; try again",
        resource: input.report.name, isPassing: true)
    }
  }
}
