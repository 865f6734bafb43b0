internal import Dispatch
internal import Foundation
internal import Glibc

/// A file that is written beside the place it is for and takes it when it is whole, so that nothing half-written is ever
/// found there.
struct OutputFile {
  private let target: URL
  private let temporary: URL
  private let handle: FileHandle
  /// Keeps a file that is not whole from staying behind when the program is interrupted.
  private let interruptions: [any DispatchSourceSignal]

  /// Writes the file at a path: `body` is given what appends bytes to it. What a link leads to is written in its place;
  /// a device or a pipe is written to as it is, since nothing can take its place.
  ///
  /// - Throws: a `Failure` that says why the file cannot be written, and what `body` throws; then what stood at the path
  ///   still does.
  static func write(_ path: String, _ body: (_ append: ([UInt8]) throws -> Void) async throws -> Void) async throws {
    guard !isDirectory(path) else {
      throw Failure(.usage, "cannot write \(path): it is a directory", advice: "name a file in it")
    }
    guard !isSpecial(path) else { return try await writeThrough(path, body) }
    let file: OutputFile
    do {
      file = try OutputFile(path)
    } catch {
      throw Failure(.other, "cannot write \(path): \(FileFailure.reason(error))")
    }
    defer { for source in file.interruptions { source.cancel() } }
    do {
      try await body { bytes throws(Failure) in
        try file.step { try file.handle.write(contentsOf: bytes) }
      }
      try file.step {
        try file.handle.synchronize()
        try file.handle.close()
        try FileRename.move(file.temporary, to: file.target)
      }
    } catch {
      // What failed is told; that the rest of it cannot be removed either is not what the user needs to know.
      try? FileManager.default.removeItem(at: file.temporary)
      throw error
    }
  }

  /// Writes to what is no file of its own.
  private static func writeThrough(
    _ path: String, _ body: (_ append: ([UInt8]) throws -> Void) async throws -> Void
  ) async throws {
    func step<Result>(_ body: () throws -> Result) throws(Failure) -> Result {
      do {
        return try body()
      } catch {
        throw Failure(.other, "cannot write \(path): \(FileFailure.reason(error))")
      }
    }
    let handle = try step { try FileHandle(forWritingTo: URL(filePath: path)) }
    try await body { bytes throws(Failure) in try step { try handle.write(contentsOf: bytes) } }
    try step { try handle.close() }
  }

  private init(_ path: String) throws {
    target = URL(filePath: path).resolvingSymlinksInPath()
    let number = ProcessInfo.processInfo.processIdentifier
    let temporary = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).\(number).part")
    self.temporary = temporary
    // The rights of the file that it replaces; a new one is for its owner, for a registry holds what is not for all.
    let attributes = try? FileManager.default.attributesOfItem(atPath: target.path)
    let rights = attributes?[.posixPermissions] ?? 0o600
    try Data().write(to: temporary, options: .withoutOverwriting)
    try FileManager.default.setAttributes([.posixPermissions: rights], ofItemAtPath: temporary.path)
    handle = try FileHandle(forWritingTo: temporary)
    interruptions = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        // The program ends; there is nobody left to tell.
        try? FileManager.default.removeItem(at: temporary)
        signal(number, SIG_DFL)
        // To the process and not to this thread, which as one of Dispatch's takes no signals.
        kill(getpid(), number)
      }
      source.setCancelHandler { signal(number, SIG_DFL) }
      source.resume()
      return source
    }
  }

  private static func isDirectory(_ path: String) -> Bool {
    // What is not there is no directory; that it cannot be looked at shows when it is written.
    (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeDirectory
  }

  /// Whether what a path leads to is there and is no regular file.
  private static func isSpecial(_ path: String) -> Bool {
    let target = URL(filePath: path).resolvingSymlinksInPath().path
    // What is not there is nothing special.
    let type = (try? FileManager.default.attributesOfItem(atPath: target))?[.type] as? FileAttributeType
    return type != nil && type != .typeRegular
  }

  private func step(_ body: () throws -> Void) throws(Failure) {
    do {
      try body()
    } catch {
      throw Failure(
        .other, "cannot write \(target.relativePath): \(FileFailure.reason(error))",
        advice: "nothing was changed there")
    }
  }
}
