internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// The Chatham House Rule: at a dialogue that is held under it, no record says who took part or said what.
///
/// A kind of the children of dialogues declares which of its fields would say so.
enum AttributionRules {
  /// The most children that are looked at when the rule of a dialogue becomes stricter.
  private static let childCountMax = 10_000

  /// What was brought to light at dialogues; once there is some, it stays under the rule that it was said under.
  private static let findingType = "plenary.registry/Finding"

  /// A dialogue that comes under the rule confines its past to the officers of its originator: the versions of before, its
  /// own and those of its children, and the children that were deleted before and say who took part or said what.
  static func confining(in kinds: KindCatalog) -> Confining {
    Confining(
      confines: { key, before, after in
        guard Kind.dialogue.pattern.matches(key.name) else { return false }
        return !isUnderRule(before) && isUnderRule(after)
      },
      covers: { key, body in
        // A record that cannot be read may say anything.
        guard let kind = kinds.kind(named: key.name), let record = try? kind.decode(body) else { return true }
        return isAttributed(record, of: kind)
      })
  }

  private static func isUnderRule(_ body: [UInt8]) -> Bool {
    // Of one that cannot be read nothing is known.
    (try? Dialogue(serializedBytes: body))?.attributionRule == .chathamHouse
  }

  /// Whether a record says who took part or said what.
  private static func isAttributed(_ record: any ProtobufMessage, of kind: Kind) -> Bool {
    kind.attributions.contains { !$0.values(in: record).isEmpty }
  }

  /// Notes the fields that a child of a dialogue may not have.
  static func check(
    _ record: any ProtobufMessage, of kind: Kind, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let named = kind.attributions.filter { !$0.values(in: record).isEmpty }
    guard !named.isEmpty, let parent = NamePattern.parent(of: record.resourceName),
      let dialogue = try await view.relied(on: parent, as: Dialogue.self, &findings),
      dialogue.attributionRule == .chathamHouse
    else { return }
    for path in named {
      findings.add(
        path.text, .attributionForbidden,
        "`\(parent)` is held under the Chatham House Rule; leave it empty, and keep a name that must be kept in a "
          + "record of its own that is marked RED", metadata: ["dialogue": parent])
    }
  }

  /// Checks a change of the rule of a dialogue against what its children say.
  static func checkChange(
    of dialogue: Dialogue, from previous: Dialogue, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let isStrict = dialogue.attributionRule == .chathamHouse
    guard isStrict != (previous.attributionRule == .chathamHouse), let scope = KeyPrefix(dialogue.name + "/") else {
      return
    }
    if isStrict {
      try await checkTightening(dialogue, scope, among: view, &findings)
    } else if let kind = view.kinds.kind(ofType: findingType),
      let finding = try await view.keys(with: IndexEntry(kind.membership, .unset), under: scope, limit: 1).first
    {
      findings.add(
        "attribution_rule", .attributionRuleLocked,
        "it cannot be loosened once there are findings, such as `\(finding)`; leave it CHATHAM_HOUSE",
        metadata: ["finding": finding.name])
    }
    findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
  }

  private static func checkTightening(
    _ dialogue: Dialogue, _ scope: KeyPrefix, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    var names: [String] = []
    for kind in view.kinds.children(of: .dialogue) where !kind.attributions.isEmpty {
      let children = try await view.records(
        with: IndexEntry(kind.membership, .unset), under: scope, limit: childCountMax,
        whatFor: "what the children of `\(dialogue.name)` say of persons must be cleared first")
      names += children.filter { isAttributed($0.record, of: kind) }.map(\.key.name)
    }
    guard let first = names.first else { return }
    findings.add(
      "attribution_rule", .attributionPresent,
      "\(names.count) of its records say who took part or said what, such as `\(first)`; clear that first",
      metadata: ["count": "\(names.count)", "record": first])
  }
}
