internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Examines drafts against all rules of the registry.
struct Examination {
  let view: RecordView

  /// The draft in the form in which it is stored, with what is wrong with its values noted.
  func prepared(_ draft: Draft, _ findings: inout Findings) async throws(DomainError) -> Draft {
    var draft = draft
    draft.content = RecordNormalization.normalized(
      draft.content, including: draft.kind.givenByImports, &findings)
    if findings.hasExcess, let error = DomainError(findings.violations, resource: draft.key.name) { throw error }
    if let previous = draft.previousContent {
      draft.kind.keepFields(of: &draft.content, replacing: previous)
    } else {
      draft.kind.beginFields(of: &draft.content, by: view.principal)
      // What is not said to be another's is that of the caller's organization.
      if draft.content.originator.isEmpty, !view.rights.organization.isEmpty {
        draft.content.set(number: HeaderField.originatingOrganization, to: .string(view.rights.organization))
      }
    }
    if let rule = view.elevationRule, var client = draft.content as? Client {
      rule.apply(to: &client, replacing: draft.previousContent as? Client)
      draft.content = client
    }
    checkImmutable(draft, &findings)
    requireRoom(for: draft, &findings)
    try await mark(&draft, &findings)
    try await authorize(draft)
    try await SharingRules.check(draft, among: view, &findings)
    view.change(draft.key, to: draft.content)
    return draft
  }

  /// Checks that the caller may write the record, unless that changes nothing.
  private func authorize(_ draft: Draft) async throws(DomainError) {
    guard !draft.isConsequence else { return }
    if let previous = draft.previousContent, draft.previous?.isDeleted == false, draft.content.hasContent(of: previous)
    {
      return
    }
    try await view.checkAccess(
      to: draft.key, draft.kind, content: draft.previousContent ?? draft.content, isNew: draft.previousContent == nil)
  }

  /// Checks a prepared draft against the rules of its kind and against the records that it has to do with.
  func check(_ draft: Draft, _ findings: inout Findings) async throws(DomainError) {
    let references = ReferenceRules(kind: draft.kind, view: view)
    try await view.load(references.keys(in: draft.content).filter { !view.isChanging($0) })
    try await references.check(draft.content, replacing: draft.previousContent, &findings)
    CitationRules.check(draft.content, &findings)
    try await AttributionRules.check(draft.content, of: draft.kind, among: view, &findings)
    if let previous = draft.previousContent as? Client, draft.previous?.isDeleted == false, previous.isAdministrator,
      let client = draft.content as? Client, !client.isAdministrator
    {
      try await view.checkAdministratorsRemain(without: draft.key, &findings)
    }
    draft.kind.checkLocal(draft.content, replacing: draft.previousContent, &findings)
    try await draft.kind.checkRelations(
      draft.content, replacing: draft.previousContent, among: view, &findings)
    requireUniqueness(of: draft, &findings)
  }

  /// Checks a prepared draft, and gives the changes that write it: its own first, then those of the children that follow
  /// its marking.
  func mutations(
    writing draft: Draft, _ findings: inout Findings
  ) async throws(DomainError) -> (own: Mutation, following: [Mutation]) {
    try await check(draft, &findings)
    let children = try await childrenFollowing(draft, &findings)
    if let error = DomainError(findings.violations, resource: draft.key.name) { throw error }
    let own = try draft.mutation()
    return (own, try children.map { child throws(DomainError) in try child.mutation() })
  }

  /// Reads what several drafts refer to in one go, not record by record.
  func loadReferences(of drafts: some Sequence<Draft>) async throws(DomainError) {
    let keys = drafts.flatMap { ReferenceRules(kind: $0.kind, view: view).keys(in: $0.content) }
    try await view.load(keys.filter { !view.isChanging($0) })
  }

  /// Fields that are immutable have the value that they were created with.
  private func checkImmutable(_ draft: Draft, _ findings: inout Findings) {
    guard let previous = draft.previousContent else { return }
    for field in draft.kind.message.descriptor.fields where field.behaviors.contains(.immutable) {
      guard previous.value(ofField: field.number) != draft.content.value(ofField: field.number) else { continue }
      findings.add(field.name, .fieldImmutable, "it cannot be changed once the record is created; leave it as it was")
    }
  }

  /// Puts the marking in that is in effect, which for a child also depends on its parent.
  private func mark(_ draft: inout Draft, _ findings: inout Findings) async throws(DomainError) {
    var container: (any ProtobufMessage)?
    if let parent = NamePattern.parent(of: draft.key.name) {
      switch try await view.standing(of: parent) {
      case .live(let record, let revision):
        container = record
        // A stored parent stays as it is until the child is written, so that the child cannot miss a change of it.
        if let revision, let key = Key(parent) { findings.require(.revision(key, revision), or: .examineAgain) }
      case .missing:
        findings.add("name", .referenceNotFound, "its parent `\(parent)` does not exist", metadata: ["value": parent])
      case .deleted:
        findings.add("name", .referenceDeleted, "its parent `\(parent)` is deleted", metadata: ["value": parent])
      }
    }
    draft.content.marking = MarkingRules.effective(
      given: draft.content.marking, previous: draft.previousContent?.marking, parent: container?.marking,
      default: draft.kind.defaultLabel, followsWhatIsAlike: draft.followsWhatIsAlike, &findings)
    if let container, draft.previousContent.map({ Audience(of: $0) != Audience(of: draft.content) }) ?? true {
      try await SharingRules.check(draft.content, in: container, among: view, &findings)
    }
  }

  /// An organization has no more records than it may. A record that is there already, deleted or not, is counted.
  private func requireRoom(for draft: Draft, _ findings: inout Findings) {
    let originator = draft.content.originator
    guard let max = view.organizationRecordsMax, !originator.isEmpty, draft.previousContent?.originator != originator
    else { return }
    findings.require(
      .quota(originator: originator, max: max),
      or: .refuseAll { _ in
        DomainError(
          .limitReached,
          "`\(originator)` may have \(max) records, deleted ones counted, and would have more; purge what it does not "
            + "need, or ask whoever runs the registry for a higher limits.organization_records_max",
          metadata: ["limit": "limits.organization_records_max", "max": "\(max)"], resource: originator)
      })
  }

  private func requireUniqueness(of draft: Draft, _ findings: inout Findings) {
    for (entry, derived) in draft.kind.derivedEntries(of: draft.content) {
      guard let taken = derived.taken else { continue }
      findings.require(.unique(entry), or: .refuse { _ in DomainError(taken) })
    }
  }
}

extension Examination {
  /// Whether a child may follow its parent: letting more see it is for those who may do so for the child itself. One that
  /// names no organization as its own is its parent's.
  private func mayFollow(
    _ child: any ProtobufMessage, as content: any ProtobufMessage, _ findings: inout Findings
  ) async throws(DomainError) -> Bool {
    if child.originator.isEmpty || SharingRules.mayLoosen(child, in: view) { return true }
    return try await view.isEveryone(in: Audience(of: content), in: Audience(of: child), &findings)
  }

  /// The drafts of the children whose marking follows from the parent's, which is about to change.
  func childrenFollowing(_ draft: Draft, _ findings: inout Findings) async throws(DomainError) -> [Draft] {
    guard let previous = draft.previousContent?.marking, let marking = draft.content.marking,
      previous.asOwn != marking.asOwn, let scope = KeyPrefix(draft.key.name + "/")
    else { return [] }
    let audience = Audience(of: draft.content)
    var drafts: [Draft] = []
    for kind in view.kinds.children(of: draft.kind) {
      let children = try await view.records(
        with: IndexEntry(kind.membership, .unset), under: scope, limit: WriteRequest.mutationCountMax - 1,
        whatFor: "the children of `\(draft.key)` follow its marking")
      for (key, child) in children where !view.isChanging(key) {
        try DomainError.checkCancellation()
        guard let stored = try await view.regardedRecord(key), let own = child.marking else { continue }
        var content = child
        content.marking = .with {
          $0 = marking
          $0.inherited = true
        }
        let follows = own.inherited ? try await mayFollow(child, as: content, &findings) : false
        if own.inherited {
          // What may not be let go with its parent stays as strict as it is, by a marking of its own.
          if !follows { content.marking = own.asOwn }
          drafts.append(
            Draft(kind: kind, key: key, previous: stored, previousContent: child, content: content))
          findings.require(.revision(key, stored.revision), or: .examineAgain)
        }
        guard !follows else { continue }
        if own.label.rawValue < marking.label.rawValue {
          findings.add(
            "marking.label", .markingTooLoose,
            "`\(key)` is marked \(own.label), which is looser; make that stricter first",
            metadata: ["minimum": marking.label.description, "child": key.name])
        } else if !audience.isOpen, try await !view.isEveryone(in: Audience(of: child), in: audience, &findings) {
          findings.add(
            "marking", .markingTooLoose, "more may see `\(key)`, which lies in it; mark that for nobody else first",
            metadata: ["minimum": marking.label.description, "child": key.name])
        }
      }
      findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
    }
    // All of them change together, so they are looked at together.
    for draft in drafts { view.change(draft.key, to: draft.content) }
    for draft in drafts {
      try DomainError.checkCancellation()
      try await SharingRules.check(following: draft, among: view, &findings)
    }
    return drafts
  }
}
