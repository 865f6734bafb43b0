internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What the erasure of persons does to the contents of reports: where a name stood, a notice stands, and the report says
/// which digest the content had before.
extension Registry {
  /// A report with the digest that its content will have.
  struct RedactedReport {
    let record: StoredRecord
    let previous: OutcomeReport
    let report: OutcomeReport
  }

  /// The compiled reports whose contents are other ones once persons are erased.
  ///
  /// - Parameters:
  ///   - persons: The persons.
  ///   - notices: The persons as they will be, if they are not erased yet.
  ///   - time: When they are erased.
  func redactedReports(
    naming persons: [Key], _ notices: [String: Person], at time: ProtobufTimestamp
  ) async throws(DomainError) -> [RedactedReport] {
    let dialogues = try await dialogues(naming: persons)
    guard !dialogues.isEmpty else { return [] }
    let kind = Kind.outcomeReport
    let query = Query(conditions: [.init(kind.membership, .equals(.unset))], includesDeleted: true)
    let view = RecordView(of: store, for: Caller(principal: "", viewer: .everything), kinds: kinds)
    var redacted: [RedactedReport] = []
    for record in try await view.storedRecords(query, limit: .max) {
      guard let previous = try kind.decode(record) as? OutcomeReport, !previous.contentDigest.isEmpty,
        !dialogues.isDisjoint(with: previous.compiledDialogues),
        let digest = try await redactedDigest(of: previous, notices)
      else { continue }
      var report = previous
      report.contentDigest = digest
      report.redactions.append(
        .with {
          $0.redactTime = time
          $0.replacedDigest = previous.contentDigest
          $0.contentDigest = digest
        })
      redacted.append(RedactedReport(record: record, previous: previous, report: report))
    }
    return redacted
  }

  /// The digest that the content of a report will have; nil if it stays as it is, or cannot be made again in any case.
  private func redactedDigest(
    of report: OutcomeReport, _ notices: [String: Person]
  ) async throws(DomainError) -> String? {
    do throws(DomainError) {
      var input = try outcomeInput(of: report)
      input.notices = notices
      guard try await outcome(of: input, .nobody).digest != report.contentDigest else { return nil }
      input.replacedDigest = report.contentDigest
      return try await outcome(of: input, .nobody).digest
    } catch {
      switch error.reason {
      case .revisionCompacted, .revisionFuture, .reportNotCompiled, .reportContentLost: return nil
      default: throw error
      }
    }
  }

  /// The dialogues of whose records one names the persons, or did so.
  private func dialogues(naming persons: [Key]) async throws(DomainError) -> Set<String> {
    var dialogues: Set<String> = []
    for referring in kinds.kinds where referring.pattern.parent == Kind.dialogue.pattern {
      for field in referring.references where field.targets.contains(Kind.person.resourceType) {
        for person in persons {
          let entry = IndexEntry(field.field, .reference(person))
          let holders = try await store.reading { store throws(StoreError) in
            try await store.holders(of: entry, as: .everything, limit: Self.referenceCountMax)
          }
          dialogues.formUnion(holders.compactMap { NamePattern.parent(of: $0.key.name) })
        }
      }
    }
    return dialogues
  }

  /// Adds to the erasure of a person what it does to reports.
  func redactReports(
    naming person: Key, as notice: Person, _ changes: inout Changes, in view: RecordView
  ) async throws(DomainError) {
    let time = notice.redaction?.redactTime ?? ProtobufTimestamp()
    var findings = Findings()
    let reports = try await redactedReports(naming: [person], [person.name: notice], at: time)
    for redacted in reports {
      changes.mutations.append(try redacted.mutation)
      findings.require(.revision(redacted.record.key, redacted.record.revision), or: .examineAgain)
    }
    // A report that is compiled meanwhile may have the name.
    if let scope = KeyPrefix("outcomeReports/") {
      findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
    }
    changes.rest(on: findings)
  }

  /// Writes down what erasures did to reports that were done to the files of a store and not by a call: those that a
  /// restore has done again.
  package func noteRedactions() async throws(DomainError) {
    let kind = Kind.person
    let caller = Caller(principal: Self.restorer, viewer: .everything)
    let view = RecordView(of: store, for: caller, kinds: kinds)
    let query = Query(conditions: [.init(kind.membership, .equals(.unset))], includesDeleted: true)
    var erased: [Key] = []
    for record in try await view.storedRecords(query, limit: .max) {
      guard let person = try kind.decode(record) as? Person, person.redaction != nil else { continue }
      erased.append(record.key)
    }
    guard !erased.isEmpty else { return }
    let reports = try await redactedReports(naming: erased, [:], at: ProtobufTimestamp(now()))
    guard !reports.isEmpty else { return }
    var mutations: [Mutation] = []
    for redacted in reports { mutations.append(try redacted.mutation) }
    let request = WriteRequest(
      actor: Self.restorer, reason: "persons that stand in it were erased again after a restore",
      preconditions: reports.map { .revision($0.record.key, $0.record.revision) }, mutations: mutations)
    _ = try await store.reading { store throws(StoreError) in try await store.commit(request) }
    outcomeCache.forget()
  }

  /// Who does this, in the audit: the same who restores.
  private static let restorer = "plenaryd restore"
}

extension Registry.RedactedReport {
  /// The change that writes it.
  fileprivate var mutation: Mutation {
    get throws(DomainError) {
      try Draft(
        kind: .outcomeReport, key: record.key, previous: record, previousContent: previous, content: report
      ).mutation()
    }
  }
}
