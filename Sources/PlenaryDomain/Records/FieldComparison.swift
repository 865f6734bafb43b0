internal import GoogleAPI
internal import PlenaryAPI
internal import ProtobufRuntime

/// Finds the fields in which two versions of a record differ, with their values as in ProtoJSON.
struct FieldComparison {
  /// What has been found, in the order of the fields.
  private(set) var changes: [DiffResourceResponse.FieldChange] = []

  /// The fields that are different in every version, or follow from others.
  private static let left: Set<Int32> = [
    HeaderField.name, HeaderField.uid, HeaderField.etag, HeaderField.revision, HeaderField.createTime,
    HeaderField.updateTime, HeaderField.purgeTime, HeaderField.creator,
  ]

  /// Compares two versions; one of a record that is not there is a message without fields.
  init(from old: any ProtobufMessage, to new: any ProtobufMessage) throws(DomainError) {
    let (oldJSON, newJSON) = (try Self.json(old), try Self.json(new))
    for field in type(of: new).descriptor.fields where !Self.left.contains(field.number) {
      compare(field, old, new, oldJSON, newJSON, in: "")
    }
  }

  private mutating func compare(
    _ field: FieldDescriptor, _ old: any ProtobufMessage, _ new: any ProtobufMessage, _ oldJSON: ProtobufStruct?,
    _ newJSON: ProtobufStruct?, in prefix: String
  ) {
    let (oldValue, newValue) = (old.value(ofField: field.number), new.value(ofField: field.number))
    guard oldValue != newValue else { return }
    let (before, after) = (oldJSON?.fields[field.jsonName], newJSON?.fields[field.jsonName])
    let path = prefix + field.name
    switch (oldValue, newValue) {
    case (.message(let old)?, .message(let new)?) where !Self.isWhole(new):
      for inner in type(of: new).descriptor.fields {
        compare(inner, old, new, before?.structure, after?.structure, in: path + ".")
      }
    case (.map?, .map?):
      let (old, new) = (before?.structure?.fields ?? [:], after?.structure?.fields ?? [:])
      for key in Set(old.keys).union(new.keys).sorted() where old[key] != new[key] {
        add("\(path).\(Self.step(to: key))", old[key], new[key])
      }
    default: add(path, before, after)
    }
  }

  private mutating func add(_ path: String, _ before: ProtobufValue?, _ after: ProtobufValue?) {
    changes.append(
      .with {
        $0.path = path
        $0.before = before
        $0.after = after
      })
  }

  /// Whether a message is a single value: a date, a time, a place on the map.
  private static func isWhole(_ message: any ProtobufMessage) -> Bool {
    type(of: message).descriptor.fullName.hasPrefix("google.")
  }

  /// The key of a map as it stands in a path: in backticks where it is not a plain word.
  private static func step(to key: String) -> String {
    let isPlain =
      !key.isEmpty
      && key.utf8.allSatisfy { byte in
        byte.isDigit || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      }
    return isPlain ? key : "`\(key.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
  }

  private static func json(_ message: any ProtobufMessage) throws(DomainError) -> ProtobufStruct {
    do {
      return try ProtoJSON.decode(from: try ProtoJSON.encode(message))
    } catch {
      throw DomainError(.storeUnavailable, "a stored record has no form in JSON: \(error)")
    }
  }
}

extension ProtobufValue {
  fileprivate var structure: ProtobufStruct? {
    if case .structValue(let structure)? = kind { structure } else { nil }
  }
}
