package import PlenaryAPI
package import PlenaryStore
package import ProtobufRuntime

/// One kind of record: what its proto says of it, and what is special about it.
///
/// A kind is declared once, in a file of its own. Names, references, required and immutable fields come from the
/// proto's annotations; everything that kinds have in common is written for all of them.
package final class Kind: Sendable {
  /// The type of its records.
  package let message: any ProtobufMessage.Type

  /// Its resource type, pattern and names.
  package let resource: ResourceDescriptor

  /// The form of its records' names.
  package let pattern: NamePattern

  /// The field of `Record` that holds it, whose number is its place among the kinds.
  package let recordField: FieldDescriptor

  /// The states and the ways between them; nil if the kind has no states.
  let machine: StateMachine?

  /// How far a record at the top may be shared if it does not say.
  package let defaultLabel: PlenaryAPI.Marking.Label

  /// What its records are found by, references included.
  package let indexes: [PathIndex]

  /// The index of the days of its records; nil if they have no start and end.
  package let period: PeriodIndex?

  /// The fields in whose text words are looked for; none of a kind that is not exported.
  let searchedFields: [SearchedField]

  /// Reads the texts of these fields.
  let searchedTexts: SearchedTextReader

  /// What filters may ask for besides the fields.
  let conditions: [ComputedCondition]

  /// The fields that name other records.
  package let references: [ReferenceField]

  /// The fields that say who took part in a dialogue or said what.
  let attributions: [ValuePath]

  /// What stands in the way of deleting one of its records.
  package let deletion: DeletionRule

  /// The numbers of the output-only fields that an import may give, besides the state.
  let givenByImports: Set<Int32>

  /// Whether its records may leave the registry.
  let isExported: Bool

  /// What it takes to change one of its records.
  let changeRole: Client.Grant.Role

  /// The number of the field that is kept and shown to nobody; nil if there is none.
  let hiddenField: Int32?

  private let firstFields: @Sendable (inout any ProtobufMessage, String) -> Void
  private let keptFields: @Sendable (inout any ProtobufMessage, any ProtobufMessage) -> Void
  private let derivedEntries: @Sendable (any ProtobufMessage) -> [DerivedEntry]
  private let localRules: @Sendable (any ProtobufMessage, (any ProtobufMessage)?, inout Findings) -> Void
  private let deletionRules: @Sendable (any ProtobufMessage, inout Findings) -> Void
  private let relationRules: RelationRules

  private typealias RelationRules =
    @Sendable (
      any ProtobufMessage, (any ProtobufMessage)?, RecordView, inout Findings
    ) async throws(DomainError) -> Void

  /// Declares a kind.
  ///
  /// - Parameters:
  ///   - states: The states, the first one of a new record, and the ways between them.
  ///   - indexed: The paths of the fields that lists are filtered and ordered by at a cost that follows the page.
  ///     Fields that name other records are indexed in any case.
  ///   - conditions: What filters may ask for besides the fields.
  ///   - attributions: The paths of the fields that the Chatham House Rule forbids, of children of dialogues.
  ///   - givenByImports: The output-only fields that an import may give, besides the state; an export has them.
  ///   - isExported: Whether its records may leave the registry.
  ///   - changeRole: What it takes to change one of its records.
  ///   - hidden: The name of the field that is kept and shown to nobody.
  ///   - targets: The types that a reference of type `*` may lead to, by path.
  ///   - rules: What its records must satisfy beyond what the proto says.
  init<Rules: KindRules>(
    _ rules: Rules, states machine: StateMachine? = nil, defaultLabel: PlenaryAPI.Marking.Label = .green,
    indexed: [String] = [], conditions: [ComputedCondition] = [], targets: [String: [String]] = [:],
    attributions: [String] = [], givenByImports: [String] = [], isExported: Bool = true,
    changeRole: Client.Grant.Role = .editor, hidden: String? = nil,
    deletion: DeletionRule = .blockedByEveryReference
  ) {
    let descriptor = Rules.Resource.descriptor
    guard let resource = descriptor.resource, let pattern = resource.patterns.first,
      let recordField = Record.descriptor.fields.first(where: { $0.type.valueMessage == Rules.Resource.self })
    else { preconditionFailure("\(descriptor.fullName) is no resource, or has no place in Record") }
    message = Rules.Resource.self
    self.resource = resource
    self.pattern = NamePattern(pattern)
    self.recordField = recordField
    self.machine = machine
    self.defaultLabel = defaultLabel
    self.conditions = conditions
    self.deletion = deletion
    self.attributions = attributions.map { .known($0, in: descriptor) }
    self.givenByImports = Set(givenByImports.map { ValuePath.known($0, in: descriptor).field.number })
    self.isExported = isExported
    self.changeRole = changeRole
    hiddenField = hidden.map { ValuePath.known($0, in: descriptor).field.number }
    searchedFields = isExported ? SearchedField.all(in: descriptor) : []
    searchedTexts = SearchedTextReader(searchedFields, of: message)
    references = ReferenceField.all(in: descriptor, of: recordField.number, targets: targets)
    let referencePaths = Set(references.map(\.path.text))
    indexes =
      references.map { PathIndex($0.path, kind: recordField.number) }
      + indexed.filter { !referencePaths.contains($0) }.map {
        PathIndex(.known($0, in: descriptor), kind: recordField.number)
      }
    period = PeriodIndex(descriptor) { Self.derivedIndex($0, ofKind: recordField.number) }
    firstFields = { record, principal in
      var typed: Rules.Resource = Self.typed(record)
      rules.begin(&typed, by: principal)
      record = typed
    }
    keptFields = { record, previous in
      var typed: Rules.Resource = Self.typed(record)
      rules.keep(&typed, replacing: Self.typed(previous))
      record = typed
    }
    derivedEntries = { record in rules.derivedEntries(Self.typed(record)) }
    localRules = { record, previous, findings in
      rules.check(Self.typed(record), replacing: previous.map(Self.typed), &findings)
    }
    deletionRules = { record, findings in rules.checkDeletion(Self.typed(record), &findings) }
    relationRules = { record, previous, view, findings throws(DomainError) in
      try await rules.checkRelations(
        Self.typed(record), replacing: previous.map(Self.typed), among: view, &findings)
    }
  }

  /// The resource type, such as `plenary.registry/Dialogue`.
  package var resourceType: String { resource.type }

  /// The number of the index field that every record of the kind is in.
  package var membership: IndexField { IndexField(UInt32(recordField.number) << 24) }

  /// The state of a new record; nil if the kind has no states.
  package var firstState: Int32? { machine?.first }

  /// The states; nil if the kind has none.
  package var states: EnumDescriptor? { machine?.states }

  /// The state that a deleted record shows; nil if the kind has no states.
  package var deletedState: Int32? { machine?.deleted }

  /// The kind in words, such as `working group`.
  package var noun: String {
    resource.singular.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
  }
}

extension Kind {
  /// Sets the fields that the registry itself keeps in a new record of the kind.
  func beginFields(of record: inout any ProtobufMessage, by principal: String) { firstFields(&record, principal) }

  /// Whether an import may give the field, although no call sets it.
  func isGivenByImports(_ field: FieldDescriptor) -> Bool {
    field.number == HeaderField.state || givenByImports.contains(field.number)
  }

  /// Sets the fields that the registry itself keeps in a record of the kind.
  func keepFields(of record: inout any ProtobufMessage, replacing previous: any ProtobufMessage) {
    keptFields(&record, previous)
  }

  /// Checks what the kind asks of a record by itself.
  func checkLocal(
    _ record: any ProtobufMessage, replacing previous: (any ProtobufMessage)?, _ findings: inout Findings
  ) {
    localRules(record, previous, &findings)
  }

  /// Checks what the kind asks of a record together with others.
  func checkRelations(
    _ record: any ProtobufMessage, replacing previous: (any ProtobufMessage)?, among view: RecordView,
    _ findings: inout Findings
  ) async throws(DomainError) {
    try await relationRules(record, previous, view, &findings)
  }

  /// Checks whether a record may be deleted, as far as it alone decides that.
  func checkDeletion(_ record: any ProtobufMessage, _ findings: inout Findings) {
    deletionRules(record, &findings)
  }

  /// The entries by which nothing is filtered, and which guard a rule.
  func derivedEntries(of record: any ProtobufMessage) -> [(entry: IndexEntry, derived: DerivedEntry)] {
    derivedEntries(record).map { (IndexEntry(derivedIndex($0.slot), $0.value), $0) }
  }

  /// Everything that the record is found by.
  func indexEntries(of record: any ProtobufMessage) -> [IndexEntry] {
    var entries = [IndexEntry(membership, .unset)]
    for index in indexes { entries += index.entries(of: record) + index.spanEntries(of: record) }
    entries += derivedEntries(of: record).map(\.entry)
    if let period { entries += period.entries(of: record) }
    return entries
  }

  /// The index field of a reference.
  func index(ofReference path: String) -> IndexField {
    guard let reference = references.first(where: { $0.path.text == path }) else {
      preconditionFailure("\(resourceType) has no reference `\(path)`")
    }
    return reference.field
  }

  /// The index field of a derived entry, apart from those of all proto fields.
  func derivedIndex(_ slot: UInt32) -> IndexField { Self.derivedIndex(slot, ofKind: recordField.number) }

  private static func derivedIndex(_ slot: UInt32, ofKind number: Int32) -> IndexField {
    IndexField(UInt32(number) << 24 | (0xF00 + slot) << 12)
  }

  private static func typed<Message: ProtobufMessage>(_ record: any ProtobufMessage) -> Message {
    guard let typed = record as? Message else {
      preconditionFailure("a \(Message.descriptor.fullName) was expected, and another message came")
    }
    return typed
  }
}
