internal import PlenaryStore
internal import ProtobufRuntime

/// What a list of changes or a watch asks for, understood: which kinds, which of their records, and what of these.
package struct ChangePlan: Sendable {
  /// One kind that is wanted.
  struct Part: Sendable {
    let kind: Kind

    /// Its records, as a list would have them.
    let query: Query

    /// The fields that are wanted; nil for all.
    let mask: FieldMask?

    /// The encoded field of a change with the type of its record.
    let typeField: [UInt8]

    init(kind: Kind, query: Query, mask: FieldMask?) {
      self.kind = kind
      self.query = query
      self.mask = mask
      var field: [UInt8] = []
      WireEncoding.append(kind.resourceType, as: ChangeEncoder.Field.resourceType, to: &field)
      typeField = field
    }
  }

  /// The kinds, in order.
  let parts: [Part]

  /// What the store is asked for.
  let selection: FeedSelection

  /// Whether to tell of the versions before, and of the fields that differ from them.
  let includesBefore: Bool
  let includesChangedFields: Bool

  /// The day that the filter counts as today.
  let today: CivilDay

  init(_ parts: [Part], includesBefore: Bool, includesChangedFields: Bool, today: CivilDay) {
    self.parts = parts
    self.includesBefore = includesBefore
    self.includesChangedFields = includesChangedFields
    self.today = today
    let patterns = NamePatterns(parts.map(\.kind.pattern))
    selection = FeedSelection(
      queries: parts.map { part in
        // That a record is of its kind, its name says.
        var query = part.query
        query.conditions.removeAll { $0.field == part.kind.membership }
        return query
      }, includesBefore: includesBefore || includesChangedFields,
      queryIndex: { key in patterns.firstIndex(matchingKey: key) })
  }
}

/// What the requests for changes have in common.
struct ChangeWishes {
  var resourceTypes: [String]
  var filter: String
  var paths: [String]?
  var includesBefore: Bool
  var includesChangedFields: Bool
}

extension Registry {
  /// Understands what is asked for.
  ///
  /// - Parameter day: The day that counts as today already, nil for the present one.
  /// - Throws: `resourceTypeUnknown`, `filterSyntax`, `filterFieldUnknown`, `referenceNotFound`, `limitReached`,
  ///   `maskPathUnknown`.
  func plan(_ wishes: ChangeWishes, as caller: Caller, on day: CivilDay?) async throws(DomainError) -> ChangePlan {
    let today: CivilDay = if let day { day } else { try Today(date: nil, timeZone: "", now()).day }
    var parts: [ChangePlan.Part] = []
    for kind in try selectedKinds(wishes.resourceTypes) {
      let mask = try FieldMask.reading(wishes.paths, of: kind)
      let plan = try await plan(
        kind, parent: kind.pattern.parent?.anyName ?? "", filter: wishes.filter, orderBy: "", showsDeleted: false,
        as: caller, at: nil, on: today)
      parts.append(ChangePlan.Part(kind: kind, query: plan.query, mask: mask))
    }
    return ChangePlan(
      parts, includesBefore: wishes.includesBefore, includesChangedFields: wishes.includesChangedFields, today: today)
  }

  /// Reads changes from the store, and says what its errors mean to who follows them.
  func following<Result>(
    _ body: (any Store) async throws(StoreError) -> Result
  ) async throws(DomainError) -> Result {
    try DomainError.checkCancellation()
    do {
      return try await body(store)
    } catch .revisionCompacted(let oldest) {
      throw DomainError(
        .revisionCompacted,
        "the changes after this revision are no longer kept; take a snapshot, or begin at the oldest revision that is "
          + "kept, \(text(oldest))", metadata: ["oldest_revision": text(oldest)])
    } catch {
      try DomainError.checkCancellation()
      throw DomainError(error)
    }
  }
}
