internal import Foundation

/// A `plenaryd` on this machine with its data under `.build/quickstart`: started here, or by an earlier quickstart.
struct LocalDaemon {
  private static let folder = ".build/quickstart"
  /// The address that the daemon of this folder serves; removed when it stops.
  private static let addressFile = ".build/quickstart/address"

  let address: String
  /// The daemon's process if this command started it.
  private let process: ChildProcess?
  private let checkout: Checkout

  var isOurs: Bool { process != nil }

  static func reusingOrStarting(in checkout: Checkout, listen: String) throws -> LocalDaemon {
    if let address = try addressOfRunning(in: checkout) {
      say("    already serving at \(address)")
      return LocalDaemon(address: address, process: nil, checkout: checkout)
    }
    return try start(in: checkout, listen: listen)
  }

  /// Asks the daemon to drain, and waits until it has.
  func stop() {
    process?.terminate()
    wait()
  }

  /// Waits for the daemon to end, by `stop` or by the Ctrl-C that reaches it through us.
  func wait() {
    guard let process else { return }
    _ = process.wait()
    // Without the file nobody looks for the daemon; a file that cannot be removed costs the next start one question.
    try? FileManager.default.removeItem(atPath: checkout.path(Self.addressFile))
  }

  /// A daemon that was killed leaves its file behind, and another may serve at its address since: it has to be the one
  /// that holds the folder, and to answer.
  private static func addressOfRunning(in checkout: Checkout) throws -> String? {
    // No file is the usual state: no daemon serves this folder.
    guard let text = try? String(contentsOfFile: checkout.path(addressFile), encoding: .utf8) else { return nil }
    let parts = text.split(separator: " ")
    guard parts.count == 2, try holder(of: "\(folder)/data", in: checkout) == parts[1] else { return nil }
    let address = String(parts[0])
    let status = try ChildProcess.output(
      of: checkout.product("plenary"), ["status", "--server", address], in: checkout, discardingErrors: true)
    return status.exitCode == 0 ? address : nil
  }

  /// The number of the process that has a data directory in use; empty if there is none.
  private static func holder(of data: String, in checkout: Checkout) throws -> String {
    let report = try ChildProcess.output(
      of: checkout.product("plenaryd"), ["validate", "--data", data], in: checkout, discardingErrors: true)
    guard let range = report.text.firstRange(of: "in use by process ") else { return "" }
    return String(report.text[range.upperBound...].prefix { $0.isNumber })
  }

  private static func start(in checkout: Checkout, listen: String) throws -> LocalDaemon {
    try FileManager.default.createDirectory(atPath: checkout.path(folder), withIntermediateDirectories: true)
    let daemon = ChildProcess(
      checkout.product("plenaryd"), ["run", "--listen", listen, "--data", "\(folder)/data"], in: checkout)
    let output = daemon.pipeOutput()
    try daemon.start()
    guard let address = try readyAddress(from: output) else {
      throw Failure("plenaryd stopped with exit code \(daemon.wait()) before it served; its reason stands above")
    }
    try "\(address) \(daemon.processID)".write(
      toFile: checkout.path(addressFile), atomically: true, encoding: .utf8)
    say("    serving at \(address)")
    return LocalDaemon(address: address, process: daemon, checkout: checkout)
  }

  /// The address in the JSON line that the daemon prints when it serves, nil if it ended without one.
  private static func readyAddress(from output: FileHandle) throws -> String? {
    struct Event: Decodable {
      var event: String
      var listen: String
    }
    var line = Data()
    while let byte = try output.read(upToCount: 1), let character = byte.first {
      guard character == UInt8(ascii: "\n") else {
        line.append(character)
        continue
      }
      let event = try JSONDecoder().decode(Event.self, from: line)
      if event.event == "ready" { return event.listen }
      line = Data()
    }
    return nil
  }
}
