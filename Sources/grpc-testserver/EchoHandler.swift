import GRPCRuntime
import ProtobufRuntime
import SocketTransport
import Synchronization
import TestProtos

/// `kit.v1.Echo`: simple calls by which a foreign test suite can judge the stack.
final class EchoHandler: KitEcho {
  private struct Counts {
    var started: Int64 = 0
    var finished: Int64 = 0
    var cancelled: Int64 = 0
  }

  private let counts = Mutex(Counts())

  /// Echoes the message. Asked by `x-echo-peer-identity`, it tells the caller who it is, in the initial metadata.
  func say(_ request: KitEchoMsg, context: CallContext) async throws -> KitEchoMsg {
    try sayAtOnce(request, context: context)
  }

  /// The same, without waiting for anything.
  func sayAtOnce(_ request: KitEchoMsg, context: CallContext) throws -> KitEchoMsg {
    counts.withLock { $0.started += 1 }
    defer { counts.withLock { $0.finished += 1 } }
    if context.requestMetadata.text("x-echo-peer-identity") != nil {
      try Self.tell(context.peerIdentity, in: &context.initialMetadata)
    }
    return request
  }

  /// Sleeps; cancellable.
  func sleep(_ request: KitSleepMsg, context: CallContext) async throws -> KitEchoMsg {
    try await counted {
      try await Task.sleep(for: .milliseconds(request.ms))
      return KitEchoMsg.with { $0.text = "slept" }
    }
  }

  /// One answer of the given size.
  func big(_ request: KitBigMsg, context: CallContext) async throws -> KitEchoMsg {
    try await counted { try Self.message(ofSize: request.size) }
  }

  /// So many messages of the given size, one after each interval.
  func stream(_ request: KitBigMsg, responses: ResponseWriter<KitEchoMsg>, context: CallContext) async throws {
    try await counted {
      let message = try Self.message(ofSize: request.size)
      for index in 0..<Int64(max(0, request.count)) {
        if index > 0 && request.intervalMs > 0 {
          try await Task.sleep(for: .milliseconds(request.intervalMs))
        }
        var numbered = message
        numbered.n = index
        try await responses.write(numbered)
      }
    }
  }

  /// Counts the bytes it receives.
  func upload(_ requests: RequestStream<KitEchoMsg>, context: CallContext) async throws -> KitEchoMsg {
    try await counted {
      var total: Int64 = 0
      for try await request in requests { total += Int64(request.text.utf8.count + request.blob.count) }
      return KitEchoMsg.with { $0.n = total }
    }
  }

  /// How many handlers have started, finished and been cancelled, and how many run now; this one is not counted.
  func stat(_ request: KitEchoMsg, context: CallContext) async throws -> KitStatMsg {
    stat
  }

  /// The counts as they are now.
  var stat: KitStatMsg {
    let counts = counts.withLock { $0 }
    return KitStatMsg.with {
      $0.started = counts.started
      $0.finished = counts.finished
      $0.cancelled = counts.cancelled
      $0.active = counts.started - counts.finished - counts.cancelled
    }
  }

  private func counted<Result>(_ body: () async throws -> Result) async throws -> Result {
    counts.withLock { $0.started += 1 }
    defer {
      counts.withLock {
        if Task.isCancelled { $0.cancelled += 1 } else { $0.finished += 1 }
      }
    }
    return try await body()
  }

  private static func tell(_ identity: PeerIdentity?, in metadata: inout Metadata) throws {
    switch identity {
    case .certificate(let certificate):
      try metadata.append(certificate.der, for: "x-peer-certificate-bin")
      try metadata.append(Array(certificate.subject.utf8), for: "x-peer-subject-bin")
      for uri in certificate.uris { try metadata.append(uri, for: "x-peer-uri") }
      for name in certificate.dnsNames { try metadata.append(name, for: "x-peer-dns") }
      for email in certificate.emails { try metadata.append(email, for: "x-peer-email") }
    case .process(let process):
      try metadata.append("\(process.uid)", for: "x-peer-uid")
      try metadata.append("\(process.gid)", for: "x-peer-gid")
      try metadata.append("\(process.pid)", for: "x-peer-pid")
    case nil:
      try metadata.append("none", for: "x-peer")
    }
  }

  private static func message(ofSize size: Int32) throws -> KitEchoMsg {
    guard size >= 0 else { throw GRPCStatus(.invalidArgument, "size is negative") }
    return KitEchoMsg.with { $0.blob = [UInt8](repeating: 0, count: Int(size)) }
  }
}
