package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  private static let traceCountDefault = 200

  /// The most records that a trace has.
  package static let traceCountMax = 1000

  /// Follows the chain from mandates to follow-ups from a record both ways.
  /// - Throws: `idInvalid`, `fieldRequired`, `resourceTypeUnknown`, `resourceNotFound`, `pageSizeInvalid`,
  ///   `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  package func trace(
    _ request: TraceResourceRequest, as caller: Caller
  ) async throws(DomainError) -> (trace: ResourceTrace, revision: String) {
    let countMax = try Self.traceCount(request.pageSize)
    let kind = try tracedKind(of: request.name)
    let past = try await revision(
      token: request.revision, readTime: request.readTime, atLeastAsFresh: request.atLeastAsFresh)
    let reader = try await reader(for: caller, at: past)
    guard let record = try await reader.record(request.name), let place = TracePlace(try kind.decode(record)) else {
      throw kind.notFound(request.name)
    }
    note(record, readBy: caller, .trace)
    var walk = TraceWalk(reader, nodeCountMax: countMax) { note($0, readBy: caller, .trace) }
    let trace = try await walk.trace(place)
    return (trace, text(reader.revision, for: caller))
  }

  private func tracedKind(of name: String) throws(DomainError) -> Kind {
    guard !name.isEmpty else {
      throw DomainError(.init("name", .fieldRequired, "it is the record to trace, such as `recommendations/r1`"))
    }
    try NamePattern.checkLength(of: name, field: "name")
    guard let kind = kinds.kind(named: name) else {
      throw DomainError(
        .init(
          "name", .idInvalid, "`\(name.clipped)` is no name of a record, such as `recommendations/r1`",
          metadata: ["value": name.clipped]))
    }
    guard TracePlace.kinds.contains(where: { $0 === kind }) else {
      throw DomainError(
        .init(
          "name", .resourceTypeUnknown,
          "a \(kind.noun) has no place in the chain from mandates to follow-ups; name one of "
            + TracePlace.kinds.map(\.resource.plural).joined(separator: ", "), metadata: ["value": kind.resourceType]))
    }
    return kind
  }

  private static func traceCount(_ size: Int32) throws(DomainError) -> Int {
    guard size >= 0 else {
      throw DomainError(
        .init(
          "page_size", .pageSizeInvalid, "it is \(size); it must not be negative, and 0 means \(traceCountDefault)",
          metadata: ["value": "\(size)"]))
    }
    return size == 0 ? traceCountDefault : min(Int(size), traceCountMax)
  }
}
