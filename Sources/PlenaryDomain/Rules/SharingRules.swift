internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What a change of who may see a record takes, and what records that name others may say.
///
/// The name of a record tells that there is one. So a record that more may see than the one that it names would tell them:
/// whoever may see a record may see all that it names, and text that is drawn from others is marked as high as they are.
enum SharingRules {
  /// The most records that are looked at when a marking becomes stricter.
  private static let referrerCountMax = 10_000

  /// Checks the marking that a draft is to have, against the one before and against who the caller is.
  static func check(
    _ draft: Draft, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard !draft.isConsequence, let marking = draft.content.marking else { return }
    let audience = Audience(of: draft.content)
    let previous = draft.previousContent.map(Audience.init(of:))
    // What comes back is seen by whoever may see what names it.
    if draft.previous?.isDeleted == true { try await checkReferrers(of: draft, audience, among: view, &findings) }
    // What is wrong with the marking itself is said first.
    guard previous != audience, !findings.violations.contains(where: { $0.field.hasPrefix("marking") }) else { return }
    if !view.sees(try marking.stored(originator: draft.content.originator)) {
      findings.add(
        audience.label == .red ? "marking.recipients" : "marking.organizations", .recipientsMissing,
        "the caller would not see the record itself; let its own client or organization in too")
    }
    guard let previous, let before = draft.previousContent else { return }
    if try await !view.isEveryone(in: audience, in: previous, &findings) {
      try checkMayLoosen(before, at: draft.key, in: view)
    }
    if try await !view.isEveryone(in: previous, in: audience, &findings) {
      try await checkReferrers(of: draft, audience, among: view, &findings)
    }
  }

  /// Whether the caller may let more see a record, and says why.
  static func mayLoosen(_ record: any ProtobufMessage, in view: RecordView) -> Bool {
    view.rights.isUnbounded || view.isLoosening && view.rights.isOfficer(of: record.originator)
  }

  /// Loosening is for the officers of the organization whose record it is, and takes a reason.
  static func checkMayLoosen(
    _ record: any ProtobufMessage, at key: Key, in view: RecordView
  ) throws(DomainError) {
    guard !mayLoosen(record, in: view) else { return }
    let originator = record.originator
    throw DomainError(
      .markingOriginatorOnly,
      "more would see `\(key)` than may now, which is for an officer of "
        + (originator.isEmpty ? "the registry" : originator)
        + " to decide, by DowngradeMarking and with a reason; ask one",
      metadata: originator.isEmpty ? [:] : ["originator": originator], resource: key.name)
  }

  /// Checks what lies in a record against who may see that.
  static func check(
    _ child: any ProtobufMessage, in parent: any ProtobufMessage, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let audience = Audience(of: parent)
    guard !audience.isOpen,
      try await !view.isEveryone(in: Audience(of: child), in: audience, isSeen: true, &findings),
      !findings.violations.contains(where: { $0.field.hasPrefix("marking") })
    else { return }
    findings.add(
      "marking", .markingTooLoose,
      "more may see it than what it lies in, whose name it tells; mark it for nobody else, or let them see that first",
      metadata: ["minimum": audience.label.description])
  }

  /// Checks a record whose marking follows that of its parent, which is about to change.
  static func check(
    following draft: Draft, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let previous = draft.previousContent.map(Audience.init(of:)) else { return }
    let audience = Audience(of: draft.content)
    if try await !view.isEveryone(in: previous, in: audience, &findings) {
      try await checkReferrers(of: draft, audience, among: view, &findings)
    }
    if try await !view.isEveryone(in: audience, in: previous, &findings) {
      try await ReferenceRules(kind: draft.kind, view: view).checkSharing(of: draft.content, &findings)
    }
  }

  /// What names a record may be seen by nobody who may not see that.
  private static func checkReferrers(
    of draft: Draft, _ audience: Audience, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard !audience.isOpen else { return }
    for field in view.kinds.sharedReferences(to: draft.kind) {
      let referrers = try await view.records(
        with: IndexEntry(field, .reference(draft.key)), limit: referrerCountMax,
        whatFor: "the records that name `\(draft.key)` may be seen by nobody who may not see it")
      for (key, referrer) in referrers where key != draft.key {
        try DomainError.checkCancellation()
        guard try await !view.isEveryone(in: Audience(of: referrer), in: audience, &findings) else { continue }
        findings.add(
          "marking", .markingTooLoose,
          "`\(key)` names it, and more may see that; mark that as strictly first, or with it by ApplyResources",
          metadata: ["minimum": audience.label.description, "referrer": key.name])
        return
      }
    }
  }

  /// Checks that whoever may see a record may see one that it names.
  static func check(
    _ reference: ReferenceField, to target: any ProtobufMessage, named name: String, at path: String,
    of record: any ProtobufMessage, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard reference.isShared else { return }
    let audience = Audience(of: target)
    // That a record of the whole community exists is no secret from the public.
    guard !audience.isOpen,
      try await !view.isEveryone(in: Audience(of: record), in: audience, isSeen: true, &findings)
    else { return }
    findings.add(
      path, .markingTooLoose,
      "`\(name)` is marked \(audience.label), and more may see the record that names it; mark the record as strictly, for "
        + "nobody else, or leave the name out",
      metadata: ["value": name, "minimum": audience.label.description])
  }
}

extension ReferenceField {
  /// Whether it tells readers of a record that there is another one. Those that say who may see the record itself do not:
  /// they are checked by who may write them, and clients are seen by administrators alone.
  var isShared: Bool {
    !path.text.hasPrefix("marking.") && !isOfClients
  }

  /// Whether it names clients.
  var isOfClients: Bool { targets == [Kind.client.resourceType] }
}

extension KindCatalog {
  /// The indexes of all fields that tell of a record of the kind.
  fileprivate func sharedReferences(to kind: Kind) -> [IndexField] {
    kinds.flatMap { $0.references.filter { $0.isShared && $0.targets.contains(kind.resourceType) }.map(\.field) }
  }
}
