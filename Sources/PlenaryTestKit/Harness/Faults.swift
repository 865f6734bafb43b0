internal import GRPCRuntime
internal import GoogleAPI
internal import HarnessProtos
internal import PlenaryDomain
internal import Synchronization

/// The faults that are in force, and which calls they strike.
final class Faults: Sendable {
  private struct Entry {
    var fault: TestingFault
    let pattern: WildcardPattern
    var numbers: SeededNumbers
  }

  private struct State {
    /// The oldest first.
    var entries: [Entry] = []
    var made: UInt64 = 0
  }

  private let state = Mutex(State())
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
  }

  /// Puts a fault in force, and returns it with its id.
  func inject(_ fault: TestingFault) throws(GRPCStatus) -> TestingFault {
    try fault.check()
    let pattern = try WildcardPattern(ofMethods: fault.method)
    return try state.withLock { state throws(GRPCStatus) in
      guard state.entries.count < HarnessLimits.faultCountMax else {
        throw GRPCStatus(
          .resourceExhausted, "there are \(HarnessLimits.faultCountMax) faults in force already; clear some of them")
      }
      state.made += 1
      var fault = fault
      fault.id = "fault-\(state.made)"
      fault.callCount = 0
      // Each fault draws for itself, so that one that is added does not change what others strike.
      let numbers = SeededNumbers(seed: seed &+ state.made &* 0xD1B5_4A32_D192_ED03)
      state.entries.append(Entry(fault: fault, pattern: pattern, numbers: numbers))
      return fault
    }
  }

  /// The faults that strike a call of a method, which counts for them.
  func strike(_ method: String) -> Strike {
    state.withLock { state in
      guard !state.entries.isEmpty else { return Strike([]) }
      var struck: [TestingFault] = []
      for index in state.entries.indices {
        guard state.entries[index].pattern.matches(method) else { continue }
        if let share = state.entries[index].fault.probability {
          guard Double.random(in: 0..<1, using: &state.entries[index].numbers) < share else { continue }
        }
        state.entries[index].fault.callCount += 1
        struck.append(state.entries[index].fault)
      }
      state.entries.removeAll { $0.fault.callCountMax > 0 && $0.fault.callCount >= Int64($0.fault.callCountMax) }
      return Strike(struck)
    }
  }

  /// All faults in force, the oldest first.
  var all: [TestingFault] { state.withLock { $0.entries.map(\.fault) } }

  /// Takes back the fault with an id, or all if that is empty, and returns what was taken back.
  func clear(_ id: String) throws(GRPCStatus) -> [TestingFault] {
    try state.withLock { state throws(GRPCStatus) in
      let cleared = state.entries.map(\.fault).filter { id.isEmpty || $0.id == id }
      guard id.isEmpty || !cleared.isEmpty else {
        throw GRPCStatus(.notFound, "there is no fault `\(id.prefix(100))`; ListFaults tells which there are")
      }
      state.entries.removeAll { id.isEmpty || $0.fault.id == id }
      return cleared
    }
  }
}

extension WildcardPattern {
  /// A pattern of methods, `*` standing for any text.
  init(ofMethods text: String) throws(GRPCStatus) {
    guard !text.isEmpty else {
      throw GRPCStatus(
        .invalidArgument, "method: it is missing; give one as `plenary.v1.DialogueService/GetDialogue`, or `*`")
    }
    guard text.utf8.count <= HarnessLimits.patternBytesMax else {
      throw GRPCStatus(.resourceExhausted, "method: it has more than \(HarnessLimits.patternBytesMax) bytes; use `*`")
    }
    self.init(text.split(separator: "*", omittingEmptySubsequences: false).map(String.init))
  }
}

extension TestingFault {
  /// Refuses what cannot be done, or what does nothing.
  fileprivate func check() throws(GRPCStatus) {
    try Self.check(latency, "latency")
    try Self.check(slowness?.delay, "slowness.delay")
    guard (slowness?.bytesPerSecond ?? 0) >= 0, afterMessages >= 0, callCountMax >= 0 else {
      throw GRPCStatus(.invalidArgument, "bytes_per_second, after_messages and call_count_max are not below zero")
    }
    if let probability, !(probability > 0 && probability <= 1) {
      throw GRPCStatus(.invalidArgument, "probability: it is above 0 and at most 1")
    }
    switch end {
    case .status(let status): try status.check()
    case .cut(let cut):
      guard cut == .stream || cut == .connection else {
        throw GRPCStatus(.invalidArgument, "cut: it is none of STREAM and CONNECTION")
      }
    case nil:
      guard moment == .unspecified, afterMessages == 0 else {
        throw GRPCStatus(
          .invalidArgument, "moment and after_messages tell when a call ends; say with status or cut how")
      }
    }
    guard moment == .unspecified || moment == .afterHandler && afterMessages == 0 else {
      throw GRPCStatus(.invalidArgument, "moment: give AFTER_HANDLER or after_messages, or neither")
    }
    guard end != nil || diskFull || slowness != nil || latency != nil else {
      throw GRPCStatus(.invalidArgument, "the fault does nothing; give a latency, an end, disk_full or slowness")
    }
  }

  private static func check(_ delay: ProtobufDuration?, _ field: String) throws(GRPCStatus) {
    guard let delay else { return }
    guard (0..<1_000_000_000).contains(delay.nanos), delay.seconds >= 0 else {
      throw GRPCStatus(.invalidArgument, "\(field): it is not below zero")
    }
    guard delay.duration <= HarnessLimits.delayMax else {
      throw GRPCStatus(.resourceExhausted, "\(field): it is at most \(HarnessLimits.delayMax)")
    }
  }
}

extension TestingFault.Status {
  fileprivate func check() throws(GRPCStatus) {
    guard (1...16).contains(code) else {
      throw GRPCStatus(.invalidArgument, "status.code: it is from 1 to 16; gRPC has no others that are errors")
    }
    let byteCount = details.reduce(message.utf8.count) { $0 + $1.typeURL.utf8.count + $1.value.count }
    guard byteCount <= HarnessLimits.statusBytesMax else {
      throw GRPCStatus(
        .resourceExhausted, "status: message and details have more than \(HarnessLimits.statusBytesMax) bytes together")
    }
  }
}
