internal import ArgumentParser
internal import Foundation
internal import PlenaryStore
internal import PlenaryStoreSQLite
internal import SocketTransport
internal import Synchronization

/// `plenaryd validate`
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Check the options and the store without serving; changes nothing.",
    discussion: """
      Examples:

        plenaryd validate --config /etc/plenary/plenaryd.yaml
        plenaryd validate --data /var/lib/plenary
        plenaryd validate --keys
      """)

  @OptionGroup
  var options: DaemonOptions

  @Flag(help: "List every setting with what is allowed, and check nothing.")
  var keys = false

  func run() throws {
    if keys { return print(ConfigurationReference.lines.joined(separator: "\n")) }
    let configuration = try options.configuration()
    // First everything is looked at, so that a failure stands alone.
    let warnings = try checkCertificates(configuration)
    _ = try configuration.jwt.issuer()
    _ = try RevocationWatch.Lists(configuration.tls.revocations, at: configuration.inputs.now())
    let data = try StoreInspection(configuration).summary()
    for address in configuration.listen { print("listen: \(address)") }
    print("data: \(data)")
    if let leader = configuration.follow.leader { print("follow: \(leader)") }
    for warning in warnings { print("warning: \(warning)") }
  }

  /// Reads the files of TLS, and returns what is no mistake and should be looked at.
  private func checkCertificates(_ configuration: DaemonConfiguration) throws(DaemonFailure) -> [String] {
    guard let tls = try configuration.tls.configuration() else { return [] }
    let warnings = Mutex<[String]>([])
    do throws(TransportError) {
      _ = try TLSServerCredentials(tls) { warning in warnings.withLock { $0.append(warning) } }
    } catch {
      throw DaemonFailure(.failed, error.message)
    }
    return warnings.withLock { $0 }
  }
}

/// A look at the place of a store.
private struct StoreInspection {
  let configuration: DaemonConfiguration

  init(_ configuration: DaemonConfiguration) {
    self.configuration = configuration
  }

  /// What is there, in one line.
  func summary() throws(DaemonFailure) -> String {
    guard case .directory(let path) = configuration.data else { return "in memory, for one run" }
    do throws(StoreError) {
      switch try SQLiteStore.condition(ofDirectory: path) {
      case .ready(let schema): return "\(path), a store of schema \(schema)"
      case .inUse(let process): return "\(path), in use by \(process.map { "process \($0)" } ?? "another process")"
      case .missing: break
      }
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
    try checkPlace(path)
    return "\(path), where the first run makes a store"
  }

  /// Checks that a store could be made there.
  private func checkPlace(_ path: String) throws(DaemonFailure) {
    var place = URL(filePath: path, directoryHint: .isDirectory)
    while !FileManager.default.fileExists(atPath: place.path) { place.deleteLastPathComponent() }
    // Where nothing is known of it, it is no directory.
    let isDirectory = (try? place.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
    guard isDirectory, FileManager.default.isWritableFile(atPath: place.path) else {
      throw DaemonFailure(
        .failed,
        "the data directory \(path) cannot be made: \(place.path) is no directory that plenaryd may write to; "
          + "give another --data")
    }
  }
}
