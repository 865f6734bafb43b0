import GoogleAPI
import PlenaryAPI
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What the law asks of the data of persons: a ground, an end, a hold, a report, and that they are erased.
@Suite(.timeLimit(.minutes(10))) struct PersonDataTests {
  private static let name = "persons/p1"

  private func caller(_ role: Client.Grant.Role, _ scope: String = "*") -> Caller {
    Caller(
      principal: "clients/desk", viewer: .everything,
      rights: Rights(organization: "organizations/o1", grants: [.with { ($0.role, $0.scope) = (role, scope) }]))
  }

  private static let full = Person.with {
    $0.name = name
    ($0.givenName, $0.familyName) = ("Amina", "Diallo")
    $0.officeTitle = LocalizedText("Envoy Diallo")
    $0.organization = "organizations/o1"
    $0.originatingOrganization = "organizations/o1"
    ($0.legalBasis, $0.retainUntilDate) = ("list of the host", GoogleDate(2030, 1, 1))
    $0.annotations = ["note": "Amina"]
  }

  /// Runs a test on a registry with a person that an intervention refers to and a panel did.
  private func run(_ body: (TestRegistry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Self.full, Sample.dialogue(), Sample.intervention())
      try await test.seed(
        Panel.with { ($0.name, $0.panellists) = ("dialogues/d1/panels/p1", [Self.name]) },
        Source.with {
          ($0.name, $0.title) = ("sources/s2", LocalizedText("A talk with Amina DIALLO"))
          $0.title?.values["ar"] = "حديث مع أمينة ديالو"
        })
      try await test.update(
        UpdatePanelRequest.with {
          $0.panel = .with { $0.name = "dialogues/d1/panels/p1" }
          $0.updateMask = ProtobufFieldMask(paths: ["panellists"])
        })
      try await body(test)
    }
  }

  private func change(
    _ test: TestRegistry, _ paths: String..., as caller: Caller = TestRegistry.caller,
    to change: (inout Person) -> Void
  ) async throws {
    var person = Person.with { $0.name = Self.name }
    change(&person)
    _ = try await test.registry.update(
      UpdatePersonRequest.with { ($0.person, $0.updateMask) = (person, ProtobufFieldMask(paths: paths)) }, as: caller)
  }

  private func person(_ test: TestRegistry) async throws -> Person {
    try await test.get(GetPersonRequest.with { $0.name = Self.name })
  }

  @discardableResult
  private func erase(
    _ test: TestRegistry, as caller: Caller = TestRegistry.caller,
    _ change: (inout ErasePersonRequest) -> Void = { _ in }
  ) async throws -> ErasePersonResponse {
    var request = ErasePersonRequest.with { ($0.name, $0.reason) = (Self.name, "asked for on 3 May") }
    change(&request)
    return try await test.registry.erasePerson(request, as: caller).response
  }

  // MARK: Legal hold

  @Test func `only an officer sets or lifts a legal hold`() async throws {
    try await run { test in
      await expectRefusal(.roleMissing) {
        try await change(test, "legal_hold", as: caller(.editor)) { $0.legalHold = "case 7" }
      }
      await expectRefusal(.originatorOnly) {
        try await change(test, "legal_hold", as: caller(.officer, "organizations/other")) { $0.legalHold = "case 7" }
      }
      try await change(test, "legal_hold", as: caller(.officer)) { $0.legalHold = "case 7" }
      // What leaves it as it is takes no officer.
      try await change(test, "family_name", as: caller(.editor)) { $0.familyName = "Diallo-Ba" }
      await expectRefusal(.roleMissing) { try await change(test, "legal_hold", as: caller(.editor)) { _ in } }
      await expectRefusal(.roleMissing) {
        _ = try await test.registry.create(
          CreatePersonRequest.with {
            $0.personID = "p9"; $0.person = .with { $0.legalHold = "case 8" }
          },
          as: caller(.editor))
      }
      #expect(try await person(test).legalHold == "case 7")
    }
  }

  @Test func `a person under a legal hold is neither deleted nor erased`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Self.full)
      try await change(test, "legal_hold") { $0.legalHold = "case 7" }
      let error = await expectRefusal(.legalHold, "legal_hold") {
        try await test.delete(DeletePersonRequest.with { $0.name = Self.name })
      }
      #expect(error?.code == .failedPrecondition)
      await expectRefusal(.legalHold, "legal_hold") { try await erase(test) }
      await expectRefusal(.legalHold) { try await erase(test) { $0.validateOnly = true } }
      try await change(test, "legal_hold") { _ in }
      #expect(try await erase(test).person?.redaction != nil)
    }
  }

  // MARK: Erasing

  @Test func `an erased person stays and says so, and no version of it says more`() async throws {
    try await run { test in
      try await change(test, "family_name") { $0.familyName = "Diallo-Ba" }
      let before = try await person(test)
      let rehearsed = try await erase(test) { $0.validateOnly = true }
      #expect(rehearsed.erasedVersionCount == 2 && rehearsed.person?.familyName == "")
      #expect(try await person(test) == before)
      let response = try await erase(test)
      #expect(response.erasedVersionCount == 2)
      let person = try await person(test)
      #expect(response.person == person)
      #expect(person.redaction?.reason == "asked for on 3 May" && person.redaction?.redactTime != nil)
      #expect(!person.holdsDataBesides(of: before))
      #expect(person.uid == before.uid && person.createTime == before.createTime)
      let versions = try await test.registry.listRevisions(
        ListPersonRevisionsRequest.with { $0.parent = Self.name }, as: TestRegistry.caller
      ).records.map { try PersonRevision(serializedBytes: $0) }
      #expect(versions.map { $0.change?.kind } == [.erased, .updated, .created])
      #expect(versions.allSatisfy { $0.snapshot?.redaction == person.redaction && $0.snapshot?.familyName == "" })
      // What refers to it goes on to, and can be changed.
      let intervention = try await test.update(
        UpdateInterventionRequest.with {
          $0.intervention = .with {
            ($0.name, $0.summary) = ("dialogues/d1/interventions/i1", LocalizedText("Welcome"))
          }
        })
      #expect(intervention.speaker == Self.name)
      #expect(try await test.store.verify(.full, watch: .nobody).findings == [])
      // Another time nothing is left to do.
      #expect(try await erase(test) { $0.reason = "again" }.person == person)
    }
  }

  @Test func `an erased person takes no data any more`() async throws {
    try await run { test in
      let first = try await person(test).revision
      try await erase(test)
      let error = await expectRefusal(.personErased) {
        try await change(test, "family_name") { $0.familyName = "Diallo" }
      }
      #expect(error?.code == .failedPrecondition)
      let imported = try await test.importing([Self.full], conflict: .replace)
      #expect(imported.results.first?.error?.reason == .personErased)
      // Going back leads to what stands in the place of what was.
      _ = try await test.registry.rollback(
        RollbackPersonRequest.with { ($0.name, $0.revisionID) = (Self.name, first) }, as: TestRegistry.caller)
      #expect(try await person(test).familyName == "")
      // A file of before the erasure that leaves the notice out does not take it away.
      try await test.seed(Sample.theme())
      _ = try await test.importing([Person.with { $0.name = Self.name }], conflict: .replace)
      #expect(try await person(test).redaction != nil)
    }
  }

  @Test func `an export has the notice, and a registry that takes it in has no more`() async throws {
    try await run { test in
      try await erase(test)
      let exported = try await test.exported(["plenary.registry/Person"])
      #expect(exported.count == 1)
      try await TestRegistry.run { other in
        try await other.seed(Sample.organization())
        guard case .person(let notice)? = exported.first?.record.kind else { return #expect(Bool(false)) }
        #expect(notice.redaction != nil && notice.familyName == "")
        try await other.seed(notice)
        #expect(try await other.exported(["plenary.registry/Person"]).map(\.bytes) == exported.map(\.bytes))
        // It does not make a person look erased that is there.
        try await other.seed(Sample.person("p2"))
        var another = notice
        (another.name, another.originatingOrganization) = ("persons/p2", "")
        let report = try await other.importing([another], conflict: .replace)
        #expect(report.results.first?.error?.reason == .personErased)
        var filled = notice
        (filled.name, filled.familyName) = ("persons/p3", "Diallo")
        #expect(try await other.importing([filled]).results.first?.error?.reason == .personErased)
      }
    }
  }

  @Test func `a deleted person is erased too, and stays deleted`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Self.full)
      try await test.delete(DeletePersonRequest.with { $0.name = Self.name })
      #expect(try await erase(test).erasedVersionCount == 2)
      let deleted = try await person(test)
      #expect(deleted.deleteTime != nil && deleted.redaction != nil)
      try await test.undelete(UndeletePersonRequest.with { $0.name = Self.name })
      #expect(try await person(test).redaction != nil)
    }
  }

  @Test func `an erasure takes an officer, a reason without the name, and the version that was seen`() async throws {
    try await run { test in
      let error = await expectRefusal(.roleMissing) { try await erase(test, as: caller(.publisher)) }
      #expect(error?.metadata["role"] == "OFFICER")
      await expectRefusal(.originatorOnly) { try await erase(test, as: caller(.officer, "organizations/other")) }
      await expectRefusal(.fieldRequired, "reason") { try await erase(test) { $0.reason = "" } }
      for reason in ["Diallo asked for it", "for AMINA", "diallo"] {
        await expectRefusal(.reasonNamesPerson, "reason") { try await erase(test) { $0.reason = reason } }
      }
      await expectRefusal(.etagMismatch) { try await erase(test) { $0.etag = "\"other\"" } }
      await expectRefusal(.resourceNotFound) { try await erase(test) { $0.name = "persons/none" } }
      await expectRefusal(.idInvalid) { try await erase(test) { $0.name = "persons/" } }
      let etag = try await person(test).etag
      let id = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      let done = try await erase(test, as: caller(.officer, "")) { ($0.etag, $0.requestID) = (etag, id) }
      let again = try await erase(test, as: caller(.officer, "")) { ($0.etag, $0.requestID) = (etag, id) }
      #expect(done == again && done.erasedVersionCount == 1)
      await expectRefusal(.requestIDReused) {
        try await erase(test, as: caller(.officer, "")) { ($0.reason, $0.requestID) = ("other", id) }
      }
    }
  }

  @Test func `the words that are given are found in the texts of other records`() async throws {
    try await run { test in
      let texts = ["amina diallo", "أمينة ديالو", "Zebedee"]
      let mentions = try await erase(test) { $0.texts = texts }.mentions
      #expect(mentions.map(\.resource) == ["sources/s2", "sources/s2"])
      #expect(mentions.map(\.textIndex) == [0, 1] && mentions.map(\.languageCode) == ["en", "ar"])
      #expect(mentions.allSatisfy { $0.fieldPath == "title" && $0.resourceType == "plenary.registry/Source" })
      await expectRefusal(.listTooLong, "texts") {
        try await erase(test) { $0.texts = Array(repeating: "x", count: Registry.soughtTextCountMax + 1) }
      }
      try await erase(test) { $0.texts = Array(repeating: "x", count: Registry.soughtTextCountMax) }
      await expectRefusal(.searchSyntax) { try await erase(test) { $0.texts = ["…"] } }
    }
  }

  // MARK: Reports

  private func report(
    _ test: TestRegistry, texts: [String] = [], of name: String = name, in log: (any AccessLogReader)? = nil,
    as caller: Caller = TestRegistry.caller, entryCountMax: Int = Registry.reportedEntryCountMax
  ) async throws -> [ReportPersonDataResponse] {
    var items: [ReportPersonDataResponse] = []
    let request = ReportPersonDataRequest.with { ($0.name, $0.texts) = (name, texts) }
    try await test.registry.reportPersonData(request, in: log, as: caller, entryCountMax: entryCountMax) {
      items.append($0)
    }
    return items
  }

  @Test func `a report has the record, its versions, what refers or referred to it, and where words stand`()
    async throws
  {
    try await run { test in
      try await change(test, "family_name") { $0.familyName = "Diallo-Ba" }
      let items = try await report(test, texts: ["Amina Diallo"])
      guard case .person(let shown)? = items.first?.item, case .summary(let summary)? = items.last?.item else {
        return #expect(Bool(false), "\(items)")
      }
      #expect(shown == (try await person(test)))
      #expect(summary.versionCount == 2 && summary.referenceCount == 2 && summary.mentionCount == 1)
      let versions = items.compactMap { item in
        if case .version(let version)? = item.item { version } else { nil }
      }
      #expect(versions.map { $0.snapshot?.familyName } == ["Diallo-Ba", "Diallo"])
      #expect(versions.map { $0.change?.actor } == ["clients/test", "clients/test"])
      let references = items.compactMap { item in
        if case .reference(let reference)? = item.item { reference } else { nil }
      }
      #expect(references.map(\.resource) == ["dialogues/d1/panels/p1", "dialogues/d1/interventions/i1"])
      #expect(references.map(\.fieldPath) == ["panellists", "speaker"])
      #expect(references.map(\.current) == [false, true])
      #expect(!references[0].endRevision.isEmpty && references[1].endRevision.isEmpty)
      await expectRefusal(.resourceNotFound) { _ = try await report(test, of: "persons/none") }
    }
  }

  private func audited(_ items: [ReportPersonDataResponse]) -> [AuditEntry] {
    items.compactMap { if case .auditEntry(let entry)? = $0.item { entry } else { nil } }
  }

  private func accessed(_ items: [ReportPersonDataResponse]) -> [PlenaryAPI.AccessEntry] {
    items.compactMap { if case .accessEntry(let entry)? = $0.item { entry } else { nil } }
  }

  private func summary(_ items: [ReportPersonDataResponse]) -> ReportPersonDataResponse.Summary {
    if case .summary(let summary)? = items.last?.item { summary } else { ReportPersonDataResponse.Summary() }
  }

  @Test func `a report has what the audit says of the record, also once its versions are gone`() async throws {
    try await run { test in
      let id = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      let first = try await person(test).revision
      try await change(test, "family_name") { $0.familyName = "Diallo-Ba" }
      _ = try await test.registry.rollback(
        RollbackPersonRequest.with {
          ($0.name, $0.revisionID, $0.reason, $0.requestID) = (Self.name, first, "asked to", id)
        }, as: caller(.editor))
      // What has a name that begins alike is about somebody else.
      try await test.seed(Sample.person("p10"))
      let entries = audited(try await report(test))
      #expect(entries.map(\.principal) == ["clients/desk", "clients/test", "clients/test"])
      #expect(entries.allSatisfy { $0.resource == Self.name && $0.act == .written && $0.commitTime != nil })
      #expect(entries.map(\.reason) == ["asked to", "", ""])
      #expect(!entries[0].requestDigest.isEmpty && entries[1].requestDigest.isEmpty)
      let listed = try await test.registry.auditEntries(.with { $0.resource = Self.name }, as: TestRegistry.caller)
      #expect(entries == listed.response.entries)

      let head = try await test.store.head()
      while try await test.store.compact(to: head, after: .zero).through < head {}
      let items = try await report(test)
      #expect(summary(items).versionCount == 1)
      #expect(summary(items).auditEntryCount == 3 && !summary(items).auditEntriesTruncated)
      #expect(audited(items) == entries)
    }
  }

  @Test func `a report has as many entries as may be, and says that there are more`() async throws {
    try await run { test in
      for number in 1...4 { try await change(test, "legal_basis") { $0.legalBasis = "\(number)" } }
      let time = CommitTime(microseconds: TestRegistry.start + 3_600_000_000)
      let log = LogInMemory(
        all: (1...5).map { (place: UInt64) in
          let event = AccessEvent(.read, principal: "clients/desk", method: "Get", resource: Self.name)
          return .init(place: place, time: time, event: event, count: 2)
        })
      for (countMax, isTruncated) in [(4, true), (5, false)] {
        let items = try await report(test, in: log, entryCountMax: countMax)
        #expect(audited(items).count == countMax && accessed(items).count == countMax)
        let summary = summary(items)
        #expect(Int(summary.auditEntryCount) == countMax && Int(summary.accessEntryCount) == countMax)
        #expect(summary.auditEntriesTruncated == isTruncated && summary.accessEntriesTruncated == isTruncated)
      }
    }
  }

  @Test func `a report has the reads and refusals that are about the person, as far as they are the caller's to know`()
    async throws
  {
    try await run { test in
      func event(_ outcome: AccessEvent.Outcome, _ name: String) -> AccessEvent {
        AccessEvent(outcome, principal: "clients/desk", method: "Get", reason: "", resource: name)
      }
      let (early, late) = (
        CommitTime(microseconds: TestRegistry.start), CommitTime(microseconds: TestRegistry.start + 3_600_000_000)
      )
      let log = LogInMemory(all: [
        .init(place: 1, time: early, event: event(.refused, Self.name), count: 1),
        .init(place: 2, time: late, event: event(.read, "persons/p10"), count: 1),
        .init(place: 3, time: late, event: event(.read, Self.name), count: 7),
        .init(place: 4, time: late, lost: .read, count: 7),
        .init(place: 5, time: late, event: event(.refused, ""), count: 1),
        .init(place: 6, time: late, event: event(.refused, Self.name), count: 2),
      ])
      let all = try await report(test, in: log)
      // What was noted before there was the record is about nobody.
      #expect(accessed(all).map(\.count) == [7, 2] && summary(all).accessEntryCount == 2)
      #expect(accessed(all).map(\.outcome) == [.read, .refused])
      #expect(accessed(all).allSatisfy { $0.resource == Self.name && $0.principal == "clients/desk" })
      let officer = Caller(
        principal: "clients/eye", viewer: Viewer { $0.label < 5 }, rights: caller(.officer).rights)
      let told = try await report(test, in: log, as: officer)
      #expect(accessed(told).map(\.count) == [7, 2] && summary(told).accessEntryCount == 2)
      #expect(audited(told).allSatisfy { $0.chainDigest.isEmpty } && audited(told).count == 1)
      let blind = Caller(principal: "clients/eye", viewer: Viewer { _ in false }, rights: caller(.officer).rights)
      await expectRefusal(.resourceNotFound) { _ = try await report(test, in: log, as: blind) }
      #expect(accessed(try await report(test)).isEmpty)
    }
  }

  @Test func `a report has nothing of an earlier person of the same name who was purged`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Self.full)
      let first = try await person(test)
      try await change(test, "family_name") { $0.familyName = "Diallo-Ba" }
      _ = try await test.registry.rollback(
        RollbackPersonRequest.with { ($0.name, $0.revisionID, $0.reason) = (Self.name, first.revision, "asked to") },
        as: caller(.editor))
      let earlier = try await report(test)
      #expect(audited(earlier).map(\.reason) == ["asked to", "", ""])
      try await test.delete(DeletePersonRequest.with { $0.name = Self.name })
      let purge = PurgePersonsRequest.with { ($0.filter, $0.force) = ("*", true) }
      #expect(try await test.registry.purge(purge, as: TestRegistry.caller).count == 1)
      try await test.seed(Sample.person("p1"))

      let event = AccessEvent(.read, principal: "clients/desk", method: "Get", resource: Self.name)
      let (early, late) = (
        CommitTime(microseconds: TestRegistry.start), CommitTime(microseconds: TestRegistry.start + 3_600_000_000)
      )
      let log = LogInMemory(all: [
        .init(place: 1, time: early, event: event, count: 3), .init(place: 2, time: late, event: event, count: 4),
      ])
      let items = try await report(test, in: log)
      #expect(audited(items).map(\.reason) == [""] && audited(items).map(\.act) == [.written])
      #expect(accessed(items).map(\.count) == [4])
      let summary = summary(items)
      #expect(summary.auditEntryCount == 1 && summary.accessEntryCount == 1)
      #expect(!summary.auditEntriesTruncated && !summary.accessEntriesTruncated)
    }
  }

  @Test func `a report on an erased person has nothing of what was erased`() async throws {
    try await run { test in
      try await erase(test)
      for item in try await report(test) {
        let bytes = try item.encoded()
        #expect(!String(decoding: bytes, as: UTF8.self).contains("Diallo"), "\(item)")
      }
    }
  }
}

extension Person {
  /// Whether anything is said that says something of the person.
  fileprivate func holdsDataBesides(of other: Person) -> Bool {
    !givenName.isEmpty || !familyName.isEmpty || officeTitle != nil || !organization.isEmpty || !legalBasis.isEmpty
      || retainUntilDate != nil || !annotations.isEmpty || !citations.isEmpty || marking != other.marking
      || originatingOrganization != other.originatingOrganization
  }
}
