internal import Foundation

/// The Debian packages that building and testing need.
enum SystemPackages {
  static let needed = [
    // Libraries we link, with their headers.
    "libnghttp2-dev", "libprotobuf-c-dev", "libsqlite3-dev", "zlib1g-dev", "pkg-config",
    // What `dev generate` runs and reads: the compilers and the public protos.
    "protobuf-compiler", "protobuf-c-compiler", "libprotobuf-dev", "grpc-proto",
    // What `dev generate` makes the tables of codes from.
    "iso-codes", "unicode-cldr-core", "tzdata",
    // What tests and benchmarks measure us against.
    "nghttp2-server", "nghttp2-client", "openssl", "python3-venv",
  ]

  /// What `dev check --full` needs besides: gRPC in Java and in Go, whose clients call our servers. Go takes 600 MB.
  static let neededInFull = [
    "default-jdk-headless", "libgrpc-java", "libnetty-java", "libperfmark-java", "libprotobuf-java",
    "protobuf-compiler-grpc-java-plugin",
    "golang-go", "golang-google-grpc-dev", "golang-github-golang-protobuf-1-5-dev", "protoc-gen-go-1-5",
    "protoc-gen-go-grpc",
  ]

  /// Installs what is missing; throws with the line to run where it may not.
  static func install(_ packages: [String] = needed, in checkout: Checkout) throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg-query") else {
      say("    no dpkg here: provide what these Debian packages hold: \(packages.joined(separator: " "))")
      return
    }
    let missing = try Self.missing(of: packages, in: checkout)
    guard !missing.isEmpty else { return }
    let names = missing.joined(separator: " ")
    guard getuid() == 0 else {
      throw Failure(
        "system packages are missing. Run this, then try again:\n"
          + "  sudo apt-get update && sudo apt-get install --yes \(names)")
    }
    say("    installing \(names)")
    let quietly = ["DEBIAN_FRONTEND": "noninteractive"]
    try ChildProcess.run("apt-get", ["update", "--quiet=2"], in: checkout, environment: quietly)
    // Another apt may be at work on a machine that has just started.
    let options = ["install", "--yes", "--quiet=2", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    try ChildProcess.run("apt-get", options + missing, in: checkout, environment: quietly)
  }

  /// The versions in which packages are installed; those that are not have none.
  static func versions(of packages: [String], in checkout: Checkout) throws -> [String: String] {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg-query") else { return [:] }
    let report = try ChildProcess.output(
      of: "dpkg-query", ["--show", "--showformat", "${Package} ${Version} ${db:Status-Status}\n"] + packages,
      in: checkout, discardingErrors: true)
    let lines = report.text.split(separator: "\n").map { $0.split(separator: " ") }
    return Dictionary(
      lines.filter { $0.count == 3 && $0[2] == "installed" }.map { (String($0[0]), String($0[1])) },
      uniquingKeysWith: { first, _ in first })
  }

  private static func missing(of packages: [String], in checkout: Checkout) throws -> [String] {
    let format = "${Package} ${db:Status-Status}\n"
    // Exit code 1 only says that some are unknown: those have no line.
    let report = try ChildProcess.output(
      of: "dpkg-query", ["--show", "--showformat", format] + packages, in: checkout, discardingErrors: true)
    let installed = Set(
      report.text.split(separator: "\n").filter { $0.hasSuffix(" installed") }
        .compactMap { $0.split(separator: " ").first.map(String.init) })
    return packages.filter { !installed.contains($0) }
  }
}
