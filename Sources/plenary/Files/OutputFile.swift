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

  /// Writes the file at a path: `body` is given what appends bytes to it.
  ///
  /// - Throws: a `Failure` that says why the file cannot be written, and what `body` throws; then what stood at the path
  ///   still does.
  static func write(_ path: String, _ body: (_ append: ([UInt8]) throws -> Void) async throws -> Void) async throws {
    guard !isDirectory(path) else {
      throw Failure(.usage, "cannot write \(path): it is a directory", advice: "name a file in it")
    }
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

  private init(_ path: String) throws {
    target = URL(filePath: path)
    let number = ProcessInfo.processInfo.processIdentifier
    let temporary = target.deletingLastPathComponent().appending(path: ".\(target.lastPathComponent).\(number).part")
    self.temporary = temporary
    try Data().write(to: temporary, options: .withoutOverwriting)
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
