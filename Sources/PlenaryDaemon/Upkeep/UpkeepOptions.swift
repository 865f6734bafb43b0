internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import PlenaryStore
internal import PlenaryStoreSQLite
internal import Synchronization

/// How a verb of upkeep prints its answer.
enum UpkeepOutput: String, ExpressibleByArgument, CaseIterable {
  /// For people.
  case text
  /// One object, for programs.
  case json
}

/// What the verbs have in common that work on a store which no daemon has open.
struct UpkeepOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A file of settings in YAML, for the place of the data.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("The directory of the records. Default: as for `plenaryd run`.", valueName: "directory"))
  var data: String?

  @Option(help: "How to print the answer: text for people, json for programs.")
  var output = UpkeepOutput.text

  /// The directory of the store.
  func directory() throws -> String {
    // As `plenaryd run` finds it, with file and environment.
    var arguments: [String] = []
    if let config { arguments += ["--config", config] }
    if let data { arguments += ["--data", data] }
    switch try DaemonOptions.parse(arguments).configuration().data {
    case .directory(let path): return path
    case .memory:
      throw DaemonFailure(.usage, "a store in memory ends with its daemon; give the --data of a directory")
    }
  }

  /// Prints an answer: pairs of a key and a value, or lines for people.
  func print(_ pairs: [(key: String, value: Any)], text: [String]) throws {
    switch output {
    case .text: Swift.print(text.joined(separator: "\n"))
    case .json:
      let object = Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
      Swift.print(String(decoding: data, as: UTF8.self))
    }
  }
}

/// How far upkeep has come, on the side and only if a person is looking at it.
final class UpkeepBar: Sendable {
  private static let width = 30

  private let isShown = isatty(STDERR_FILENO) == 1
  private let last = Mutex("")

  /// Who looks on while it is done.
  var watch: UpkeepWatch { UpkeepWatch(isGivenUp: { false }, report: { self.show($0) }) }

  /// Takes the line away.
  func end() {
    guard isShown else { return }
    write("\r\u{1B}[K")
  }

  private func show(_ progress: UpkeepProgress) {
    guard isShown else { return }
    let line = Self.line(progress)
    let isNews = last.withLock { last in
      defer { last = line }
      return last != line
    }
    if isNews { write("\r\u{1B}[K\(line)") }
  }

  /// One line: a bar if it is known how much there is to do.
  static func line(_ progress: UpkeepProgress) -> String {
    let stage = "\(progress.stage.rawValue)".padding(toLength: 10, withPad: " ", startingAt: 0)
    guard progress.total > 0 else { return "\(stage) …" }
    let share = min(1, Double(progress.done) / Double(progress.total))
    let filled = Int(share * Double(width))
    return "\(stage) [\(String(repeating: "#", count: filled))\(String(repeating: "-", count: width - filled))] "
      + "\(Int(share * 100)) %"
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}

extension DaemonFailure {
  /// Says why a piece of upkeep was not done.
  init(upkeepOf path: String, _ error: StoreError) {
    switch error {
    case .unavailable(let reason, _): self.init(.failed, "\(reason); look at the path, and at the rights of this user")
    case .corrupt(let reason): self.init(.failed, "\(path) is damaged: \(reason); nothing was changed")
    case .full: self.init(.failed, "no space is left on the disk for it; free some, and try again")
    case .occupied(let place):
      self.init(.failed, "\(place) is there already; nothing was changed")
    default: self.init(opening: .directory(path), error)
    }
  }
}

extension BackupManifest {
  /// The manifest as it is printed.
  var pairs: [(key: String, value: Any)] {
    [
      ("storeId", identity.id.hexadecimal), ("epoch", Int(identity.epoch)), ("revision", Int(revision.number)),
      ("chain", chain.hexadecimal), ("schema", schema), ("time", time.text), ("byteCount", Int(byteCount)),
      ("sha256", sha256.hexadecimal),
    ]
  }
}

extension VerifyReport {
  /// The report as it is printed.
  var pairs: [(key: String, value: Any)] {
    var pairs: [(key: String, value: Any)] = [
      ("sound", isSound), ("depth", depth.rawValue), ("epoch", Int(identity.epoch)),
      ("revision", Int(revision.number)), ("auditRowCount", auditRowCount), ("versionCount", versionCount),
      ("findings", findings.map(\.description)),
    ]
    if let revision = firstBadRevision { pairs.append(("firstBadRevision", Int(revision.number))) }
    return pairs
  }

  /// The report for people.
  var lines: [String] {
    let summary =
      "revision \(revision), epoch \(identity.epoch): \(auditRowCount) rows of the audit"
      + (depth == .full ? ", \(versionCount) versions" : "")
    guard !isSound else { return ["sound (\(depth.rawValue)): \(summary)"] }
    return ["not sound (\(depth.rawValue)): \(summary)"] + findings.map { "  \($0)" }
  }
}

extension CommitTime {
  /// By RFC 3339.
  var text: String {
    Date(timeIntervalSince1970: Double(microseconds) / 1_000_000).formatted(.iso8601)
  }
}
