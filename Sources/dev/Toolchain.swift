internal import Foundation

/// The Swift toolchain that the package needs.
enum Toolchain {
  /// `Task.immediate` and the strict memory safety that the targets switch on need this one.
  static let oldest = (major: 6, minor: 3)

  static func check(in checkout: Checkout) throws {
    let report = try ChildProcess.output(of: "swift", ["--version"], in: checkout).text
    guard let found = report.firstMatch(of: /Swift version (\d+)\.(\d+)/),
      let major = Int(found.1), let minor = Int(found.2)
    else { throw Failure("cannot read the version that `swift --version` prints: \(report)") }
    guard (major, minor) >= oldest else {
      throw Failure("Swift \(major).\(minor) is too old: install Swift \(oldest.major).\(oldest.minor) or later")
    }
  }
}
