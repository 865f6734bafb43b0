internal import Foundation

/// Sends requests with h2load, nghttp2's load generator, and judges the answers.
struct LoadGenerator {
  private let program: String
  private let prefix: [String]

  init(pinnedBy prefix: [String]) throws {
    program = try Programs.needed("h2load", package: "nghttp2-client")
    self.prefix = prefix
  }

  /// What is asked of a server.
  struct Target {
    let url: String
    /// The file of the body to POST as a gRPC call; nil for a GET.
    var body: URL?
    /// The bytes of DATA in each answer; nil while that is not known.
    var answerBytes: Int?
    /// Further headers, as `name: value`.
    var headers: [String] = []
  }

  /// Sends all requests of a shape and returns the bytes of DATA in each answer.
  ///
  /// Throws unless every request succeeded with status 200 and every answer had the length that was expected. With a log
  /// h2load writes there how long each request took.
  @discardableResult
  func run(_ shape: LoadShape, at target: Target, log: URL? = nil) throws -> Int {
    var command = prefix + [program, "--requests=\(shape.requests)", "--clients=\(shape.connections)"]
    command += ["--max-concurrent-streams=\(shape.streams)", "--threads=1"]
    if let log { command.append("--log-file=\(log.path)") }
    if let body = target.body {
      command += ["--data=\(body.path)", "--header=content-type: application/grpc", "--header=te: trailers"]
    }
    command += target.headers.map { "--header=\($0)" }
    let isSecure = target.url.hasPrefix("https:")
    if isSecure { command += ["--tls13-ciphers=\(Certificate.cipher)", "--groups=\(Certificate.group)"] }
    let text = try ChildProcess(command + [target.url], named: "h2load").outputOfSuccess()
    let succeeded = try Self.number(in: text, /(\d+) succeeded/)
    let answeredOK = try Self.number(in: text, /status codes: (\d+) 2xx/)
    guard succeeded == shape.requests, answeredOK == shape.requests else {
      throw Failure("of \(shape.requests) requests to \(target.url) \(min(succeeded, answeredOK)) succeeded:\n\(text)")
    }
    if isSecure {
      let expected = ["TLS Protocol: \(Certificate.protocolVersion)\n", "Cipher: \(Certificate.cipher)\n"]
      guard expected.allSatisfy(text.contains) else {
        throw Failure("\(target.url) does not speak \(Certificate.description):\n\(text)")
      }
    }
    let (each, rest) = try Self.number(in: text, /\((\d+)\) data/).quotientAndRemainder(dividingBy: shape.requests)
    guard rest == 0, each == target.answerBytes ?? each else {
      throw Failure("answers of \(target.url) differ in length: \(each) bytes and \(rest) over:\n\(text)")
    }
    return each
  }

  /// The median of what a log says of the requests, in microseconds.
  ///
  /// h2load(1), "--log-file": a line a request, of its start, its status and its time.
  static func medianTime(in log: URL) throws -> Double {
    let times = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map { line -> Double in
      guard let time = line.split(separator: "\t").dropFirst(2).first.flatMap({ Double($0) }) else {
        throw Failure("h2load logged what this benchmark cannot read: \(line)")
      }
      return time
    }
    guard !times.isEmpty else { throw Failure("h2load logged no request") }
    return Spread(times).median
  }

  private static func number(in text: String, _ pattern: Regex<(Substring, Substring)>) throws -> Int {
    guard let match = try pattern.firstMatch(in: text), let number = Int(match.1) else {
      throw Failure("h2load printed what this benchmark cannot read:\n\(text)")
    }
    return number
  }
}
