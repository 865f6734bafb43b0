/// Why the registry refuses a call: something that the caller can act on.
///
/// Each refusal has one `reason`, which never changes its meaning and decides the code; the message says what is wrong
/// and what to do about it, and may change.
package struct DomainError: Error, Hashable, Sendable {
  /// What the caller should make of the refusal; the names are those of gRPC's codes.
  package enum Code: Hashable, Sendable {
    case cancelled, invalidArgument, notFound, alreadyExists, failedPrecondition, aborted, outOfRange
    case resourceExhausted, unavailable
    case unauthenticated, permissionDenied
  }

  /// One field of the request that is not as it must be.
  package struct FieldViolation: Hashable, Sendable {
    /// The path of the field from the request's record, such as `location.region_code`.
    package let field: String

    /// Which rule it breaks.
    package let reason: Reason

    /// What is wrong and what would be right.
    package let message: String

    /// The parts of the message that vary.
    package let metadata: [String: String]

    /// Names a field and what is wrong with it.
    package init(_ field: String, _ reason: Reason, _ message: String, metadata: [String: String] = [:]) {
      self.field = field
      self.reason = reason
      self.message = message
      self.metadata = metadata
    }
  }

  /// A record whose state stands in the way of the call.
  package struct Obstacle: Hashable, Sendable {
    /// The name of the record.
    package let subject: String

    /// How it stands in the way.
    package let message: String

    /// Names a record and how it stands in the way.
    package init(subject: String, _ message: String) {
      self.subject = subject
      self.message = message
    }
  }

  /// The rule that is broken.
  package let reason: Reason

  /// What is wrong and what to do about it.
  package let message: String

  /// The parts of the message that vary, for programs.
  package let metadata: [String: String]

  /// The fields of the request that are not as they must be, if that is what is wrong.
  package let violations: [FieldViolation]

  /// The records that stand in the way, if that is what is wrong; at most 20.
  package let obstacles: [Obstacle]

  /// The name of the record that the refusal is about; empty if it is about none.
  package let resource: String

  /// Whether the same call may succeed a little later, although its code does not say so by itself.
  package let isPassing: Bool

  /// What the caller should make of the refusal: what the reason says, but for a rule that a record can break by itself
  /// or only at the wrong time.
  package let code: Code

  /// A refusal for one reason.
  package init(
    _ reason: Reason, _ message: String, metadata: [String: String] = [:], resource: String = "",
    obstacles: [Obstacle] = [], isPassing: Bool = false, code: Code? = nil
  ) {
    self.reason = reason
    self.code = code ?? reason.code
    self.message = message
    self.metadata = metadata
    self.violations = []
    self.obstacles = obstacles
    self.resource = resource
    self.isPassing = isPassing
  }

  /// A refusal because of fields; the first of them gives it reason and message. Nil if there are none.
  package init?(_ violations: [FieldViolation], resource: String = "") {
    guard let first = violations.first else { return nil }
    self.init(first, and: violations.dropFirst(), resource: resource)
  }

  /// A refusal because of one field.
  package init(_ violation: FieldViolation, resource: String = "") {
    self.init(violation, and: [], resource: resource)
  }

  private init(_ first: FieldViolation, and others: ArraySlice<FieldViolation>, resource: String) {
    reason = first.reason
    code = first.reason.code
    message = "\(first.field): \(first.message)"
    metadata = first.metadata.merging(["field": first.field]) { given, _ in given }
    violations = [first] + others
    obstacles = []
    self.resource = resource
    isPassing = false
  }

  /// A refusal like another one, with other texts.
  init(
    _ error: DomainError, _ violations: [FieldViolation], _ message: String, metadata: [String: String],
    resource: String? = nil
  ) {
    reason = error.reason
    code = error.code
    self.message = message
    self.metadata = metadata
    self.violations = violations
    obstacles = error.obstacles
    self.resource = resource ?? error.resource
    isPassing = error.isPassing
  }

  /// Whether the refusal is about fields or about a record, and not about the call as a whole.
  var concernsRecord: Bool { !violations.isEmpty || !resource.isEmpty }

  /// The refusal of one part of a request: the path of the part stands before the fields, or for the part as a whole.
  ///
  /// - Parameter metadata: What programs are told about the part.
  func located(at path: String, metadata: [String: String] = [:]) -> DomainError {
    guard let field = violations.first?.field else {
      let metadata = self.metadata.merging(metadata) { given, _ in given }.merging(["field": path]) { $1 }
      return DomainError(
        self, [.init(path, reason, message, metadata: metadata)], "\(path): \(message)", metadata: metadata)
    }
    let located = violations.map { violation in
      FieldViolation(
        "\(path).\(violation.field)", violation.reason, violation.message,
        metadata: violation.metadata.merging(metadata) { given, _ in given })
    }
    return DomainError(
      self, located, "\(located[0].field): \(located[0].message)",
      metadata: self.metadata.merging(metadata) { given, _ in given }.merging(["field": "\(path).\(field)"]) { $1 })
  }

  /// The refusal of one of the entries of a list in a request, whose place in it is told; one of the call as a whole stays
  /// as it is.
  func located(at index: Int, of list: String) -> DomainError {
    guard concernsRecord else { return self }
    return located(at: "\(list).\(index)", metadata: ["index": "\(index)"])
  }

  /// Stops the work of a call that nobody waits for any longer: its deadline has passed, its caller has gone, or the
  /// server stops. It is asked for at each read of the store and at each record of a long run of them.
  /// - Throws: `callCancelled`.
  package static func checkCancellation() throws(DomainError) {
    guard Task.isCancelled else { return }
    throw DomainError(.callCancelled, "the call was given up before it was done")
  }
}
