package import PlenaryStore
internal import ProtobufRuntime

/// The index of the values at one path of a kind's records.
///
/// Its number follows from the numbers that the proto gives to the kind and to the fields on the path, which are for
/// ever; so it needs no list of its own, and no two paths ever share one.
package struct PathIndex: Sendable {
  /// The path.
  package let path: ValuePath

  /// The number of the index.
  package let field: IndexField

  /// How values are compared.
  package let form: ComparisonForm

  /// The indexes of the years and months of its values; nil if these are no dates.
  var span: DateSpan? { form == .date ? DateSpan(field) : nil }

  /// The index of a path of the kind that has this number in `Record`.
  init(_ path: ValuePath, kind: Int32) {
    var id = UInt32(kind) << 24
    var shift: UInt32 = 12
    for case .field(let step) in path.steps {
      // Two levels of field numbers below 0xF00 leave the numbers above for entries that follow from several fields.
      precondition(shift <= 12 && step.number < 0xF00, "`\(path.text)` is too deep to be indexed")
      id |= UInt32(step.number) << shift
      shift = shift &- 12
    }
    self.path = path
    field = IndexField(id)
    form = ComparisonForm(path)
  }

  /// The entries of a record; one without a value has an entry that says so if there can be only one, so that lists
  /// ordered by the path show it too.
  func entries(of record: any ProtobufMessage) -> [IndexEntry] {
    let values = path.values(in: record).compactMap(form.indexValue)
    if values.isEmpty { return path.isRepeated ? [] : [IndexEntry(field, .unset)] }
    return Set(values).map { IndexEntry(field, $0) }
  }

  /// The entries of a record in the coarser indexes of the same values.
  func spanEntries(of record: any ProtobufMessage) -> [IndexEntry] {
    guard let span else { return [] }
    return path.values(in: record).compactMap(form.indexValue).flatMap(span.entries)
  }
}
