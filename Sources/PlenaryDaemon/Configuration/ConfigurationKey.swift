/// One thing about the daemon that can be configured. Declared once: the file, the environment, the flags, the checks
/// and the reference page all follow from it.
struct ConfigurationKey: Sendable {
  /// What values look like, and which are allowed.
  enum Form: Sendable {
    case text(example: String)
    case flag
    case count(ClosedRange<Int>)
    case bytes(ClosedRange<Int>)
    case duration(ClosedRange<Duration>)
    case choice([String])
    case list(example: String)
    /// What another form allows, or nothing.
    indirect case optional(Form)
  }

  /// The name in the file, in which the parts between dots are nested: `server.max_connections`.
  let name: String

  /// What it is for, in one sentence or two.
  let summary: String

  /// What its values look like.
  let form: Form

  /// Whether a running daemon takes it over when it is told to read its configuration again.
  let isReloadable: Bool

  private let read: @Sendable (DaemonConfiguration) -> ConfigurationValue
  private let write: @Sendable (inout DaemonConfiguration, ConfigurationValue) throws(ConfigurationProblem) -> Void

  /// Declares a key.
  init(
    _ name: String, _ form: Form, isReloadable: Bool = false, _ summary: String,
    read: @escaping @Sendable (DaemonConfiguration) -> ConfigurationValue,
    write: @escaping @Sendable (inout DaemonConfiguration, ConfigurationValue) throws(ConfigurationProblem) -> Void
  ) {
    self.name = name
    self.summary = summary
    self.form = form
    self.isReloadable = isReloadable
    self.read = read
    self.write = write
  }

  /// The variable of the environment that sets it: `PLENARYD_SERVER_MAX_CONNECTIONS`.
  var variable: String { "PLENARYD_" + name.uppercased().replacing(".", with: "_") }

  /// Its value, as it would be written in the file.
  func text(in configuration: DaemonConfiguration) -> String { read(configuration).text }

  /// Sets it to what was written somewhere.
  ///
  /// - Throws: what is wrong with the texts, and what is allowed.
  func set(_ texts: [String], in configuration: inout DaemonConfiguration) throws(ConfigurationProblem) {
    try write(&configuration, try value(texts))
  }

  private func value(_ texts: [String]) throws(ConfigurationProblem) -> ConfigurationValue {
    if case .list = form { return .list(texts) }
    guard texts.count == 1, let text = texts.first else { throw problem("it has \(texts.count) values") }
    return try value(text, form)
  }

  private func value(_ text: String, _ form: Form) throws(ConfigurationProblem) -> ConfigurationValue {
    switch form {
    case .optional(let form): return text == ConfigurationValue.noneText ? .none : try value(text, form)
    case .list, .text:
      guard !text.isEmpty else { throw problem("it is empty") }
      return .text(text)
    case .flag:
      guard let flag = ["true": true, "false": false][text] else { throw problem("\"\(text)\" is not allowed") }
      return .flag(flag)
    case .choice(let words):
      guard words.contains(text) else { throw problem("\"\(text)\" is not allowed") }
      return .text(text)
    case .count(let range):
      guard let count = Int(text), range.contains(count) else { throw problem("\"\(text)\" is not allowed") }
      return .count(count)
    case .bytes(let range):
      guard let count = ConfigurationValue.bytes(text), range.contains(count) else {
        throw problem("\"\(text)\" is not allowed")
      }
      return .bytes(count)
    case .duration(let range):
      guard let duration = ConfigurationValue.duration(text), range.contains(duration) else {
        throw problem("\"\(text)\" is not allowed")
      }
      return .duration(duration)
    }
  }

  /// Says what is wrong, and what is allowed.
  func problem(_ what: String) -> ConfigurationProblem {
    ConfigurationProblem("\(name): \(what); it must be \(rule)")
  }

  /// Which values are allowed, in words.
  var rule: String { Self.rule(form) }

  private static func rule(_ form: Form) -> String {
    switch form {
    case .optional(let form): "\(rule(form)), or \(ConfigurationValue.noneText)"
    case .text(let example): "a text such as \(example)"
    case .flag: "true or false"
    case .count(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .bytes(let range):
      "a number of bytes from \(ConfigurationValue.text(bytes: range.lowerBound)) to "
        + "\(ConfigurationValue.text(bytes: range.upperBound)), such as 64KiB"
    case .duration(let range):
      "a time from \(ConfigurationValue.text(duration: range.lowerBound)) to "
        + "\(ConfigurationValue.text(duration: range.upperBound)), such as 500ms, 30s, 5m or 2h"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .list(let example): "a list of texts such as \(example)"
    }
  }
}

/// What is wrong with something in the configuration.
struct ConfigurationProblem: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension ConfigurationKey {
  /// A property of the configuration.
  typealias Property<Value> = any WritableKeyPath<DaemonConfiguration, Value> & Sendable

  /// A key that is a number.
  static func count<Value: FixedWidthInteger & Sendable>(
    _ name: String, _ range: ClosedRange<Int>, _ path: Property<Value>, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(name, .count(range), summary, read: { .count(Int($0[keyPath: path])) }) { configuration, value in
      if case .count(let count) = value { configuration[keyPath: path] = Value(clamping: count) }
    }
  }

  /// A key that is a number of bytes.
  static func bytes<Value: FixedWidthInteger & Sendable>(
    _ name: String, _ range: ClosedRange<Int>, _ path: Property<Value>, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(name, .bytes(range), summary, read: { .bytes(Int($0[keyPath: path])) }) { configuration, value in
      if case .bytes(let count) = value { configuration[keyPath: path] = Value(clamping: count) }
    }
  }

  /// A key that is a time.
  static func duration(
    _ name: String, _ range: ClosedRange<Duration>, _ path: Property<Duration>, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(name, .duration(range), summary, read: { .duration($0[keyPath: path]) }) { configuration, value in
      if case .duration(let duration) = value { configuration[keyPath: path] = duration }
    }
  }

  /// A key that is a number, or none.
  static func optionalCount(
    _ name: String, _ range: ClosedRange<Int>, _ path: Property<Int?>, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, .optional(.count(range)), summary, read: { $0[keyPath: path].map { .count($0) } ?? .none }
    ) { configuration, value in
      if case .count(let count) = value {
        configuration[keyPath: path] = count
      } else {
        configuration[keyPath: path] = nil
      }
    }
  }

  /// A key that is a time, or none.
  static func optionalDuration(
    _ name: String, _ range: ClosedRange<Duration>, _ path: Property<Duration?>, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, .optional(.duration(range)), summary, read: { $0[keyPath: path].map { .duration($0) } ?? .none }
    ) { configuration, value in
      if case .duration(let time) = value {
        configuration[keyPath: path] = time
      } else {
        configuration[keyPath: path] = nil
      }
    }
  }

  /// A key that is a file, or none.
  static func optionalFile(
    _ name: String, example: String, _ path: Property<String?>, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, .optional(.text(example: example)), summary, read: { $0[keyPath: path].map { .text($0) } ?? .none }
    ) { configuration, value in
      if case .text(let file) = value {
        configuration[keyPath: path] = file
      } else {
        configuration[keyPath: path] = nil
      }
    }
  }

  /// A key that is true or false.
  static func flag(_ name: String, _ path: Property<Bool>, _ summary: String) -> ConfigurationKey {
    ConfigurationKey(name, .flag, summary, read: { .flag($0[keyPath: path]) }) { configuration, value in
      if case .flag(let flag) = value { configuration[keyPath: path] = flag }
    }
  }
}
