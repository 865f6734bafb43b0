internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  /// Moves a record to another state.
  /// - Parameter verb: What is done to it, such as `Schedule`.
  /// - Throws: `resourceNotFound`, `etagMismatch`, `illegalTransition`, and whatever rule the record then breaks.
  package func transition<Request: TransitionRequestMessage>(
    _ verb: String, _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    let key = try kind.key(request.name, field: "name")
    var call = try WriteCall("\(verb)\(kind.message.descriptor.name)", request)
    let asked = try TransitionRequest(request, now: now())
    call.reason = asked.reason
    return try await reply(to: call, key, kind, as: caller) { view throws(DomainError) in
      guard let record = try await view.storedRecord(key), !record.isDeleted else {
        throw kind.notFound(request.name)
      }
      try self.check(etag: request.etag, of: record)
      return try await self.transition(of: record, kind, verb, asked, in: view)
    }
  }

  /// The verbs of a kind's machine; none if it has no states.
  package func verbs(of message: any ProtobufMessage.Type) -> Set<String> { kind(of: message).machine?.verbs ?? [] }

  /// What moving a record to another state comes to.
  private func transition(
    of record: StoredRecord, _ kind: Kind, _ verb: String, _ asked: TransitionRequest, in view: RecordView
  ) async throws(DomainError) -> Changes {
    guard let machine = kind.machine, machine.verbs.contains(verb) else {
      preconditionFailure("\(kind.resourceType) has no transition \(verb)")
    }
    let previous = try view.content(of: record)
    // Before anything is said about its state.
    try await view.checkAccess(to: record.key, kind, content: previous, isNew: false)
    guard case .enumeration(let state)? = previous.value(ofField: HeaderField.state) else {
      preconditionFailure("a record of a kind with states has one")
    }
    guard let step = machine.step(verb, from: state, isRecord: asked.isRecord) else {
      throw kind.illegal(verb, machine, from: state, isRecord: asked.isRecord, record.key)
    }
    var content = previous
    content.set(number: HeaderField.state, to: .enumeration(step.to))
    for field in kind.message.descriptor.fields {
      if step.clears.contains(field.name) { content.set(field, to: nil) }
      if step.signs.contains(field.name) { content.set(field, to: .string(view.principal)) }
      if step.sets.contains(field.name), let value = asked.value(of: field.name) { content.set(field, to: value) }
    }
    var findings = Findings()
    if let rule = step.rule {
      var call = TransitionCall(
        name: record.key.name, reason: asked.reason, isRecord: asked.isRecord, today: asked.today)
      try await rule(content, &call, view, &findings)
      if !call.needs.isEmpty { throw kind.unready(call, machine, from: state, step, asked) }
    }
    return try await replacement(of: record, previous, by: content, kind, in: view, findings)
  }
}

/// What a request for a transition asks, in normal form.
private struct TransitionRequest {
  let reason: String
  let isRecord: Bool
  let today: CivilDay
  private let message: any ProtobufMessage

  init(_ request: some TransitionRequestMessage, now: CommitTime) throws(DomainError) {
    var findings = Findings()
    // A request is made of the same types of fields as a record.
    message = RecordNormalization.normalized(request, &findings)
    if let error = DomainError(findings.violations, resource: request.name) { throw error }
    reason = Self.value(of: "reason", in: message)?.text ?? ""
    isRecord = Self.value(of: "record", in: message) == .bool(true)
    today = try Today(
      date: Self.value(of: "as_of", in: message), timeZone: Self.value(of: "time_zone", in: message)?.text ?? "", now
    ).day
  }

  /// The value of a field that is set; nil if it is not set, or the request has none such.
  func value(of field: String) -> FieldValue? { Self.value(of: field, in: message) }

  private static func value(of field: String, in message: any ProtobufMessage) -> FieldValue? {
    type(of: message).descriptor.field(named: field).flatMap { message.value(ofField: $0.number) }
  }
}

extension FieldValue {
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}

extension Kind {
  /// The verb leads nowhere from the state in which the record is.
  func illegal(
    _ verb: String, _ machine: StateMachine, from state: Int32, isRecord: Bool, _ key: Key
  ) -> DomainError {
    let from = machine.name(of: state)
    let method = verb + message.descriptor.name
    let sources = machine.states.values.map(\.number).filter {
      machine.step(verb, from: $0, isRecord: isRecord) != nil
    }
    let isOpenToRecord = machine.step(verb, from: state, isRecord: true) != nil
    let ways = machine.steps(from: state, isRecord: isRecord).map {
      "\(machine.name(of: $0.to)) (\($0.verb)\(message.descriptor.name))"
    }
    let text =
      "`\(key)` is \(from), and \(method) is for those that are "
      + sources.map(machine.name).joined(separator: " or ")
      + (isOpenToRecord ? "; set record to enter what is past" : "")
      + (ways.isEmpty ? "; it stays as it is" : "; it can become \(ways.joined(separator: ", "))")
    return DomainError(
      .illegalTransition, text,
      metadata: metadata(machine, from: state, to: machine.target(of: verb), isRecord: isRecord),
      resource: key.name, obstacles: [.init(subject: key.name, "it is \(from)")])
  }

  /// The record lacks what it needs in the state that it is to be in.
  fileprivate func unready(
    _ call: TransitionCall, _ machine: StateMachine, from state: Int32, _ step: StateMachine.Step,
    _ asked: TransitionRequest
  ) -> DomainError {
    var metadata = metadata(machine, from: state, to: step.to, isRecord: asked.isRecord)
    metadata["unmet"] = call.needs.map(\.what).joined(separator: ",")
    return DomainError(
      .illegalTransition,
      "`\(call.name)` cannot become \(machine.name(of: step.to)) yet: "
        + call.needs.map(\.obstacle.message).joined(separator: "; "),
      metadata: metadata, resource: call.name, obstacles: Array(call.needs.map(\.obstacle).prefix(20)))
  }

  private func metadata(
    _ machine: StateMachine, from: Int32, to: Int32, isRecord: Bool
  ) -> [String: String] {
    var allowed: [String] = []
    for step in machine.steps(from: from, isRecord: isRecord) where step.to != from {
      let name = machine.name(of: step.to)
      if !allowed.contains(name) { allowed.append(name) }
    }
    return [
      "from": machine.name(of: from), "to": machine.name(of: to), "allowed": allowed.joined(separator: ","),
    ]
  }
}
