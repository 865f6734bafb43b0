package import ProtobufRuntime

/// A way from a record to values within it, such as `location.region_code`, `participants.role` or `title.values.fr`.
///
/// A path leads through lists to each of their elements, so it can have several values, and to the value of one key of
/// a map.
package struct ValuePath: Sendable {
  /// One step of a path.
  package enum Step: Sendable {
    /// To a field of a message.
    case field(FieldDescriptor)
    /// To the value of a key of a map.
    case key(String)

    /// The step as it is written.
    var text: String {
      switch self {
      case .field(let field): field.name
      case .key(let key): key
      }
    }
  }

  /// Why names are no path.
  package struct Unresolved: Error, Hashable, Sendable {
    /// The place of the first name that leads nowhere.
    package let index: Int

    /// The names that would have led on; none if nothing can.
    package let candidates: [String]
  }

  /// The steps, at least one.
  package let steps: [Step]

  /// The path as it is written.
  package let text: String

  /// The last field on the way.
  package let field: FieldDescriptor

  /// The type of the values at the end.
  package let valueType: FieldType

  /// Whether there can be several values.
  package let isRepeated: Bool

  /// Finds the way that names give from a message.
  package init(_ names: [String], in descriptor: MessageDescriptor) throws(Unresolved) {
    var message: MessageDescriptor? = descriptor
    var last: (field: FieldDescriptor, type: FieldType)?
    var steps: [Step] = []
    var isRepeated = false
    for (index, name) in names.enumerated() {
      if case .map(_, let value)? = last?.type {
        steps.append(.key(name))
        last?.type = value
        message = value.valueMessage?.descriptor
        continue
      }
      guard let field = message?.field(named: name) else {
        throw Unresolved(index: index, candidates: message?.fields.map(\.name) ?? [])
      }
      steps.append(.field(field))
      last = (field, field.type)
      isRepeated = isRepeated || field.cardinality == .repeated
      message = field.isMap ? nil : field.type.valueMessage?.descriptor
    }
    guard let last else { throw Unresolved(index: 0, candidates: descriptor.fields.map(\.name)) }
    self.steps = steps
    // Fields are also found by their names in JSON; the path is known by those in the proto.
    text = steps.map(\.text).joined(separator: ".")
    field = last.field
    valueType = last.type
    self.isRepeated = isRepeated
  }

  /// Whether it leads to a field that follows from the version of a record.
  var isOfVersion: Bool {
    if case .field(let field) = steps[0] { HeaderField.ofVersion.contains(field.number) } else { false }
  }

  /// The values at the end of the way, elements of lists one by one; none where nothing is set.
  package func values(in message: any ProtobufMessage) -> [FieldValue] {
    Self.values(.message(message), steps[...])
  }

  /// The values at the end of the way as `values` gives them, each with the indexes of the list elements on its way.
  package func places(in message: any ProtobufMessage) -> [(value: FieldValue, indexes: [Int])] {
    Self.places(.message(message), steps[...], [])
  }

  /// The path to one of the places: `participants.0.role`.
  package func text(at indexes: [Int]) -> String {
    if indexes.isEmpty { return text }
    var indexes = indexes[...]
    return steps.map { step in
      guard case .field(let field) = step, field.cardinality == .repeated, let index = indexes.popFirst() else {
        return step.text
      }
      return "\(step.text).\(index)"
    }.joined(separator: ".")
  }

  private static func places(
    _ value: FieldValue, _ steps: ArraySlice<Step>, _ indexes: [Int]
  ) -> [(value: FieldValue, indexes: [Int])] {
    if case .list(let elements) = value {
      return elements.enumerated().flatMap { places($1, steps, indexes + [$0]) }
    }
    guard let step = steps.first else { return [(value, indexes)] }
    return next(value, step).map { places($0, steps.dropFirst(), indexes) } ?? []
  }

  private static func values(_ value: FieldValue, _ steps: ArraySlice<Step>) -> [FieldValue] {
    if case .list(let elements) = value { return elements.flatMap { values($0, steps) } }
    guard let step = steps.first else { return [value] }
    return next(value, step).map { values($0, steps.dropFirst()) } ?? []
  }

  /// The value that a step leads to; nil where nothing is set.
  private static func next(_ value: FieldValue, _ step: Step) -> FieldValue? {
    switch (step, value) {
    case (.field(let field), .message(let message)): message.value(ofField: field.number)
    case (.key(let key), .map(let entries)): entries.first { $0.key == .string(key) }?.value
    default: nil
    }
  }
}

extension ValuePath {
  /// A path of the registry's own, which is known to exist.
  static func known(_ text: String, in descriptor: MessageDescriptor) -> ValuePath {
    do {
      return try ValuePath(text.split(separator: ".").map(String.init), in: descriptor)
    } catch {
      preconditionFailure("\(descriptor.fullName) has no field `\(text)`")
    }
  }
}

extension ProtobufMessage {
  /// Sets a field to a value of its own type, or clears it.
  mutating func set(_ field: FieldDescriptor, to value: FieldValue?) {
    do {
      try setValue(value, ofField: field.number)
    } catch {
      preconditionFailure("\(Self.descriptor.fullName).\(field.name) does not take what was read from it: \(error)")
    }
  }

  /// Whether the other message is of the same type and has the same content.
  func hasContent(of other: any ProtobufMessage) -> Bool {
    (other as? Self) == self
  }

  /// The name of the resource that the message is.
  var resourceName: String {
    guard case .string(let name)? = value(ofField: HeaderField.name) else { return "" }
    return name
  }
}
