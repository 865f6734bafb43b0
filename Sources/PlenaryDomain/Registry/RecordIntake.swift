internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Takes in the records that one call brings: of any kinds, in any order, each once.
struct RecordIntake {
  /// A record that has been understood, and its place in the call.
  struct Entry {
    let index: Int
    let key: Key
    let kind: Kind
    let content: any ProtobufMessage
  }

  /// The same on its way through the examination.
  struct Item {
    let index: Int
    var draft: Draft
    var findings = Findings()
  }

  private let view: RecordView
  private let invalid: Reason
  private var places: [Key: Int] = [:]

  /// - Parameter invalid: The reason to refuse a record for that is of no kind, or there twice.
  init(into view: RecordView, refusing invalid: Reason) {
    self.view = view
    self.invalid = invalid
  }

  /// Understands a record by its kind and name.
  mutating func entry(_ record: Record, at index: Int) throws(DomainError) -> Entry {
    guard let content = record.content, let kind = view.kinds.kind(of: content) else {
      throw DomainError(invalid, "the record is of no kind that this version of the registry knows; leave it out")
    }
    let key = try kind.key(content.resourceName, field: "name")
    if let other = places.updateValue(index, forKey: key) {
      throw DomainError(
        invalid, "`\(key)` is already there as number \(other); leave one of the two out",
        metadata: ["name": key.name, "other_index": "\(other)"], resource: key.name)
    }
    return Entry(index: index, key: key, kind: kind, content: content)
  }

  /// The record as a draft that takes the place of what stands. From here on the view shows it as it would be.
  ///
  /// - Parameter keepsState: Whether a state that is given counts, and what else an import may give.
  func item(_ entry: Entry, keepsState: Bool) async throws(DomainError) -> Item {
    let stored = try await view.storedRecord(entry.key)
    let previous = try stored.map { record throws(DomainError) in try view.content(of: record) }
    let kind = entry.kind
    var content = kind.fresh(entry.content, name: entry.key.name, keepsState: keepsState)
    if let previous { content = kind.restored(content, from: previous, keepsState: keepsState) }
    var draft = Draft(kind: kind, key: entry.key, previous: stored, previousContent: previous, content: content)
    draft.isImported = true
    view.change(entry.key, to: content)
    return Item(index: entry.index, draft: draft)
  }
}

extension [RecordIntake.Item] {
  /// The records in the order of the kinds, so that parents come before their children.
  var inOrderOfKinds: [RecordIntake.Item] {
    sorted { left, right in
      (left.draft.kind.recordField.number, left.index) < (right.draft.kind.recordField.number, right.index)
    }
  }
}
