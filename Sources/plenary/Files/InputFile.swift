internal import Foundation
internal import ProtobufRuntime

/// A file of JSON or YAML that a verb reads; `-` is the input of the program.
struct InputFile {
  let path: String

  /// More than any import may hold, so that a wrong file does not fill the memory.
  static let byteCountMax = 512 << 20

  /// What the file is called in messages.
  var title: String { path == "-" ? "the input" : path }

  /// What a file holds: a value of JSON, or one for each document of YAML.
  struct Contents {
    /// What the file is called in messages.
    let title: String
    /// The text, if the values know their places by the bytes before them.
    fileprivate let text: [UInt8]
    let documents: [JSONNode]

    /// Reads a message from a value of the file.
    ///
    /// - Parameter path: The way to the value in the names of the file.
    /// - Throws: a `Failure` that says what is wrong with the file, and where in it.
    func message<Message: ProtobufMessage>(
      _ type: Message.Type, from node: JSONNode, at path: String = "", ignoresUnknownFields: Bool = false
    ) throws(Failure) -> Message {
      var options = ProtoJSON.DecodingOptions()
      options.ignoresUnknownFields = ignoresUnknownFields
      do {
        return try ProtoJSON.decode(type, from: node, of: text, at: path, options: options)
      } catch {
        throw Failure(.invalid, "\(title), \(error)")
      }
    }

    /// What is wrong with a value.
    func failure(_ reason: String, _ node: JSONNode, at path: String = "") -> Failure {
      Failure(.invalid, "\(title), \(ProtoJSONError(reason, path: path, at: node.place, in: text))")
    }
  }

  /// Reads a message.
  ///
  /// - Throws: a `Failure` that says what is wrong with the file, and where in it.
  func message<Message: ProtobufMessage>(
    _ type: Message.Type, ignoresUnknownFields: Bool = false
  ) throws(Failure) -> Message {
    let contents = try contents(of: "a \(Message.descriptor.name)")
    guard contents.documents.count == 1 else {
      throw contents.failure(
        "there are \(contents.documents.count) documents, and one \(Message.descriptor.name) belongs here",
        contents.documents[1])
    }
    return try contents.message(type, from: contents.documents[0], ignoresUnknownFields: ignoresUnknownFields)
  }

  /// Reads what the file holds, at least one value.
  ///
  /// - Parameter expected: What the file should hold, for the message that it is empty.
  /// - Throws: a `Failure` that says what is wrong with the file, and where in it.
  func contents(of expected: String) throws(Failure) -> Contents {
    let bytes = try bytes()
    let contents: Contents
    do {
      contents =
        isYAML(bytes)
        ? Contents(title: title, text: [], documents: try YAMLReader.documents(bytes))
        : Contents(title: title, text: bytes, documents: Self.isBlank(bytes) ? [] : [try ProtoJSON.parse(bytes)])
    } catch {
      throw Failure(.invalid, "\(title), \(error)")
    }
    guard !contents.documents.isEmpty else {
      throw Failure(.invalid, "\(title) is empty", advice: "give \(expected) in JSON or YAML")
    }
    return contents
  }

  private static func isBlank(_ bytes: [UInt8]) -> Bool { !bytes.contains { $0 > 0x20 } }

  /// Whether the file is YAML: by its name, else by how it begins. All that JSON has for us begins with a bracket.
  private func isYAML(_ bytes: [UInt8]) -> Bool {
    switch URL(filePath: path).pathExtension.lowercased() {
    case "yaml", "yml": true
    case "json": false
    default: bytes.first { $0 > 0x20 }.map { $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "[") } ?? false
    }
  }

  private func bytes() throws(Failure) -> [UInt8] {
    if path == "-" { return try read(.standardInput) }
    var isDirectory = false
    do {
      let attributes = try FileManager.default.attributesOfItem(
        atPath: URL(filePath: path).resolvingSymlinksInPath().path)
      isDirectory = attributes[.type] as? FileAttributeType == .typeDirectory
    } catch {
      throw Failure(.usage, "cannot read \(path): \(FileFailure.reason(error))")
    }
    guard !isDirectory else {
      throw Failure(.usage, "\(path) is a directory", advice: "name the files in it")
    }
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      // Nothing was written to it, so closing it cannot lose anything.
      defer { try? handle.close() }
      return try read(handle)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.other, "cannot read \(path): \(FileFailure.reason(error))")
    }
  }

  private func read(_ handle: FileHandle) throws(Failure) -> [UInt8] {
    let data: Data
    do {
      data = try handle.read(upToCount: Self.byteCountMax + 1) ?? Data()
    } catch {
      throw Failure(.other, "cannot read \(title): \(FileFailure.reason(error))")
    }
    guard data.count <= Self.byteCountMax else {
      throw Failure(
        .invalid, "\(title) has more than \(Self.byteCountMax >> 20) MiB, which no import takes",
        advice: "divide it into several imports, the records first that others refer to")
    }
    return Array(data)
  }
}
