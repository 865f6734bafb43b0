internal import Foundation

/// A running server whose CPU time is read around the load it gets.
final class MeasuredServer {
  /// Where it listens: `HOST:PORT`.
  let address: String
  let clock: ProcessCPUClock
  private let process: ChildProcess

  private init(_ process: ChildProcess, address: String) throws {
    self.process = process
    self.address = address
    clock = try ProcessCPUClock(of: process.processID)
  }

  /// Starts a server of ours and waits for its ready line.
  static func start(_ command: [String], named name: String, pinnedBy prefix: [String] = []) throws -> MeasuredServer {
    let process = try ChildProcess(prefix + command, named: name)
    do {
      while let line = try process.nextLine() {
        guard let address = try readyAddress(line) else { continue }
        return try MeasuredServer(process, address: address)
      }
    } catch {
      process.stop()
      throw error
    }
    throw Failure("\(name) stopped with exit code \(process.wait()) before it served; its reason stands above")
  }

  /// Starts nghttp2's server of static files over a folder.
  static func nghttpd(
    serving folder: URL, certificate: Certificate? = nil, pinnedBy prefix: [String]
  ) throws -> MeasuredServer {
    let program = try Programs.needed("nghttpd", package: "nghttp2-server")
    let port = try FreePort.find()
    var command = prefix + [program, "--workers=1", "--address=127.0.0.1", "--htdocs=\(folder.path)"]
    if let certificate {
      command += ["\(port)", certificate.keyFile, certificate.certificateFile]
    } else {
      command += ["--no-tls", "\(port)"]
    }
    let process = try ChildProcess(command, named: "nghttpd")
    // It does not say when it listens, so it is tried until it does.
    let limit = ContinuousClock.now + .seconds(10)
    while process.isRunning, ContinuousClock.now < limit {
      if try FreePort.isTaken(port) { return try MeasuredServer(process, address: "127.0.0.1:\(port)") }
      Thread.sleep(forTimeInterval: 0.01)
    }
    throw Failure("nghttpd did not serve on port \(port); it ended with exit code \(process.stop())")
  }

  var processID: pid_t { process.processID }

  /// The port of the address.
  var port: UInt16 {
    get throws {
      guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
        throw Failure("\(address) has no port")
      }
      return port
    }
  }

  /// Ends it, and returns its exit code.
  @discardableResult
  func stop() -> CInt { process.stop() }

  /// The address in a server's ready line; nil for any other event.
  private static func readyAddress(_ line: String) throws -> String? {
    struct Event: Decodable {
      let event: String
      let listen: String?
    }
    let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
    return event.event == "ready" ? event.listen : nil
  }
}
