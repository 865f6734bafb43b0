internal import Foundation
internal import Logging

/// Writes the daemon's log to standard error, a line an entry: the time, the level, the name of the event, and keys.
///
/// An entry leaves in one write, so those of several threads never mix within a line.
struct DaemonLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]

  /// The level is the daemon's and not a handler's own, so that a signal changes it for all of them.
  var logLevel: Logger.Level {
    get { levels.level }
    nonmutating set {}
  }

  private let levels: LogSwitch
  private let format: LogFormat
  private let write: @Sendable (String) -> Void

  init(_ levels: LogSwitch, _ format: LogFormat, write: @escaping @Sendable (String) -> Void = Self.standardError) {
    self.levels = levels
    self.format = format
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let keys = metadata.merging(event.metadata ?? [:]) { _, own in own }
    let time = Date().formatted(.iso8601WithFractionalSeconds)
    switch format {
    case .text: write(Self.text(time, event, keys))
    case .json: write(Self.json(time, event, keys))
    }
  }

  private static func text(_ time: String, _ event: LogEvent, _ keys: Logger.Metadata) -> String {
    let pairs = keys.sorted { $0.key < $1.key }.map { key, value in
      let text = "\(value)"
      // What others sent may hold spaces and line breaks, and must not look like keys of its own.
      return text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F && $0 != "\"" })
        ? "\(key)=\(text)" : "\(key)=\(text.debugDescription)"
    }
    return ([time, "\(event.level)", "\(event.message)"] + pairs).joined(separator: " ") + "\n"
  }

  private static func json(_ time: String, _ event: LogEvent, _ keys: Logger.Metadata) -> String {
    var object = keys.mapValues { "\($0)" }
    object["time"] = time
    object["level"] = "\(event.level)"
    object["event"] = "\(event.message)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts can always be encoded.
    let line = (try? encoder.encode(object)) ?? Data()
    return String(decoding: line, as: UTF8.self) + "\n"
  }

  @Sendable private static func standardError(_ line: String) {
    // A log that cannot be written has nowhere to tell that.
    try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
  }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
  /// `2018-11-07T09:30:00.123Z`
  fileprivate static var iso8601WithFractionalSeconds: Self {
    Date.ISO8601FormatStyle(includingFractionalSeconds: true)
  }
}
