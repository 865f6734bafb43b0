internal import Foundation

/// Which files of the checkout people write, and which `generate` does.
enum SourceFiles {
  /// The modules that `dev generate` writes whole. Nothing in them is written by hand.
  static let generatedModules = [
    "CGoogleProto", "CPlenaryProto", "CGRPCProto", "CTestProto", "CHarnessProto",
    "GoogleAPI", "GRPCProtos", "TestProtos", "HarnessProtos", "PlenaryAPI", "PlenaryRPC", "StandardCodes",
  ]

  /// Files that look handwritten but are what the generator is expected to print.
  static let goldens = "Tests/CodeGeneratorTests/Golden"

  /// What the goldens are made from.
  static let goldenProtos = "Tests/CodeGeneratorTests/Protos"

  /// The Swift files that format and lint look after.
  static func handwritten(in checkout: Checkout) -> [String] {
    let generated = (generatedModules.map { "Sources/\($0)" } + [goldens]).map { "\($0)/" }
    return ["Package.swift"]
      + checkout.files(under: ["Sources", "Tests"]).filter { path in
        path.hasSuffix(".swift") && !generated.contains { path.hasPrefix($0) }
      }
  }

  /// The generated modules' files, goldens included, with their bytes: what a check compares before and after.
  static func generated(in checkout: Checkout) throws -> [String: Data] {
    let paths = checkout.files(under: generatedModules.map { "Sources/\($0)" } + [goldens])
    return try Dictionary(
      uniqueKeysWithValues: paths.map { ($0, try Data(contentsOf: checkout.root.appending(path: $0))) })
  }
}
