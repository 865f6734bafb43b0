internal import Foundation

/// The cores that servers and clients run on, so that they do not take each other's time.
struct Cores {
  private let taskset: String?
  private let server: Int
  private let client: Int

  /// Looks at what this process may use. Without two cores, or without `taskset`, nothing is pinned.
  init() {
    let cores = Self.allowed()
    taskset = cores.count > 1 ? Programs.inPath("taskset") : nil
    server = cores.first ?? 0
    client = cores.last ?? 0
  }

  /// What is written before a server's command.
  var serverPrefix: [String] { prefix(server) }

  /// What is written before a client's command.
  var clientPrefix: [String] { prefix(client) }

  /// For the report.
  var description: String {
    taskset == nil ? "not pinned to cores" : "servers on core \(server), clients on core \(client)"
  }

  private func prefix(_ core: Int) -> [String] {
    taskset.map { [$0, "--cpu-list", "\(core)"] } ?? []
  }

  /// proc(5): `Cpus_allowed_list` names ranges, as in `0-3,6`.
  private static func allowed() -> [Int] {
    // Without the file this is no Linux; then nothing is pinned.
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") })
    else { return [] }
    return line.dropFirst("Cpus_allowed_list:".count).split(separator: ",").flatMap { range -> [Int] in
      let ends = range.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = ends.first, let last = ends.last, first <= last else { return [] }
      return Array(first...last)
    }
  }
}
