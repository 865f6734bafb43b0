package import PlenaryStore
package import ProtobufRuntime

/// A field that holds the name, or names, of other records.
package struct ReferenceField: Sendable {
  /// Where the field is.
  package let path: ValuePath

  /// The resource types that it may lead to.
  package let targets: [String]

  /// The number of its index.
  package let field: IndexField

  /// The fields of a message and of the messages in it that are annotated as references.
  ///
  /// - Parameters:
  ///   - kind: The number of the kind in `Record`.
  ///   - targets: The types for references of type `*`, by path.
  static func all(in descriptor: MessageDescriptor, of kind: Int32, targets: [String: [String]]) -> [ReferenceField] {
    paths(in: descriptor, []).map { path, type in
      let known = ValuePath.known(path, in: descriptor)
      precondition(type != "*" || targets[path] != nil, "the targets of `\(path)` are not declared")
      return ReferenceField(
        path: known, targets: targets[path] ?? [type], field: PathIndex(known, kind: kind).field)
    }
  }

  private static func paths(in descriptor: MessageDescriptor, _ outer: [String]) -> [(path: String, type: String)] {
    descriptor.fields.flatMap { field -> [(path: String, type: String)] in
      let names = outer + [field.name]
      if let type = field.resourceReference?.type, !type.isEmpty { return [(names.joined(separator: "."), type)] }
      guard outer.isEmpty, !field.isMap, let message = field.type.valueMessage else { return [] }
      return paths(in: message.descriptor, names)
    }
  }

  /// The names that a record holds in the field, each with the indexes of the list elements on the way to it.
  package func places(in record: any ProtobufMessage) -> [(name: String, indexes: [Int])] {
    path.places(in: record).compactMap { value, indexes in
      guard case .string(let name) = value, !name.isEmpty else { return nil }
      return (name, indexes)
    }
  }

  /// The names that a record holds in the field.
  package func names(in record: any ProtobufMessage) -> [String] {
    path.values(in: record).compactMap { value in
      guard case .string(let name) = value, !name.isEmpty else { return nil }
      return name
    }
  }
}
