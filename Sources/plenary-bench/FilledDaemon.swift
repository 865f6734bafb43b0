internal import Foundation
internal import PlenaryClient

/// A daemon with generated records, its data in a folder that goes with it unless it is kept.
final class FilledDaemon {
  let count: Int
  /// What the import took; nil if the records were there before.
  private(set) var fillSeconds: Double?
  /// What the search index took to be made from records that were there before; nil if it followed the import.
  private(set) var indexSeconds: Double?
  let server: MeasuredServer
  private let folder: DataFolder
  private let seed: UInt64

  private init(_ count: Int, _ server: MeasuredServer, _ folder: DataFolder, seed: UInt64) {
    self.count = count
    self.server = server
    self.folder = folder
    self.seed = seed
  }

  /// Starts a daemon and fills it, unless an earlier run has filled the folder that is to be kept.
  static func start(
    _ count: Int, _ programs: Programs, _ options: GeneratedOptions, keptIn parent: String?
  ) async throws -> FilledDaemon {
    let folder = try parent.map { try DataFolder.kept("\(count)-seed-\(options.seed)", in: $0) } ?? .temporary()
    do {
      let server = try MeasuredServer.start(
        [programs.daemon(), "run", "--listen", "127.0.0.1:0", "--data", folder.data.path, "--log-level", "warning"],
        named: "plenaryd", pinnedBy: Cores().serverPrefix)
      let daemon = FilledDaemon(count, server, folder, seed: options.seed)
      do {
        guard !folder.isFilled else {
          let start = ContinuousClock.now
          try await daemon.waitForSearchIndex()
          daemon.indexSeconds = (ContinuousClock.now - start) / .seconds(1)
          try daemon.readFiles()
          return daemon
        }
        let start = ContinuousClock.now
        try await options.fill(server.address, with: GeneratedRecords(count: count, seed: options.seed), from: 0)
        daemon.fillSeconds = (ContinuousClock.now - start) / .seconds(1)
        try await daemon.waitForSearchIndex()
        try folder.markFilled()
        return daemon
      } catch {
        server.stop()
        throw error
      }
    } catch {
      folder.leave()
      throw error
    }
  }

  /// Waits until the search index is made and has come to the last record: what it does is none of the calls' cost.
  private func waitForSearchIndex() async throws {
    try await RegistryClient.withConnection(to: server.address) { registry in
      while true {
        do {
          _ = try await registry.channel.unary(
            SearchServiceDefinition.searchResources, .with { $0.query = "nothing" })
          return
        } catch let status as GRPCStatus where status.code == .unavailable {
          // It has waited already, as a search does.
        }
      }
    }
  }

  /// The bytes of its files.
  var fileBytes: Int {
    // A file that is gone by now takes no room.
    files.reduce(0) { sum, file in sum + ((try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0) }
  }

  private var files: [URL] {
    let all = FileManager.default.enumerator(at: folder.data, includingPropertiesForKeys: [.fileSizeKey])
    return all?.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath } ?? []
  }

  /// Reads all files once, so that the system has them in memory as right after the import: it is not the disk that is
  /// measured.
  private func readFiles() throws {
    for file in files {
      let handle = try FileHandle(forReadingFrom: file)
      while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {}
      try handle.close()
    }
  }

  /// The CPU time of the server for one call, in microseconds.
  func measure(_ kind: ScaleCall, calls: Int, round: Int) async throws -> Double {
    let share = min(calls, kind.callsMax ?? calls) / Self.workerCount
    return try await RegistryClient.withConnection(to: server.address) { registry in
      let start = try server.clock.now()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<Self.workerCount {
          let population = GeneratedRecords(count: count, seed: seed)
          group.addTask {
            var random = GeneratedRecords.Random(seed: 77, round * Self.workerCount + worker)
            let first = ((round + 1) * Self.workerCount + worker) * share
            for number in first..<(first + share) { _ = try await kind.ask(registry, population, &random, number) }
          }
        }
        try await group.waitForAll()
      }
      return try (server.clock.now() - start) / .microseconds(share * Self.workerCount)
    }
  }

  /// How many records the answer to a call holds.
  func answerCount(_ kind: ScaleCall) async throws -> Int {
    try await RegistryClient.withConnection(to: server.address) { registry in
      var random = GeneratedRecords.Random(seed: 77, 1)
      return try await kind.ask(registry, GeneratedRecords(count: count, seed: seed), &random, 0)
    }
  }

  /// The calls that are under way at a time.
  private static let workerCount = 16

  /// Ends it and leaves its data. Throws unless it drained and exited with 0.
  func stop() throws {
    let code = end()
    guard code == 0 else { throw Failure("plenaryd ended with exit code \(code) instead of 0") }
  }

  /// Where its data is.
  var dataPath: String { folder.data.path }

  /// Ends it, so that others can be started on its data, which `removeData` removes.
  func stopKeepingData() throws {
    let code = server.stop()
    guard code == 0 else { throw Failure("plenaryd ended with exit code \(code) instead of 0") }
  }

  /// Removes its data, unless it is to be kept.
  func removeData() {
    folder.leave()
  }

  /// Ends it and leaves its data.
  @discardableResult
  func end() -> CInt {
    defer { folder.leave() }
    return server.stop()
  }
}
