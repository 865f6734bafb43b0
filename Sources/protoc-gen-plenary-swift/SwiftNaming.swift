/// Names of Swift declarations made from names of the proto.
enum SwiftNaming {
  private static let acronyms: [String: String] = [
    "api": "API", "dns": "DNS", "grpc": "GRPC", "http": "HTTP", "https": "HTTPS", "id": "ID", "ids": "IDs",
    "ip": "IP", "json": "JSON", "rpc": "RPC", "tls": "TLS", "uri": "URI", "uris": "URIs", "url": "URL", "urls": "URLs",
  ]

  private static let keywords: Set<String> = [
    "actor", "any", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer", "deinit",
    "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import",
    "in", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private", "protocol", "public",
    "repeat", "rethrows", "return", "static", "struct", "subscript", "super", "switch", "throw", "throws", "true",
    "try", "typealias", "var", "where", "while",
  ]

  /// Names that mean something else behind a dot even in backticks, or that every message has already.
  private static let taken: Set<String> = [
    "init", "self", "Type", "Protocol", "Self", "unknownFields", "debugDescription", "fieldValue",
  ]

  /// Static members that every enum has already.
  private static let takenInEnums: Set<String> = ["descriptor", "defaultValue"]

  /// The cases of `Optional`, in which a oneof's value lies.
  private static let takenInOneofs: Set<String> = ["some", "none"]

  /// What a service's definition or client has already, or Swift calls by another form.
  private static let takenMethods: Set<String> = ["channel", "init", "self", "serviceName"]

  /// Types by which generated code, or Swift itself, would no longer mean its own if a message declared them too.
  private static let takenTypes: Set<String> = [
    "Any", "Bool", "Double", "Equatable", "Float", "Int", "Int32", "Int64", "Protocol", "Self", "Sendable", "String",
    "Type", "UInt32", "UInt64", "UInt8", "UnsafeMutablePointer", "UnsafeMutableRawPointer", "UnsafeRawPointer",
    "EnumDescriptor", "FieldValue", "GeneratedCode", "Indirect", "MessageDescriptor", "ProtobufEnum", "ProtobufError",
    "ProtobufMessage", "ResourceDescriptor", "StructLayout", "StructReader", "StructWriter", "UnknownFields",
  ]

  /// `dialogue_id` → `dialogueID`, without backticks: for use behind a dot.
  static func member(_ snake: String) -> String {
    let parts = snake.lowercased().split(separator: "_").map(String.init)
    guard let first = parts.first else { return snake }
    let name = first + parts.dropFirst().map { acronyms[$0] ?? $0.capitalizedFirst }.joined()
    return taken.contains(name) ? name + "_" : name
  }

  /// The name of a oneof's case for one of its fields.
  static func oneofCase(_ snake: String) -> String {
    let name = member(snake)
    return takenInOneofs.contains(name) ? name + "_" : name
  }

  /// The name of the struct of a message or enum: the proto's, unless that means something else.
  static func declaredType(_ name: String) -> String { takenTypes.contains(name) ? name + "_" : name }

  /// The same for use in a declaration, where a keyword needs backticks.
  static func declared(_ member: String) -> String { keywords.contains(member) ? "`\(member)`" : member }

  /// `_participant_count` → `ParticipantCount`: the enum of a oneof.
  static func oneofType(_ snake: String) -> String {
    snake.split(separator: "_").map { acronyms[String($0)] ?? String($0).capitalizedFirst }.joined()
  }

  /// `UN_PRINCIPAL_ORGAN` → `unPrincipalOrgan`; a prefix that repeats the enum's name is dropped.
  static func enumCase(_ value: String, of enumName: String) -> String {
    let prefix = upperSnake(enumName) + "_"
    let rest = value.hasPrefix(prefix) ? String(value.dropFirst(prefix.count)) : value
    let name = member(rest.first?.isLetter == true ? rest : value)
    return takenInEnums.contains(name) ? name + "_" : name
  }

  /// `GetDialogue` → `getDialogue`.
  static func method(_ name: String) -> String {
    let method = label(name)
    return takenMethods.contains(method) ? method + "_" : method
  }

  /// `GRPCHealth` → `grpcHealth`: the capitals in front are lowered, but for the first of a following word.
  static func label(_ type: String) -> String {
    let capitals = type.prefix { $0.isUppercase }
    let lowered = capitals.count > 1 && capitals.count < type.count ? capitals.dropLast() : capitals
    return lowered.lowercased() + type.dropFirst(lowered.count)
  }

  private static func upperSnake(_ camel: String) -> String {
    var snake = ""
    var wasLower = false
    for character in camel {
      if character.isUppercase, wasLower { snake += "_" }
      snake += character.uppercased()
      wasLower = character.isLowercase || character.isNumber
    }
    return snake
  }
}

/// Names in the C that protoc-c 1.4.1 writes (its c_helpers.cc).
enum CNaming {
  private static let keywords: Set<String> = [
    "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "class", "compl",
    "const", "const_cast", "continue", "default", "delete", "do", "double", "dynamic_cast", "else", "enum", "explicit",
    "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "mutable", "namespace", "new",
    "not", "not_eq", "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast",
    "return", "short", "signed", "sizeof", "static", "static_cast", "struct", "switch", "template", "this", "throw",
    "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile",
    "wchar_t", "while", "xor", "xor_eq",
  ]

  /// `plenary.v1.Dialogue` → `Plenary__V1__Dialogue`.
  static func structure(_ fullName: String) -> String {
    fullName.split(separator: ".").map { part in
      part.split(separator: "_").map { String($0).capitalizedFirst }.joined()
    }.joined(separator: "__")
  }

  /// `plenary.v1.GetDialogueRequest` → `plenary__v1__get_dialogue_request__init`.
  static func initializer(_ fullName: String) -> String {
    fullName.split(separator: ".").map { snake(String($0)) }.joined(separator: "__") + "__init"
  }

  /// Members that Swift cannot name behind a dot, and the one that every struct begins with.
  private static let unreachable: Set<String> = ["base", "init", "self"]

  /// The name that the descriptor rewrite gives a field which would be out of reach under its own; nil for the others.
  static func replacement(for field: String) -> String? {
    let lowered = field.lowercased()
    return unreachable.contains(lowered) ? lowered + "_" : nil
  }

  static func field(_ name: String) -> String {
    let lowered = replacement(for: name) ?? name.lowercased()
    return keywords.contains(lowered) ? lowered + "_" : lowered
  }

  /// The member that says which field of a oneof is set.
  static func oneofCase(_ name: String) -> String { snake(name) + "_case" }

  /// `GetDialogueRequest` → `get_dialogue_request`; capitals in a row stay together, as with protoc-c.
  static func snake(_ camel: String) -> String {
    var snake = ""
    var wasUpper = true
    for character in camel {
      if character.isUppercase, !wasUpper { snake += "_" }
      snake += character.lowercased()
      wasUpper = character.isUppercase
    }
    return snake
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
