internal import ArgumentParser
internal import Foundation
internal import Synchronization

/// `dev test`: what CI runs for a change.
struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Everything CI runs for a change: bootstrap, lint, generate check, build, tests.",
    discussion: """
      Examples:

        swift run dev test
        swift run dev test --filter 'HTTP2Tests|GRPCRuntimeTests'
        swift run dev test --sanitize thread
      """)

  @Option(help: "Build, and run only the Swift tests whose names match this regular expression.")
  var filter: String?

  @Option(help: "Build, and run only the Swift tests, with a sanitizer that watches them: thread or address.")
  var sanitize: Sanitizer?

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("bootstrap") { try Bootstrap.prepare(checkout) }
    if let sanitize { return try Test.runSwift(of: checkout, filter: filter, sanitizer: sanitize) }
    if filter == nil {
      try step("lint") { try Lint.check(checkout) }
      try step("generate check") { try Test.checkGenerated(in: checkout) }
    }
    try Test.runSuites(of: checkout, filter: filter)
  }

  /// Builds everything, then runs the Python suites and the Swift tests; those come last, as CI reads their last line.
  /// In full, the Python suites have also what takes minutes, and clients in other languages.
  static func runSuites(of checkout: Checkout, filter: String?, full: Bool = false) throws {
    try runSwift(of: checkout, filter: filter) {
      if filter == nil { try runPythonSuites(of: checkout, full: full) }
    }
  }

  /// Builds, does what has to come before the Swift tests, and runs those.
  static func runSwift(
    of checkout: Checkout, filter: String?, sanitizer: Sanitizer? = nil, after prelude: () throws -> Void = {}
  ) throws {
    let variant = sanitizer?.options ?? []
    try step("build") { try ChildProcess.run("swift", ["build", "--build-tests"] + variant, in: checkout) }
    try prelude()
    say("==> swift test")
    // Without XCTest, whose report of zero tests would otherwise stand below ours.
    let options = ["test", "--skip-build", "--disable-xctest"] + variant + (sanitizer == nil ? [] : ["--no-parallel"])
    let report = Mutex(SwiftTestReport())
    do {
      try ChildProcess.run("swift", options + (filter.map { ["--filter", $0] } ?? []), in: checkout) { line in
        if let shown = report.withLock({ $0.shown(for: line) }) { say(shown) }
      }
    } catch {
      for line in report.withLock({ $0.summary }) { say(line) }
      throw error
    }
  }

  private static func runPythonSuites(of checkout: Checkout, full: Bool) throws {
    let suites = Set(
      checkout.files(under: ["Tests"])
        .filter { $0.contains("/python/test_") && $0.hasSuffix(".py") }
        .map { ($0 as NSString).deletingLastPathComponent })
    guard !suites.isEmpty else { return }
    let options = ["-m", "pytest", "--quiet", "-p", "no:cacheprovider"] + (full ? ["--full"] : [])
    try step("pytest") {
      try ChildProcess.run(
        checkout.python("python"), options + suites.sorted(), in: checkout,
        environment: ["PLENARY_BIN": checkout.path(".build/debug"), "PYTHONDONTWRITEBYTECODE": "1"])
    }
  }

  /// Runs the generator and fails if it changed anything: what is committed must be what the protos say.
  private static func checkGenerated(in checkout: Checkout) throws {
    let before = try SourceFiles.generated(in: checkout)
    try Generate.run(in: checkout)
    let after = try SourceFiles.generated(in: checkout)
    let stale = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }.sorted()
    guard stale.isEmpty else {
      throw Failure(
        "generated code was stale and is now rewritten; commit it:\n  " + stale.joined(separator: "\n  "))
    }
  }
}

/// What watches a run of the Swift tests: for races between threads, or for bad use of memory.
enum Sanitizer: String, ExpressibleByArgument, CaseIterable {
  case thread, address

  /// The options of `swift build` and `swift test`. Each sanitizer has a build of its own beside the usual one. Under it
  /// tests take many times as long, so they run one after another, each within its own time.
  var options: [String] {
    ["--sanitize=\(rawValue)", "--scratch-path", ".build-\(rawValue)", "-Xswiftc", "-DSANITIZED"]
  }
}
