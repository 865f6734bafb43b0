internal import PlenaryAPI
internal import ProtobufRuntime

/// The names of other records that stand in a record.
enum References {
  /// The names, those of the sources of its citations among them.
  static func names(in message: any ProtobufMessage) -> Set<String> {
    var names: Set<String> = []
    for field in type(of: message).descriptor.fields {
      guard let value = message.value(ofField: field.number) else { continue }
      for value in field.cardinality == .repeated ? value.elements : [value] {
        switch value {
        case .string(let name) where field.resourceReference != nil: names.insert(name)
        case .message(let inner): names.formUnion(self.names(in: inner))
        default: break
        }
      }
    }
    return names
  }
}
