/// The way from a message to one of its fields, an entry of a map, or an element of a list.
///
/// In text its steps are joined by dots: names of fields as in the proto, keys of maps and, where they are allowed,
/// indexes of lists. A key with other characters than letters, digits, `_` and `-` stands between backticks, within
/// which a backtick is doubled: ``title.values.`zh-Hant` ``.
public struct FieldPath: Sendable {
  /// One step of a path.
  public enum Step: Sendable {
    /// To a field of a message.
    case field(FieldDescriptor)
    /// To the entry of a map.
    case key(FieldValue)
    /// To an element of a list.
    case index(Int)
  }

  /// The steps, at least one.
  public let steps: [Step]
  /// The path in text, as it was given.
  public let text: String

  /// Reads a path and checks that it exists in messages of a type.
  /// - Parameter allowsIndexes: whether a path may lead to an element of a list.
  /// - Throws: `FieldPathError` for a path that leads nowhere.
  public init(
    _ text: String, in root: MessageDescriptor, allowsIndexes: Bool = false
  ) throws(FieldPathError) {
    var steps: [Step] = []
    var place = Place.message(root)
    for segment in try FieldPathText.segments(of: text) {
      let (step, next) = try place.step(to: segment, text, allowsIndexes: allowsIndexes)
      steps.append(step)
      place = next
    }
    self.steps = steps
    self.text = text
  }

  /// The path to a field of the outermost message.
  public init(_ field: FieldDescriptor) {
    steps = [.field(field)]
    text = field.name
  }

  /// The field that the path begins with.
  public var first: FieldDescriptor? {
    if case .field(let field) = steps.first { field } else { nil }
  }

  /// The fields that the path leads through, in order.
  public var fields: [FieldDescriptor] {
    steps.compactMap { if case .field(let field) = $0 { field } else { nil } }
  }
}

/// Why a path does not exist in messages of a type.
public struct FieldPathError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The path as it was given.
  public let path: String
  /// What is wrong, in a sentence without a full stop.
  public let reason: String
  /// The name that was probably meant.
  public let suggestion: String?

  init(_ reason: String, in path: String, suggestion: String? = nil) {
    self.path = path
    self.reason = reason
    self.suggestion = suggestion
  }

  /// Path, reason and suggestion in one line.
  public var description: String {
    "path \"\(path)\": \(reason)" + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
  }
}

/// What a path has led to so far, in terms of types.
private enum Place {
  case message(MessageDescriptor)
  case list(FieldDescriptor)
  case map(FieldDescriptor)
  case scalar(FieldDescriptor?)

  func step(
    to segment: FieldPathText.Segment, _ path: String, allowsIndexes: Bool
  ) throws(FieldPathError) -> (FieldPath.Step, Place) {
    switch self {
    case .message(let message):
      guard !segment.isQuoted, let field = message.field(named: segment.text), field.name == segment.text else {
        throw FieldPathError(
          "\(message.fullName) has no field \"\(segment.text)\"", in: path,
          suggestion: Suggestion.closest(to: segment.text, among: message.fields.map(\.name)))
      }
      return (.field(field), Place(field))
    case .map(let field):
      guard case .map(let keyType, let valueType) = field.type, let key = JSONScalar.key(segment.text, keyType) else {
        throw FieldPathError("\"\(segment.text)\" is not a key of \(field.name)", in: path)
      }
      return (.key(key), Place(valueType))
    case .list(let field):
      guard allowsIndexes else {
        throw FieldPathError("\(field.name) is a list: name it as a whole", in: path)
      }
      guard let index = Int(segment.text), index >= 0 else {
        throw FieldPathError("\"\(segment.text)\" is not an index of \(field.name)", in: path)
      }
      return (.index(index), Place(field.type))
    case .scalar(let field):
      throw FieldPathError("\(field?.name ?? "the value") has no fields", in: path)
    }
  }

  private init(_ field: FieldDescriptor) {
    if field.isMap {
      self = .map(field)
    } else if field.cardinality == .repeated {
      self = .list(field)
    } else if case .message(let type) = field.type {
      self = .message(type.descriptor)
    } else {
      self = .scalar(field)
    }
  }

  /// The type of one element or of a map's value.
  private init(_ type: FieldType) {
    if case .message(let type) = type {
      self = .message(type.descriptor)
    } else {
      self = .scalar(nil)
    }
  }
}
