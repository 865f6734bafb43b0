package import ProtobufRuntime

/// The proto files a server can describe, by everything they are asked for.
package struct ReflectionIndex: Sendable {
  private var files: [String: DescriptorSet.File] = [:]
  private var fileOfSymbol: [String: String] = [:]
  private var extensionsOfType: [String: [Int32: String]] = [:]

  /// Makes the index of several sets, in which a file may occur more than once.
  package init(_ sets: [DescriptorSet]) {
    for file in sets.lazy.flatMap(\.files) where files[file.name] == nil {
      files[file.name] = file
      for symbol in file.symbols { fileOfSymbol[symbol] = file.name }
      for field in file.extensions { extensionsOfType[field.extendedMessage, default: [:]][field.number] = file.name }
    }
  }

  /// A file and all it imports, each once, encoded; nil when there is no such file.
  package func files(named name: String) -> [[UInt8]]? {
    guard let file = files[name] else { return nil }
    var found = [file]
    var names: Set = [name]
    var next = 0
    while next < found.count {
      for dependency in found[next].dependencies where names.insert(dependency).inserted {
        if let file = files[dependency] { found.append(file) }
      }
      next += 1
    }
    return found.map(\.serialized)
  }

  /// The file that declares a service, method, message, enum or extension, with all it imports.
  package func files(declaring symbol: String) -> [[UInt8]]? {
    fileOfSymbol[symbol].flatMap(files(named:))
  }

  /// The file that declares an extension of a message, with all it imports.
  package func files(extending type: String, number: Int32) -> [[UInt8]]? {
    extensionsOfType[type]?[number].flatMap(files(named:))
  }

  /// The numbers of all extensions of a message; nil when there is no such message.
  package func extensionNumbers(of type: String) -> [Int32]? {
    guard fileOfSymbol[type] != nil else { return nil }
    return extensionsOfType[type, default: [:]].keys.sorted()
  }
}
