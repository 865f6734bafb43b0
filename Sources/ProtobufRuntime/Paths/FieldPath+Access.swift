extension FieldPath {
  /// The value at the end of the path; nil where it, or something on the way, is not set.
  public func value(in message: any ProtobufMessage) -> FieldValue? {
    var value: FieldValue? = .message(message)
    for step in steps {
      switch (step, value) {
      case (.field(let field), .message(let message)): value = message.value(ofField: field.number)
      case (.key(let key), .map(let entries)): value = entries.entry(for: key)?.value
      case (.index(let index), .list(let elements)):
        value = elements.indices.contains(index) ? elements[index] : nil
      default: return nil
      }
    }
    return value
  }

  /// Makes the value at the end of the path in `target` what it is in `source`, clearing it where `source` has none.
  ///
  /// A message on the way that `target` lacks is created if `source` has it. The path must not lead through a list.
  public func copy<Message: ProtobufMessage>(from source: Message, into target: inout Message) {
    var copied: any ProtobufMessage = target
    Self.copy(steps[...], from: source, into: &copied)
    if let copied = copied as? Message { target = copied }
  }

  private static func copy(
    _ steps: ArraySlice<Step>, from source: any ProtobufMessage, into target: inout any ProtobufMessage
  ) {
    guard case .field(let field) = steps.first else { return }
    let rest = steps.dropFirst()
    let wanted = source.value(ofField: field.number)
    let present = target.value(ofField: field.number)
    switch (rest.first, field.type) {
    case (nil, _): set(wanted, field, of: &target)
    case (.key(let key), .map(_, let type)):
      set(.map(copy(key, rest.dropFirst(), from: wanted, into: present, type)), field, of: &target)
    case (.field, .message(let type)):
      guard wanted != nil || present != nil else { return }
      var inner = present?.message ?? type.init()
      copy(rest, from: wanted?.message ?? type.init(), into: &inner)
      set(.message(inner), field, of: &target)
    default: return
    }
  }

  /// The entries of a map after those for `key` were taken over; `rest` leads on within the entry's value.
  private static func copy(
    _ key: FieldValue, _ rest: ArraySlice<Step>, from source: FieldValue?, into target: FieldValue?, _ type: FieldType
  ) -> [FieldMapEntry] {
    let wanted = source?.entries.entry(for: key)
    var entries = target?.entries ?? []
    let present = entries.entry(for: key)
    guard !rest.isEmpty, case .message(let type) = type else {
      // The key is written as `source` has it, whatever the path and `target` say.
      entries.removeAll { $0.key == present?.key || $0.key == wanted?.key }
      return entries + (wanted.map { [$0] } ?? [])
    }
    guard let key = present?.key ?? wanted?.key else { return entries }
    var inner = present?.value.message ?? type.init()
    copy(rest, from: wanted?.value.message ?? type.init(), into: &inner)
    entries.removeAll { $0.key == key }
    return entries + [FieldMapEntry(key: key, value: .message(inner))]
  }

  private static func set(_ value: FieldValue?, _ field: FieldDescriptor, of message: inout any ProtobufMessage) {
    do {
      try message.setValue(value, ofField: field.number)
    } catch {
      preconditionFailure("a field does not take its own value: \(error)")
    }
  }
}

extension FieldValue {
  fileprivate var message: (any ProtobufMessage)? {
    if case .message(let message) = self { message } else { nil }
  }

  fileprivate var entries: [FieldMapEntry] {
    if case .map(let entries) = self { entries } else { [] }
  }
}

extension [FieldMapEntry] {
  /// The entry for a key, or else the first one whose key differs in letter case alone: a mask that came as ProtoJSON
  /// cannot hold capitals.
  fileprivate func entry(for key: FieldValue) -> FieldMapEntry? {
    if let exact = first(where: { $0.key == key }) { return exact }
    guard case .string(let text) = key else { return nil }
    return first { entry in
      if case .string(let candidate) = entry.key { candidate.lowercased() == text.lowercased() } else { false }
    }
  }
}
