import PlenaryAPI
import ProtobufRuntime

@testable import PlenaryDomain

/// Asks for the past of a dialogue in every way, and keeps what it is told: by the way, as the text in the bytes.
struct PastReader {
  let registry: Registry
  let caller: Caller

  /// The dialogue, and one child of each kind: group, panel, finding and intervention.
  let names: [String]
  let types: [String]

  private(set) var told: [String: String] = [:]

  init(registry: Registry, caller: Caller, names: [String], types: [String]) {
    self.registry = registry
    self.caller = caller
    self.names = names
    self.types = types
  }

  private mutating func ask(_ way: String, _ body: () async throws -> [UInt8]) async {
    let bytes: [UInt8]
    do { bytes = try await body() } catch { bytes = Array("\(type(of: error))".utf8) }
    told[way, default: ""] += String(decoding: bytes, as: UTF8.self).replacing("\0", with: " ") + "\n"
  }

  /// Single records, and lists of them.
  mutating func readRecords(at revision: String) async {
    let (registry, caller, names) = (registry, caller, names)
    await ask("get") {
      try await registry.get(GetDialogueRequest.with { ($0.name, $0.revision) = (names[0], revision) }, as: caller)
        .bytes
    }
    for id in ["i1", "i2", "gone"] {
      let name = "dialogues/d1/interventions/\(id)"
      await ask("get") {
        try await registry.get(
          GetInterventionRequest.with { ($0.name, $0.revision) = (name, revision) }, as: caller
        ).bytes
      }
      await ask("batch") {
        try await registry.batchGet(
          BatchGetInterventionsRequest.with { ($0.names, $0.revision) = ([name], revision) }, as: caller
        ).records.flatMap { $0 }
      }
    }
    await ask("list groups") {
      try await registry.list(
        ListWorkingGroupsRequest.with { ($0.parent, $0.revision) = ("dialogues/-", revision) }, as: caller
      ).records.flatMap { $0 }
    }
    await ask("list findings") {
      try await registry.list(
        ListFindingsRequest.with { ($0.parent, $0.revision) = ("dialogues/d1", revision) }, as: caller
      ).records.flatMap { $0 }
    }
    await ask("list deleted") {
      try await registry.list(
        ListInterventionsRequest.with {
          ($0.parent, $0.revision, $0.showDeleted) = ("dialogues/-", revision, true)
        }, as: caller
      ).records.flatMap { $0 }
    }
  }

  /// Differences, the chain, and exports.
  mutating func readTogether(at revision: String, to end: String) async {
    let (registry, caller, types) = (registry, caller, types)
    await ask("diff registry") {
      try await registry.differences(
        DiffRegistryRequest.with { ($0.fromRevision, $0.resourceTypes) = (revision, types) }, as: caller
      ).serializedBytes()
    }
    for name in names {
      await ask("diff") {
        try await registry.differences(
          DiffResourceRequest.with { ($0.name, $0.fromRevision, $0.toRevision) = (name, revision, end) }, as: caller
        ).serializedBytes()
      }
    }
    await ask("trace") {
      try await registry.trace(
        TraceResourceRequest.with { ($0.name, $0.revision) = ("dialogues/d1/findings/f1", revision) }, as: caller
      ).trace.serializedBytes()
    }
    await ask("export") {
      var bytes: [UInt8] = []
      try await registry.export(
        .with { ($0.revision, $0.resourceTypes) = (revision, types) }, as: caller
      ) { bytes += $0 }
      return bytes
    }
    for format in ExportWorld.formats {
      await ask("file \(format)") {
        try await ExportWorld.bytes(registry, as: caller, ExportWorld.request(format).with { $0.revision = revision })
      }
    }
  }

  /// Versions, changes, the audit, and what is there now.
  mutating func readHistory(from revision: String) async {
    let (registry, caller, names, types) = (registry, caller, names, types)
    await ask("now") {
      try await registry.get(GetInterventionRequest.with { $0.name = "dialogues/d1/interventions/gone" }, as: caller)
        .bytes
    }
    await ask("revisions") {
      try await registry.listRevisions(ListFindingRevisionsRequest.with { $0.parent = names[3] }, as: caller)
        .records.flatMap { $0 }
    }
    await ask("revisions") {
      try await registry.listRevisions(ListDialogueRevisionsRequest.with { $0.parent = names[0] }, as: caller)
        .records.flatMap { $0 }
    }
    await ask("revision") {
      try await registry.getRevision(
        GetFindingRevisionRequest.with { $0.name = "\(names[3])/revisions/\(revision)" }, as: caller
      ).bytes
    }
    await ask("audit") {
      try await registry.auditEntries(
        ListAuditEntriesRequest.with { ($0.pageSize, $0.resource) = (1000, names[0]) }, as: caller
      ).response.serializedBytes()
    }
    await ask("changes") {
      try await registry.listChanges(
        .with {
          ($0.includeBefore, $0.includeChangedFields, $0.pageSize, $0.resourceTypes) = (true, true, 1000, types)
        }, as: caller
      ).bytes
    }
  }
}

extension Sequence {
  /// The results of a body for each element, one after the other.
  func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
