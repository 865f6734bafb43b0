// What generated `value(ofField:)` and `setValue(_:ofField:)` are made of.

extension FieldValue {
  /// The value of a field without presence: nil for its type's default.
  public static func implicit(_ value: some ScalarElement) -> FieldValue? {
    value.isDefault ? nil : value.fieldValue
  }

  /// The value of a field with presence: nil when it is not set.
  public static func explicit(_ value: (some FieldElement)?) -> FieldValue? {
    value?.fieldValue
  }

  /// The value of a repeated field: nil when it has no elements.
  public static func elements(_ values: [some FieldElement]) -> FieldValue? {
    values.isEmpty ? nil : .list(values.map(\.fieldValue))
  }

  /// The value of a map field, sorted by key: nil when it has no entries.
  public static func entries<Key: MapKeyElement>(_ values: [Key: some FieldElement]) -> FieldValue? {
    guard !values.isEmpty else { return nil }
    return .map(
      values.sorted { $0.key < $1.key }.map { FieldMapEntry(key: $0.key.fieldValue, value: $0.value.fieldValue) })
  }

  /// The value of a map field with bool keys, false first: nil when it has no entries.
  public static func entries(_ values: [Bool: some FieldElement]) -> FieldValue? {
    guard !values.isEmpty else { return nil }
    return .map(
      [false, true].compactMap { key in
        values[key].map { FieldMapEntry(key: .bool(key), value: $0.fieldValue) }
      })
  }

  /// This value as a `T`.
  /// - Throws: `valueMismatch` when it is of another type.
  public func typed<T: FieldElement>(_ number: Int32, as type: T.Type = T.self) throws(ProtobufError) -> T {
    guard let value = T(self) else {
      throw ProtobufError(.valueMismatch, "the value given is of another type than the field", at: .field(number))
    }
    return value
  }

  /// Sets a field without presence; nil stands for its type's default.
  public static func assign<T: ScalarElement>(
    _ value: FieldValue?, to field: inout T, _ number: Int32
  ) throws(ProtobufError) {
    field = try value?.typed(number) ?? T.defaultValue
  }

  /// Sets a field with presence; nil clears it.
  public static func assign<T: FieldElement>(
    _ value: FieldValue?, to field: inout T?, _ number: Int32
  ) throws(ProtobufError) {
    guard let value else {
      field = nil
      return
    }
    field = try value.typed(number, as: T.self)
  }

  /// Sets a repeated field; nil empties it.
  public static func assign<T: FieldElement>(
    _ value: FieldValue?, to field: inout [T], _ number: Int32
  ) throws(ProtobufError) {
    guard let value else {
      field = []
      return
    }
    guard case .list(let elements) = value else { throw .notA("list", number) }
    var typed: [T] = []
    typed.reserveCapacity(elements.count)
    for element in elements { typed.append(try element.typed(number)) }
    field = typed
  }

  /// Sets a map field; nil empties it. Of entries with the same key the last one counts.
  public static func assign<Key: ScalarElement & Hashable, T: FieldElement>(
    _ value: FieldValue?, to field: inout [Key: T], _ number: Int32
  ) throws(ProtobufError) {
    guard let value else {
      field = [:]
      return
    }
    guard case .map(let entries) = value else { throw .notA("map", number) }
    var typed: [Key: T] = [:]
    for entry in entries { typed[try entry.key.typed(number)] = try entry.value.typed(number) }
    field = typed
  }
}

extension ProtobufError {
  fileprivate static func notA(_ shape: String, _ number: Int32) -> ProtobufError {
    ProtobufError(.valueMismatch, "the field takes a \(shape)", at: .field(number))
  }

  /// The error of `setValue` for a number that the message does not declare.
  public static func noField(_ number: Int32, in message: MessageDescriptor) -> ProtobufError {
    ProtobufError(.unknownField, "\(message.fullName) has no field \(number)", at: .field(number))
  }
}
