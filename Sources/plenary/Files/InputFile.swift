internal import Foundation
internal import ProtobufRuntime

/// A file of ProtoJSON that a verb reads; `-` is the input of the program.
struct InputFile {
  let path: String

  /// More than any import may hold, so that a wrong file does not fill the memory.
  static let byteCountMax = 512 << 20

  /// What the file is called in messages.
  var title: String { path == "-" ? "the input" : path }

  /// Reads a message.
  ///
  /// - Throws: a `Failure` that says what is wrong with the file, and where in it.
  func message<Message: ProtobufMessage>(
    _ type: Message.Type, ignoresUnknownFields: Bool = false
  ) throws(Failure) -> Message {
    let bytes = try bytes()
    guard bytes.contains(where: { $0 > 0x20 }) else {
      throw Failure(.invalid, "\(title) is empty", advice: "give the JSON of a \(Message.descriptor.name)")
    }
    var options = ProtoJSON.DecodingOptions()
    options.ignoresUnknownFields = ignoresUnknownFields
    do {
      return try ProtoJSON.decode(type, from: bytes, options: options)
    } catch {
      throw Failure(.invalid, "\(title), \(error)")
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
