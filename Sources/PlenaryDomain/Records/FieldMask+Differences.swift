internal import ProtobufRuntime

extension FieldMask {
  /// The most bytes of the paths that tell what changes in one record; longer ones give way to the fields alone.
  package static let differenceByteCountMax = 1024

  /// The paths of what differs between two versions of a record, as far as callers set it: leaf by leaf, lists, dates and
  /// times as a whole.
  static func differences(from old: any ProtobufMessage, to new: any ProtobufMessage) -> [String] {
    let paths = leafDifferences(from: old, to: new)
    guard paths.reduce(0, { $0 + $1.utf8.count }) > differenceByteCountMax else { return paths }
    return type(of: new).descriptor.fields.filter { differs($0, old, new) }.map(\.name)
  }

  private static func differs(
    _ field: FieldDescriptor, _ old: any ProtobufMessage, _ new: any ProtobufMessage
  ) -> Bool {
    !field.behaviors.contains(.outputOnly) && old.value(ofField: field.number) != new.value(ofField: field.number)
  }

  private static func leafDifferences(from old: any ProtobufMessage, to new: any ProtobufMessage) -> [String] {
    type(of: new).descriptor.fields.filter { differs($0, old, new) }.flatMap { field -> [String] in
      switch (old.value(ofField: field.number), new.value(ofField: field.number)) {
      case (.message(let old)?, .message(let new)?) where !isWhole(new):
        within(field, leafDifferences(from: old, to: new))
      case (.map(let old)?, .map(let new)?):
        within(field, differingKeys(old, new).map(step))
      default: [field.name]
      }
    }
  }

  /// The paths from a field; the field itself if it differs in what only the registry sets.
  private static func within(_ field: FieldDescriptor, _ paths: [String]) -> [String] {
    paths.isEmpty ? [field.name] : paths.map { "\(field.name).\($0)" }
  }

  private static func differingKeys(_ old: [FieldMapEntry], _ new: [FieldMapEntry]) -> [String] {
    let (old, new) = (byKey(old), byKey(new))
    return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
  }

  /// The entries of a map; all maps of records have texts as keys.
  private static func byKey(_ entries: [FieldMapEntry]) -> [String: FieldValue] {
    var values: [String: FieldValue] = [:]
    for entry in entries { if case .string(let key) = entry.key { values[key] = entry.value } }
    return values
  }
}
