internal import Foundation
internal import SocketTransport
internal import Yams

/// The settings in a file `plenaryd.yaml`: keys nested by the parts of their names, with scalars or lists of scalars.
struct ConfigurationFile {
  /// One setting and where it stands.
  struct Entry: Hashable {
    let name: String
    let texts: [String]
    /// `plenaryd.yaml:12:3`
    let place: String
  }

  /// The longest file: a configuration is written by hand.
  static let byteCountMax = 1 << 20

  let entries: [Entry]

  /// Reads a file.
  /// - Throws: what is wrong, with file, line and column.
  init(path: String) throws(ConfigurationProblem) {
    if let problem = FileModes.problem(ofSettings: path) { throw ConfigurationProblem("\(path): it \(problem)") }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw ConfigurationProblem("\(path): cannot be read: \(Self.reason(error))")
    }
    guard bytes.count <= Self.byteCountMax else {
      throw ConfigurationProblem("\(path): it has \(bytes.count) bytes; at most \(Self.byteCountMax) are allowed")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ConfigurationProblem("\(path): it is not UTF-8")
    }
    try self.init(text, name: path)
  }

  /// Reads the text of a file.
  /// - Throws: what is wrong, with file, line and column.
  init(_ text: String, name: String) throws(ConfigurationProblem) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch {
      throw ConfigurationProblem("\(name): it is not YAML: \(Self.oneLine("\(error)"))")
    }
    var entries: [Entry] = []
    if let root, !Self.isEmpty(root) { try Self.collect(root, under: "", in: name, into: &entries) }
    self.entries = entries
  }

  private static func collect(
    _ node: Node, under path: String, in file: String, into entries: inout [Entry]
  ) throws(ConfigurationProblem) {
    let place = node.mark.map { "\(file):\($0.line):\($0.column)" } ?? file
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key else { throw ConfigurationProblem("\(place): a key must be a text") }
        try collect(value, under: path.isEmpty ? scalar.string : "\(path).\(scalar.string)", in: file, into: &entries)
      }
    case .sequence(let sequence):
      var texts: [String] = []
      for element in sequence {
        guard case .scalar(let scalar) = element else {
          throw ConfigurationProblem("\(place): \(path): a list holds texts and nothing else")
        }
        texts.append(scalar.string)
      }
      entries.append(Entry(name: path, texts: texts, place: place))
    case .scalar(let scalar):
      guard !path.isEmpty else {
        throw ConfigurationProblem("\(place): it must hold keys with values, such as listen: …")
      }
      entries.append(Entry(name: path, texts: [scalar.string], place: place))
    case .alias:
      throw ConfigurationProblem("\(place): \(path): aliases are not allowed; write the value out")
    }
  }

  /// A file with comments alone.
  private static func isEmpty(_ node: Node) -> Bool {
    if case .scalar(let scalar) = node { scalar.string.isEmpty } else { false }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
  }

  private static func reason(_ error: any Error) -> String {
    let error = error as NSError
    if let underlying = error.userInfo[NSUnderlyingErrorKey] as? any Error { return reason(underlying) }
    return error.localizedFailureReason ?? error.localizedDescription
  }
}
