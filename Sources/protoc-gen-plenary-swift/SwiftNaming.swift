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

  /// `dialogue_id` → `dialogueID`, without backticks: for use behind a dot.
  static func member(_ snake: String) -> String {
    let parts = snake.lowercased().split(separator: "_").map(String.init)
    guard let first = parts.first else { return snake }
    let name = first + parts.dropFirst().map { acronyms[$0] ?? $0.capitalizedFirst }.joined()
    return taken.contains(name) ? name + "_" : name
  }

  /// The same for use in a declaration, where a keyword needs backticks.
  static func declared(_ member: String) -> String { keywords.contains(member) ? "`\(member)`" : member }

  /// `_participant_count` → `ParticipantCount`.
  static func type(_ snake: String) -> String {
    snake.split(separator: "_").map { acronyms[String($0)] ?? String($0).capitalizedFirst }.joined()
  }

  /// `UN_PRINCIPAL_ORGAN` → `unPrincipalOrgan`; a prefix that repeats the enum's name is dropped.
  static func enumCase(_ value: String, of enumName: String) -> String {
    let prefix = upperSnake(enumName) + "_"
    let rest = value.hasPrefix(prefix) ? String(value.dropFirst(prefix.count)) : value
    return member(rest.first?.isLetter == true ? rest : value)
  }

  /// `GetDialogue` → `getDialogue`.
  static func method(_ name: String) -> String { label(name) }

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

  static func field(_ name: String) -> String {
    let lowered = name.lowercased()
    return keywords.contains(lowered) ? lowered + "_" : lowered
  }

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
