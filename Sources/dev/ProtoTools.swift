internal import Foundation

/// protoc, protoc-c and our own generator, and where they find protos.
struct ProtoTools {
  // Other versions write other files.
  private static let protocVersion = "libprotoc 3.21.12"
  private static let protocCVersion = "protobuf-c 1.4.1"

  private let checkout: Checkout
  private let importRoots: [String]

  private let generator: String

  init(in checkout: Checkout, products: String? = nil) throws {
    self.checkout = checkout
    generator = products.map { "\($0)/protoc-gen-plenary-swift" } ?? checkout.product("protoc-gen-plenary-swift")
    importRoots = try Self.importRoots(in: checkout)
  }

  static func buildGenerator(in checkout: Checkout) throws {
    try ChildProcess.run("swift", ["build", "--product", "protoc-gen-plenary-swift"], in: checkout)
  }

  /// Roots of imports: ours before those of packages (Decisions/0002).
  static func importRoots(in checkout: Checkout) throws -> [String] {
    let packages = try pythonPackages(in: checkout)
    return [
      "Protos", SourceFiles.goldenProtos, try renamed(in: packages, of: checkout), packages, "/usr/include",
      "/usr/share/grpc-proto",
    ]
  }

  /// A root with operations.proto, which googleapis-common-protos has under another name than that it is imported by.
  private static func renamed(in packages: String, of checkout: Checkout) throws -> String {
    let root = ".build/renamed-protos"
    let target = checkout.root.appending(path: "\(root)/google/longrunning/operations.proto")
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(contentsOf: URL(filePath: "\(packages)/google/longrunning/operations_proto.proto")).write(to: target)
    return root
  }

  static func check(in checkout: Checkout) throws {
    for (tool, version) in [("protoc", protocVersion), ("protoc-c", protocCVersion)] {
      let found = try ChildProcess.output(of: tool, ["--version"], in: checkout).text
      guard found.split(separator: "\n").first.map(String.init) == version else {
        let shown = found.isEmpty ? "nothing" : found.split(separator: "\n").joined(separator: ", ")
        throw Failure("\(tool) must be \(version), as in Debian 12; `\(tool) --version` says \(shown)")
      }
    }
  }

  /// Writes the descriptors of the protos and of all they import, as published and as protoc-c needs them.
  func describe(_ protos: [String], staging: String) throws {
    try ChildProcess.run(
      "protoc",
      importRoots.map { "-I\($0)" }
        + ["--include_imports", "--include_source_info", "--descriptor_set_out=\(staging)/published.binpb"]
        + ["protobuf-c/protobuf-c.proto"] + protos, in: checkout)
    try ChildProcess.run(
      "sh",
      ["-c", "\"$0\" rewrite < \(staging)/published.binpb > \(staging)/rewritten.binpb", generator], in: checkout)
  }

  /// Writes the C and the Swift of one module below `staging`.
  func generate(_ module: GeneratedModule, staging: String) throws {
    for target in module.targets {
      try FileManager.default.createDirectory(
        atPath: checkout.path("\(staging)/\(target)"), withIntermediateDirectories: true)
    }
    let cFolder = "\(staging)/\(module.cTarget)"
    try ChildProcess.run(
      "protoc", ["--descriptor_set_in=\(staging)/rewritten.binpb", "--c_out=\(cFolder)"] + module.protos, in: checkout)
    try moveHeaders(of: cFolder)
    try runGenerator("descriptors-c", module, into: module.cTarget, staging: staging)
    try runGenerator("messages", module, into: module.swiftTarget, staging: staging)
    try runGenerator("descriptors", module, into: module.swiftTarget, staging: staging)
    try runGenerator("services", module, into: module.serviceTarget, staging: staging)
  }

  private func runGenerator(
    _ emission: String, _ module: GeneratedModule, into target: String, staging: String
  ) throws {
    try ChildProcess.run(
      "protoc",
      [
        "--descriptor_set_in=\(staging)/published.binpb", "--plugin=protoc-gen-plenary-swift=\(generator)",
        "--plenary-swift_opt=emit=\(emission)", "--plenary-swift_out=\(staging)/\(target)",
      ] + module.protos, in: checkout)
  }

  /// Headers lie where SwiftPM looks for a C target's public ones.
  private func moveHeaders(of folder: String) throws {
    for header in checkout.files(under: [folder]) where header.hasSuffix(".h") {
      let destination = checkout.root.appending(path: "\(folder)/include\(header.dropFirst(folder.count))")
      try FileManager.default.createDirectory(
        at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.moveItem(at: checkout.root.appending(path: header), to: destination)
    }
  }

  /// Where `bootstrap` has put googleapis-common-protos.
  private static func pythonPackages(in checkout: Checkout) throws -> String {
    let script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    guard checkout.exists(".build/venv/bin/python") else {
      throw Failure("the protos of google.api are not here yet: run `swift run dev bootstrap` first")
    }
    let found = try ChildProcess.output(of: checkout.python("python"), ["-c", script], in: checkout)
    return found.text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
