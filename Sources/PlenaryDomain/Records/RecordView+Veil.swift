internal import PlenaryStore

/// Keeps from a caller what a refusal would tell of records that it does not see: that one of them stands in the way is
/// all that is told.
extension RecordView {
  /// The refusals whose texts count records or name one of many: for whoever does not see everything they say the same
  /// whatever is hidden.
  private static let counting: Set<Reason> = [.resourceInUse, .hasChildren, .attributionPresent]

  /// A refusal as the caller may have it.
  func veiled(_ error: DomainError) async throws(DomainError) -> DomainError {
    guard !seesEverything else { return error }
    let obstacles = error.obstacles.compactMap { Key($0.subject) }
    let named = regarded.filter(error.mentions)
    let visible = try await visible(obstacles + named + [Key(error.resource)].compactMap { $0 })
    let isCounting =
      Self.counting.contains(error.reason) || error.violations.contains { Self.counting.contains($0.reason) }
    guard isCounting || !named.isSubset(of: visible) else { return error }
    return error.veiled { name in Key(name).map(visible.contains) ?? false }
  }
}

extension DomainError {
  /// Whether the name of a record stands in what is told.
  fileprivate func mentions(_ key: Key) -> Bool {
    let texts =
      [message, resource] + metadata.values + violations.flatMap { [$0.message] + $0.metadata.values }
      + obstacles.map(\.subject)
    return texts.contains { text in
      text.ranges(of: key.name).contains { range in
        guard let next = text[range.upperBound...].utf8.first else { return true }
        // Names that only begin with this one are those of others.
        return !(next.isDigit || next.isLowercaseLetter || next == UInt8(ascii: "-") || next == UInt8(ascii: "/"))
      }
    }
  }

  /// The refusal without anything that follows from records that the caller does not see.
  ///
  /// - Parameter isVisible: Whether the caller sees an obstacle of this name.
  fileprivate func veiled(_ isVisible: (String) -> Bool) -> DomainError {
    let seen = obstacles.filter { isVisible($0.subject) }
    guard let first = violations.first else {
      let message =
        seen.isEmpty
        ? "records stand in the way, perhaps some that the caller may not see; ask an officer of the registry about them"
        : "other records stand in the way, such as `\(seen[0].subject)`, and perhaps some that the caller may not see; "
          + "change or delete those first"
      return DomainError(
        reason, message, resource: isVisible(resource) ? resource : "", obstacles: seen, isPassing: isPassing,
        code: code)
    }
    let veiled = violations.map { violation in
      FieldViolation(
        violation.field, violation.reason,
        "this does not go together with other records, perhaps some that the caller may not see; ask an officer of the "
          + "registry about them")
    }
    return DomainError(
      self, veiled, "\(first.field): \(veiled[0].message)", metadata: ["field": first.field],
      resource: isVisible(resource) ? resource : "")
  }
}
