internal import ArgumentParser
internal import Foundation
internal import SocketTransport

/// The options that say where a daemon listens and where its data are.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where to listen: HOST:PORT, :PORT (this machine alone) or unix:PATH; port 0 picks one. May be repeated. "
        + "Default: \(DaemonConfiguration.defaultListen).", valueName: "address"))
  var listen: [String] = []

  @Option(
    help: ArgumentHelp(
      "The directory of the records, or \(DaemonConfiguration.memoryData) to keep them for this run only. "
        + "Default: plenary in the user's data directory ($XDG_DATA_HOME or ~/.local/share).",
      valueName: "directory"))
  var data: String?

  @Flag(help: "Accept that whoever reaches the port can read and change everything.")
  var insecure = false

  @Option(help: ArgumentHelp("The event loops: threads that serve connections, 1 to 256.", valueName: "count"))
  var threads = 1

  @Option(help: ArgumentHelp("How long calls under way may take after SIGTERM, 0 to 3600.", valueName: "seconds"))
  var grace = 10

  func validate() throws {
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads is \(threads); it must be from 1 to 256")
    }
    guard (0...3600).contains(grace) else { throw ValidationError("--grace is \(grace); it must be from 0 to 3600") }
    guard data?.isEmpty != true else { throw ValidationError("--data is empty; it must name a directory") }
  }

  /// What the options ask for.
  func configuration() throws(DaemonFailure) -> DaemonConfiguration {
    let data = data ?? DaemonConfiguration.defaultData(environment: ProcessInfo.processInfo.environment)
    var configuration = DaemonConfiguration(listen: try addresses(), data: DaemonConfiguration.location(data))
    configuration.isInsecure = insecure
    configuration.threads = threads
    configuration.grace = .seconds(grace)
    try configuration.check()
    return configuration
  }

  private func addresses() throws(DaemonFailure) -> [TransportAddress] {
    do throws(TransportAddressError) {
      var addresses: [TransportAddress] = []
      for text in listen.isEmpty ? [DaemonConfiguration.defaultListen] : listen {
        addresses.append(try TransportAddress(parsing: text))
      }
      return addresses
    } catch {
      throw DaemonFailure(.usage, "--listen: \(error)")
    }
  }
}
