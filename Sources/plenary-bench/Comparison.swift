internal import Foundation

/// A call of one of our servers beside nghttpd, which sends as many bytes from a file.
///
/// nghttpd is measured twice: asked with the same request, POST and body, so that both servers receive and send the same
/// bytes; and with a plain GET, the least that an HTTP/2 exchange costs it.
struct Comparison {
  /// What is measured: `GetDialogue`.
  let title: String
  let server: MeasuredServer
  let path: String
  /// The request message, encoded.
  let request: [UInt8]
  /// How many messages an answer has; figures are for one of them.
  var messages = 1
  let cores: Cores
  /// With it both servers speak TLS.
  var certificate: Certificate?

  /// Measures all shapes, interleaved round by round.
  func run(_ options: RoundOptions) throws -> ComparisonReport {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let body = try folder.write(GRPCFrame.framed(request), to: "request")
    let load = try LoadGenerator(pinnedBy: cores.clientPrefix)
    let scheme = certificate == nil ? "http" : "https"
    var ours = LoadGenerator.Target(url: "\(scheme)://\(server.address)\(path)", body: body)
    // The length is learnt from the wire, where header and trailers do not count, and every answer must have it.
    let answerBytes = try load.run(LoadShape(connections: 1, streams: 1, requests: 1), at: ours)
    guard answerBytes > GRPCFrame.prefixBytes else {
      throw Failure("\(title) was answered without a message: call it with a gRPC client to see its status")
    }
    ours.answerBytes = answerBytes
    try folder.write([UInt8](repeating: 0x78, count: answerBytes), to: "answer")
    let nghttpd = try MeasuredServer.nghttpd(
      serving: folder.url, certificate: certificate, pinnedBy: cores.serverPrefix)
    defer { nghttpd.stop() }
    let file = "\(scheme)://\(nghttpd.address)/answer"
    let contestants = [
      Contestant(clock: server.clock, target: ours),
      Contestant(clock: nghttpd.clock, target: .init(url: file, body: body, answerBytes: answerBytes)),
      Contestant(clock: nghttpd.clock, target: .init(url: file, answerBytes: answerBytes)),
    ]
    let shapes = LoadShape.all(requests: options.requests)
    var times = shapes.map { _ in contestants.map { _ in [Double]() } }
    var latencies = contestants.map { _ in [Double]() }
    let log = folder.url.appending(path: "log")
    // Before the first round everybody fills caches and tables.
    for round in -1..<options.rounds {
      for (index, shape) in shapes.enumerated() {
        for turn in contestants.indices {
          // Whoever goes first in one round goes last in the next.
          let contestant = (turn + max(round, 0)) % contestants.count
          let microseconds = try contestants[contestant].measure(shape, load, log: shape.isOneAtATime ? log : nil)
          guard round >= 0 else { continue }
          times[index][contestant].append(microseconds / Double(messages))
          if shape.isOneAtATime { latencies[contestant].append(try LoadGenerator.medianTime(in: log)) }
        }
      }
    }
    return ComparisonReport(
      benchmark: title, requestBytes: request.count + GRPCFrame.prefixBytes, answerBytes: answerBytes,
      messages: messages, rounds: options.rounds, cores: cores.description,
      tls: certificate.map { _ in Certificate.description },
      latency: .init(ours: latencies[0], samePost: latencies[1]),
      shapes: zip(shapes, times).map { .init(shape: $0, ours: $1[0], samePost: $1[1], plainGet: $1[2]) })
  }

  private struct Contestant {
    let clock: ProcessCPUClock
    let target: LoadGenerator.Target

    /// The server's CPU time for one request, in microseconds.
    func measure(_ shape: LoadShape, _ load: LoadGenerator, log: URL?) throws -> Double {
      let start = try clock.now()
      try load.run(shape, at: target, log: log)
      return try (clock.now() - start) / .microseconds(shape.requests)
    }
  }
}

/// gRPC PROTOCOL-HTTP2, "Requests": Length-Prefixed-Message, uncompressed.
enum GRPCFrame {
  static let prefixBytes = 5

  static func framed(_ message: [UInt8]) -> [UInt8] {
    let length = UInt32(message.count)
    return [0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + message
  }
}
