internal import ArgumentParser
internal import Foundation

/// The options that say how a daemon runs. They count more than the environment, and that more than the file.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file of settings in YAML. Default: \(ConfigurationSources.fileVariable), else none.", valueName: "file"))
  var config: String?

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

  @Option(
    help: ArgumentHelp(
      "Keep a copy of the registry at this address, HOST:PORT or unix:PATH: reads are answered, writes refused.",
      valueName: "address"))
  var follow: String?

  @Flag(help: "Accept that whoever reaches the port can read and change everything.")
  var insecure = false

  @Option(help: ArgumentHelp("The event loops, each a thread with its share of the connections.", valueName: "count"))
  var threads: String?

  @Option(help: ArgumentHelp("How long calls under way may take once it stops, such as 10s.", valueName: "time"))
  var grace: String?

  @Option(help: ArgumentHelp("From which level on to log: trace, debug, info, warning, error …", valueName: "level"))
  var logLevel: String?

  @Option(
    help: ArgumentHelp(
      "Any setting by its key, such as server.threads=2. May be repeated; `plenaryd validate --keys` lists them.",
      valueName: "key=value"))
  var set: [String] = []

  /// What file, environment and options ask for.
  func configuration() throws(DaemonFailure) -> DaemonConfiguration {
    let environment = ProcessInfo.processInfo.environment
    let defaults = DaemonConfiguration.defaults(environment: environment)
    let result: Result<DaemonConfiguration, ConfigurationProblems>
    do throws(ConfigurationProblem) {
      result = try ConfigurationSources(file: config, environment: environment, flags: flags())
        .configuration(from: defaults)
    } catch {
      throw DaemonFailure(.usage, "\(error)")
    }
    switch result {
    case .success(let configuration):
      try configuration.check()
      return configuration
    case .failure(let problems):
      throw DaemonFailure(.usage, problems.all.map(\.description).joined(separator: "\nerror: "))
    }
  }

  private func flags() throws(ConfigurationProblem) -> [(name: String, texts: [String], flag: String)] {
    var flags: [(name: String, texts: [String], flag: String)] = []
    for setting in set {
      guard let sign = setting.firstIndex(of: "=") else {
        throw ConfigurationProblem("--set \(setting): it has no =; write --set key=value")
      }
      flags.append((String(setting[..<sign]), [String(setting[setting.index(after: sign)...])], "--set"))
    }
    if !listen.isEmpty { flags.append(("listen", listen, "--listen")) }
    for (name, value, flag) in [
      ("data", data, "--data"), ("follow.leader", follow, "--follow"), ("server.threads", threads, "--threads"),
      ("server.grace", grace, "--grace"),
      ("log.level", logLevel, "--log-level"),
    ] {
      if let value { flags.append((name, [value], flag)) }
    }
    if insecure { flags.append(("insecure", ["true"], "--insecure")) }
    return flags
  }
}
