/// A parsed JSON value that knows where it stood.
struct JSONNode {
  enum Value {
    case null
    case bool(Bool)
    /// A number as it was written: how much of it counts depends on the field it is for.
    case number(String)
    case string(String)
    case array([JSONNode])
    case object([Member])
  }

  struct Member {
    let name: String
    /// Where the name begins, for complaints about it.
    let offset: Int
    let value: JSONNode
  }

  let value: Value
  let offset: Int

  var isNull: Bool {
    if case .null = value { true } else { false }
  }

  /// What the value is, for an error message.
  var kind: String {
    switch value {
    case .null: "null"
    case .bool: "a bool"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
