internal import PlenaryAPI
internal import PlenaryStore

/// By what records are read.
enum ReadWay: String {
  case get = "Get"
  case list = "List"
  case batchGet = "BatchGet"
  case search = "Search"
  case export = "Export"
  case listChanges = "ListChanges"
  case watchChanges = "WatchChanges"
  case revisions = "Revisions"
  case diff = "Diff"
  case proof = "InclusionProof"
  case coverage = "ConsultationCoverage"
  case trace = "TraceResource"
  case personReport = "ReportPersonData"
  case outcomeContent = "ReadOutcomeReportContent"
  /// The answer of a call that changes a record, or would.
  case write = "Write"
}

/// Notes which records that are held back somebody is given: those marked AMBER_STRICT or RED, but for clients.
///
/// Whatever is read leaves the registry by a `RecordEncoder` that was made for the caller and has a witness, or is told to
/// one where it leaves otherwise. Of other records nothing is noted, and they cost a comparison.
struct ReadWitness: Sendable {
  /// The least label whose records are noted.
  static let labelMin = Marking.Label.amberStrict.rawValue

  let recorder: any AccessRecorder
  let principal: String
  let way: ReadWay

  /// Notes that a record is given out, if it is held back.
  func note(_ record: StoredRecord) {
    guard record.label >= Self.labelMin else { return }
    note(record.key.name)
  }

  /// Notes that a record whose label is `labelMin` or above is given out, if it is held back.
  func note(_ name: String) {
    // Clients are RED for nobody unless they are marked otherwise, and belong to the registry alone.
    guard KindCatalog.current.kind(named: name)?.isExported ?? true else { return }
    recorder.note(AccessEvent(.read, principal: principal, method: way.rawValue, resource: name))
  }
}

extension Registry {
  /// Encodes records for a caller, and notes of which it is given any that are held back.
  func encoder(for caller: Caller, _ way: ReadWay) -> RecordEncoder {
    RecordEncoder(tokens, witness: witness(for: caller, way))
  }

  /// Who notes what a caller is given; nil if nobody does.
  func witness(for caller: Caller, _ way: ReadWay) -> ReadWitness? {
    accessRecorder.map { ReadWitness(recorder: $0, principal: caller.principal, way: way) }
  }

  /// Notes that a caller is given a record, if it is held back. Of others it costs no more than a comparison.
  func note(_ record: StoredRecord, readBy caller: Caller, _ way: ReadWay) {
    guard record.label >= ReadWitness.labelMin else { return }
    witness(for: caller, way)?.note(record)
  }

  /// Notes that a caller was refused for want of a right.
  package func note(_ refusal: DomainError, of caller: Caller, method: String) {
    guard refusal.code == .permissionDenied || refusal.code == .unauthenticated else { return }
    accessRecorder?.note(
      AccessEvent(
        .refused, principal: caller.principal, method: String(method.drop { $0 == "/" }),
        reason: refusal.reason.rawValue,
        resource: refusal.resource))
  }
}
