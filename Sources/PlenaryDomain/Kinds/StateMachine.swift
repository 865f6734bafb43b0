internal import ProtobufRuntime

/// The states of a kind and the ways from one to another. Whatever is not among them is refused (`illegalTransition`).
///
/// A kind declares its machine once, in its own file, as data:
///
///     static let series = Kind(
///       SeriesRules(),
///       states: StateMachine(
///         first: Series.State.active,
///         [
///           Transition("Suspend", from: [.active], to: .suspended),
///           Transition("End", from: [.active, .suspended], to: .ended, requiring: SeriesRules.checkEnd),
///         ]),
///
/// For each verb the kind's service has a method that is named by verb and kind, `EndSeries`, returns the record, and
/// takes a request with `name` = 1, `etag` = 2, `reason` = 3, `request_id` = 4, `validate_only` = 5 and, where the rule
/// asks for them, `as_of` = 6, `time_zone` = 7 and `record` = 8. The generator finds the methods, and generic code
/// serves them. A rule looks like `checkEnd(_: Series, _: inout TransitionCall, among: RecordView, _: inout Findings)`:
/// it says with `call.need` what the record lacks, adds findings for rules that have a reason of their own, and guards
/// what it rests on as `KindRules.checkRelations` does.
struct StateMachine: Sendable {
  /// The state of a new record.
  let first: Int32

  /// The names and numbers of the states.
  let states: EnumDescriptor

  /// The ways, in the order in which they are declared.
  let steps: [Step]

  /// One way, whatever its kind.
  struct Step: Sendable {
    let verb: String
    let from: Set<Int32>
    let to: Int32
    let isForRecordOnly: Bool
    let sets: [String]
    let clears: [String]
    /// The fields that take the name of whoever does it.
    var signs: [String] = []
    /// Whether it is the outcome of work that has a method of another form.
    var isByOperation = false
    let rule: Rule?
  }

  /// What a way asks of a record.
  typealias Rule =
    @Sendable (
      any ProtobufMessage, inout TransitionCall, RecordView, inout Findings
    ) async throws(DomainError) -> Void

  /// Declares a machine.
  init<State: ProtobufEnum>(first: State, _ transitions: [Transition<State>] = []) {
    self.first = first.rawValue
    states = State.descriptor
    steps = transitions.map(\.step)
  }

  /// The state that a deleted record shows.
  var deleted: Int32 { states.number(named: "DELETED") ?? 0 }

  /// What is done to records, such as `Schedule`, each once; without what is done by operations.
  var verbs: Set<String> { Set(steps.filter { !$0.isByOperation }.map(\.verb)) }

  /// The way on which a verb leads from a state; nil if it leads nowhere from there.
  func step(_ verb: String, from state: Int32, isRecord: Bool) -> Step? {
    steps(from: state, isRecord: isRecord).first { $0.verb == verb }
  }

  /// All ways that lead on from a state.
  func steps(from state: Int32, isRecord: Bool) -> [Step] {
    steps.filter { $0.from.contains(state) && (isRecord || !$0.isForRecordOnly) }
  }

  /// The state that a verb leads to.
  func target(of verb: String) -> Int32 { steps.first { $0.verb == verb }?.to ?? 0 }

  /// The name of a state.
  func name(of state: Int32) -> String { states.name(of: state) ?? "\(state)" }
}

/// A way from some states of a kind to another one.
struct Transition<State: ProtobufEnum>: Sendable {
  fileprivate var step: StateMachine.Step

  /// Declares a way on which nothing further is asked.
  ///
  /// - Parameters:
  ///   - verb: What is done, as it stands in the name of the method.
  ///   - onlyForRecord: Whether it is open only to calls with `record`, by which the past is entered.
  ///   - sets: The fields of the record that the request has too; what it gives there goes into the record.
  ///   - clears: The fields of the record that lose their meaning.
  init(
    _ verb: String, from: [State], to: State, onlyForRecord: Bool = false, sets: [String] = [], clears: [String] = []
  ) {
    step = StateMachine.Step(
      verb: verb, from: Set(from.map(\.rawValue)), to: to.rawValue, isForRecordOnly: onlyForRecord, sets: sets,
      clears: clears, rule: nil)
  }

  /// Declares a way with a rule, which sees the record as it will be.
  init<Resource: ProtobufMessage>(
    _ verb: String, from: [State], to: State, onlyForRecord: Bool = false, sets: [String] = [], clears: [String] = [],
    requiring rule:
      @escaping @Sendable (
        Resource, inout TransitionCall, RecordView, inout Findings
      ) async throws(DomainError) -> Void
  ) {
    step = StateMachine.Step(
      verb: verb, from: Set(from.map(\.rawValue)), to: to.rawValue, isForRecordOnly: onlyForRecord, sets: sets,
      clears: clears,
      rule: { record, call, view, findings throws(DomainError) in
        guard let record = record as? Resource else { preconditionFailure("a rule is that of another kind") }
        try await rule(record, &call, view, &findings)
      })
  }
}

extension Transition {
  /// The same way, on which fields take the name of whoever goes it.
  func signing(_ fields: String...) -> Transition {
    var transition = self
    transition.step.signs = fields
    return transition
  }

  /// The same way, which no method of its own form leads, but work that takes its time.
  var byOperation: Transition {
    var transition = self
    transition.step.isByOperation = true
    return transition
  }
}

/// One call of a transition, as its rule sees it.
struct TransitionCall: Sendable {
  /// The name of the record.
  let name: String

  /// Why the caller does it; empty if it does not say.
  let reason: String

  /// Whether the past is entered, and the record is not asked for what an event to come must have.
  let isRecord: Bool

  /// The day that counts as today.
  let today: CivilDay

  /// What is lacking, by the names of fields or in a word, in the order in which it was found.
  private(set) var needs: [(what: String, obstacle: DomainError.Obstacle)] = []

  /// Describes a call.
  init(name: String, reason: String, isRecord: Bool, today: CivilDay) {
    self.name = name
    self.reason = reason
    self.isRecord = isRecord
    self.today = today
  }

  /// Says that something is lacking, and what to do.
  ///
  /// - Parameters:
  ///   - what: A field of the record, or a word for programs.
  ///   - subject: The record that stands in the way; the record itself if nil.
  mutating func need(_ what: String, _ message: String, of subject: String? = nil) {
    needs.append((what, .init(subject: subject ?? name, message)))
  }
}
