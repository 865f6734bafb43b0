internal import PlenaryStore

/// What the examination of a record brings to light: what is wrong with it, and what its being right rests on.
struct Findings: Sendable {
  /// What is wrong, field by field.
  private(set) var violations: [DomainError.FieldViolation] = []

  /// What must hold when the record is written.
  private(set) var guards: [Guard] = []

  /// Whether something is larger than it may be. Nothing more is to be looked for then: it would cost what the limits
  /// are there to save.
  var hasExcess: Bool { violations.contains { [.textTooLong, .listTooLong].contains($0.reason) } }

  /// Notes that a field breaks a rule.
  mutating func add(_ field: String, _ reason: Reason, _ message: String, metadata: [String: String] = [:]) {
    violations.append(.init(field, reason, message, metadata: metadata))
  }

  /// Notes that a field breaks a rule.
  mutating func add(_ violation: DomainError.FieldViolation) {
    violations.append(violation)
  }

  /// Notes what must hold when the record is written.
  mutating func require(_ precondition: Precondition, or refusal: Guard.Refusal) {
    guards.append(Guard(precondition: precondition, refusal: refusal))
  }

  /// Makes every refusal that is to come say where in the request it belongs.
  mutating func locateGuards(_ locate: @escaping @Sendable (DomainError) -> DomainError) {
    guards = guards.map { condition in
      switch condition.refusal {
      case .examineAgain: return condition
      case .refuse(let error):
        return Guard(precondition: condition.precondition, refusal: .refuse { locate(error($0)) })
      case .refuseAll(let error):
        return Guard(precondition: condition.precondition, refusal: .refuseAll { locate(error($0)) })
      }
    }
  }
}

/// What must hold when a record is written, and what it means if it does not.
struct Guard: Sendable {
  /// The condition, which the store checks when it writes.
  let precondition: Precondition

  /// What to make of it if it does not hold.
  let refusal: Refusal

  /// Whether it is one for the call as a whole.
  var concernsAll: Bool {
    if case .refuseAll = refusal { true } else { false }
  }

  /// What to make of a condition that does not hold.
  enum Refusal: Sendable {
    /// The caller has asked for something that cannot be.
    case refuse(@Sendable (Conflict.Finding) -> DomainError)
    /// The same, and not for one record of an import alone.
    case refuseAll(@Sendable (Conflict.Finding) -> DomainError)
    /// Somebody else has changed a record that the examination read: it has to be done again.
    case examineAgain
  }
}
