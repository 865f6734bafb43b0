internal import PlenaryStore
internal import ProtobufRuntime

/// What is special about one kind. Whatever is left out asks for nothing.
protocol KindRules<Resource>: Sendable {
  /// The type of its records.
  associatedtype Resource: ProtobufMessage

  /// Sets the fields that the registry itself keeps in a new record.
  ///
  /// - Parameter principal: Who creates it.
  func begin(_ record: inout Resource, by principal: String)

  /// Sets the fields that the registry itself keeps in a record, from the one that it replaces.
  func keep(_ record: inout Resource, replacing previous: Resource)

  /// Checks a record by itself, and against the one it replaces.
  func check(_ record: Resource, replacing previous: Resource?, _ findings: inout Findings)

  /// Checks a record together with those that it stands in relation to.
  ///
  /// What the answer rests on is guarded: the findings say which of the records read must not have changed when this
  /// one is written.
  func checkRelations(
    _ record: Resource, replacing previous: Resource?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError)

  /// Checks whether the record may be deleted, as far as it alone decides that.
  func checkDeletion(_ record: Resource, _ findings: inout Findings)

  /// What the record occupies that no other may, and what its state guards.
  func derivedEntries(_ record: Resource) -> [DerivedEntry]
}

extension KindRules {
  func begin(_ record: inout Resource, by principal: String) {}

  func keep(_ record: inout Resource, replacing previous: Resource) {}

  func check(_ record: Resource, replacing previous: Resource?, _ findings: inout Findings) {}

  func checkRelations(
    _ record: Resource, replacing previous: Resource?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {}

  func checkDeletion(_ record: Resource, _ findings: inout Findings) {}

  func derivedEntries(_ record: Resource) -> [DerivedEntry] { [] }
}

/// The rules of a kind of which the proto says everything.
struct NoFurtherRules<Resource: ProtobufMessage>: KindRules {}

/// An index entry that follows from several fields of a record.
package struct DerivedEntry: Sendable {
  /// Which of the kind's derived entries this is. Stored: never given another meaning.
  let slot: UInt32

  /// The value.
  let value: IndexValue

  /// What to say to whoever would be the second to have it; nil if several records may.
  let taken: DomainError.FieldViolation?

  /// An entry that only one live record may have.
  static func unique(_ slot: UInt32, _ value: IndexValue, taken: DomainError.FieldViolation) -> DerivedEntry {
    DerivedEntry(slot: slot, value: value, taken: taken)
  }

  /// An entry that any number of records may have.
  static func shared(_ slot: UInt32, _ value: IndexValue) -> DerivedEntry {
    DerivedEntry(slot: slot, value: value, taken: nil)
  }
}

/// What stands in the way of deleting a record of a kind.
package enum DeletionRule: Sendable {
  /// Whatever names the record in any field.
  case blockedByEveryReference

  /// What names it in one of these fields.
  case blocked(by: [Blocker])

  /// Names a field of a kind by which its records hold on to others.
  package enum Blocker: Sendable {
    /// The field at a path of a message such as `Series`.
    case field(String, of: String)
    /// The same, unless the deletion is forced: then the name is taken out of the field.
    case clearable(String, of: String)
    /// The same, but its records go with the one that they name: they are deleted with it if the deletion is forced,
    /// and stand in its way as children do if not.
    case dependent(String, of: String)
    /// A derived entry of a message, by its slot.
    case derived(UInt32, of: String)
  }
}
