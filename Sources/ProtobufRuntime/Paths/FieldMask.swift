/// A set of fields of one message type, checked against that type.
///
/// It is made from the paths of a `google.protobuf.FieldMask`: `*` stands for all fields, a path for a field with
/// everything in it. A path may name an entry of a map but not an element of a list (AIP-161).
public struct FieldMask: Sendable {
  /// The paths, without repetitions, in the order in which they were given.
  public let paths: [FieldPath]
  /// Whether the mask stands for the whole message.
  public let isAll: Bool

  /// Checks paths against a message type.
  /// - Throws: `FieldPathError` for the first path that does not exist.
  public init(_ paths: [String], for descriptor: MessageDescriptor) throws(FieldPathError) {
    var seen: Set<String> = []
    var checked: [FieldPath] = []
    for path in paths where path != "*" && seen.insert(path).inserted {
      checked.append(try FieldPath(path, in: descriptor))
    }
    isAll = paths.contains("*")
    self.paths = isAll ? descriptor.fields.map(FieldPath.init) : checked
  }

  /// The mask of the fields that are set in a message: what an update without a mask means (AIP-134).
  public init(ofFieldsSetIn message: any ProtobufMessage) {
    let fields = type(of: message).descriptor.fields
    paths = fields.filter { message.value(ofField: $0.number) != nil }.map(FieldPath.init)
    isAll = false
  }

  private init(paths: [FieldPath]) {
    self.paths = paths
    isAll = false
  }

  /// The mask with those paths only that `isIncluded` accepts, such as those that lead through no output-only field.
  public func filter(_ isIncluded: (FieldPath) -> Bool) -> FieldMask {
    FieldMask(paths: paths.filter(isIncluded))
  }

  /// A message with the masked fields of `message` alone.
  public func fields<Message: ProtobufMessage>(of message: Message) -> Message {
    if isAll { return message }
    var masked = Message()
    for path in paths { path.copy(from: message, into: &masked) }
    return masked
  }

  /// Makes the masked fields of `target` what they are in `source`; those that `source` does not set are cleared.
  public func copy<Message: ProtobufMessage>(from source: Message, into target: inout Message) {
    for path in paths { path.copy(from: source, into: &target) }
  }
}
