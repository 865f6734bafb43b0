internal import Foundation

/// Counts the allocations and system calls of a server, by the library CCallCounter.
struct CallCounter {
  private let library: String
  private let file: URL

  /// Makes the file in which the library counts.
  init(_ programs: Programs, in folder: TemporaryFolder) throws {
    library = try programs.counterLibrary()
    file = try folder.write([UInt8](repeating: 0, count: CallCounts.fileBytes), to: "counts")
  }

  /// What is written before a server's command.
  var serverPrefix: [String] {
    ["/usr/bin/env", "LD_PRELOAD=\(library)", "PLENARY_CALL_COUNTS=\(file.path)"]
  }

  /// What the server has done so far.
  func now() throws -> CallCounts {
    let bytes = [UInt8](try Data(contentsOf: file))
    guard let counts = CallCounts(file: bytes) else {
      throw Failure("\(library) counted nothing: it is no library for this system, or for another version of this")
    }
    return counts
  }
}

/// What a server has done, in all or for one call.
struct CallCounts: Encodable {
  var allocations: Double
  var reads: Double
  var writes: Double
  var polls: Double
  var bytesWritten: Double

  /// `struct plenary_call_counts` of CCallCounter: numbers of 64 bits.
  static let fileBytes = 5 * MemoryLayout<UInt64>.size

  /// Reads the counters; nil when nothing was counted.
  init?(file bytes: [UInt8]) {
    guard bytes.count == Self.fileBytes else { return nil }
    let size = MemoryLayout<UInt64>.size
    let numbers = stride(from: 0, to: bytes.count, by: size).map { start in
      // The machines that this runs on have the least byte first.
      Double(bytes[start..<start + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
    self.init(
      allocations: numbers[0], reads: numbers[1], writes: numbers[2], polls: numbers[3], bytesWritten: numbers[4])
    guard allocations > 0, reads > 0 else { return nil }
  }

  init(allocations: Double, reads: Double, writes: Double, polls: Double, bytesWritten: Double) {
    self.allocations = allocations
    self.reads = reads
    self.writes = writes
    self.polls = polls
    self.bytesWritten = bytesWritten
  }

  /// What was done since then, for each of so many.
  func each(of count: Int, since start: CallCounts) -> CallCounts {
    func each(_ figure: KeyPath<CallCounts, Double>) -> Double {
      (self[keyPath: figure] - start[keyPath: figure]) / Double(count)
    }
    return CallCounts(
      allocations: each(\.allocations), reads: each(\.reads), writes: each(\.writes), polls: each(\.polls),
      bytesWritten: each(\.bytesWritten))
  }
}
