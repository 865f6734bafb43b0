internal import GoogleAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The revision that a request asks to read at; nil for the present.
  /// - Throws: `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  func revision(readBy request: some ReadRequestMessage) async throws(DomainError) -> Revision? {
    let time = request.readTime.map { ProtobufTimestamp(seconds: $0.seconds, nanos: $0.nanos) }
    return try await revision(
      token: request.revision, readTime: time, atLeastAsFresh: request.atLeastAsFresh)
  }

  /// The revision that the fields of a request ask to read at; nil for the present.
  /// - Throws: `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  func revision(
    token: String, readTime: ProtobufTimestamp?, atLeastAsFresh: String
  ) async throws(DomainError) -> Revision? {
    let given = [
      ("revision", !token.isEmpty), ("read_time", readTime != nil), ("at_least_as_fresh", !atLeastAsFresh.isEmpty),
    ].filter(\.1).map(\.0)
    if given.isEmpty { return nil }
    guard given.count == 1 else { throw Self.oneOf(given) }
    guard atLeastAsFresh.isEmpty else {
      let wanted = try parsed(atLeastAsFresh, field: "at_least_as_fresh")
      // What a store shows is never older than what it has told of; what is newer is its leader's.
      try await arrival(of: wanted)
      return nil
    }
    return try await revision(token, or: readTime, field: "revision", timeField: "read_time")
  }

  /// The revision that a request names by itself or by a time; nil if it names none.
  /// - Throws: `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  func revision(
    _ token: String, or time: ProtobufTimestamp?, field: String, timeField: String
  ) async throws(DomainError) -> Revision? {
    switch (token.isEmpty, time) {
    case (true, nil): return nil
    case (false, .some): throw Self.oneOf([field, timeField])
    case (false, nil):
      let wanted = try parsed(token, field: field)
      try await arrival(of: wanted)
      return try await revision(for: .revision(wanted))
    case (true, let time?):
      let wanted = try passed(time, field: timeField)
      try await completion(until: wanted)
      return try await revision(for: .time(wanted))
    }
  }

  private func revision(for point: ReadPoint) async throws(DomainError) -> Revision {
    try await store.reading { store throws(StoreError) in try await store.revision(for: point) }
  }

  /// The revision that a token stands for.
  /// - Throws: `revisionInvalid`, `epochChanged`.
  func parsed(_ token: String, field: String) throws(DomainError) -> Revision {
    guard let revision = try tokens.revision(token) else {
      throw DomainError(
        .init(
          field, .revisionInvalid,
          "`\(token.clipped)` is no revision of this registry; take one from a record, a list of revisions or the "
            + "header plenary-revision", metadata: ["value": token.clipped]))
    }
    return revision
  }

  /// The point in time that a request names, which must have passed.
  func passed(_ time: ProtobufTimestamp, field: String) throws(DomainError) -> CommitTime {
    let wanted = try Self.time(time, field: field)
    guard wanted < now() else {
      throw DomainError(
        .revisionFuture, "\(field): this time has not come yet; read the present state by leaving it out",
        metadata: ["field": field])
    }
    return wanted
  }

  /// The point in time that a request names, passed or to come.
  static func time(_ time: ProtobufTimestamp, field: String) throws(DomainError) -> CommitTime {
    guard time.nanos >= 0, time.nanos < 1_000_000_000, abs(time.seconds) < secondsMax else {
      throw DomainError(.init(field, .revisionInvalid, "it is no point in time of the years 1 to 9999"))
    }
    return CommitTime(microseconds: time.seconds * 1_000_000 + Int64(time.nanos) / 1000)
  }

  /// More seconds than lie between 1970 and any year that a timestamp can have.
  private static let secondsMax: Int64 = 300_000_000_000

  static func oneOf(_ fields: [String]) -> DomainError {
    DomainError(
      .init(
        fields[0], .revisionInvalid,
        "\(fields.joined(separator: " and ")) are both given; leave all of them out but one"))
  }
}

extension ProtobufTimestamp {
  /// The time of a commit.
  init(_ time: CommitTime) {
    var (seconds, microseconds) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if microseconds < 0 { (seconds, microseconds) = (seconds - 1, microseconds + 1_000_000) }
    self.init(seconds: seconds, nanos: Int32(microseconds * 1000))
  }
}
