internal import ArgumentParser
internal import Foundation

/// `dev generate`
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the C and Swift of all protos, and the tables of codes.",
    discussion: """
      The generator is built from this checkout. protoc and protoc-c must have
      the versions that the committed files were made with; nothing is fetched,
      bootstrap has brought the protos of other projects and the registers of
      codes. A second run changes nothing.
      """)

  func run() throws {
    let checkout = try Checkout.enclosing()
    try step("generate") { try Generate.run(in: checkout) }
  }

  /// Does the work for this command and for those that include it.
  static func run(in checkout: Checkout) throws {
    try CodeTables.generate(in: checkout)
    try ProtoTools.buildGenerator(in: checkout)
    try run(for: GeneratedModule.all(in: checkout), staging: ".build/generate", in: checkout)
  }

  /// Makes and puts in place the files of some modules.
  /// - Parameter products: where the generator lies, if not where `swift build` leaves it.
  static func run(
    for modules: [GeneratedModule], staging: String, in checkout: Checkout, products: String? = nil
  ) throws {
    try stage(modules, in: staging, of: checkout, products: products)
    for module in modules {
      for target in module.targets { try checkout.mirror("\(staging)/\(target)", to: "\(module.folder)/\(target)") }
    }
  }

  /// Makes the files of some modules in a folder of their own.
  static func stage(
    _ modules: [GeneratedModule], in staging: String, of checkout: Checkout, products: String? = nil
  ) throws {
    try ProtoTools.check(in: checkout)
    let tools = try ProtoTools(in: checkout, products: products)
    try checkout.recreate(staging)
    try tools.describe(modules.flatMap(\.protos), staging: staging)
    for module in modules { try tools.generate(module, staging: staging) }
  }
}

extension Checkout {
  /// An empty folder in place of whatever was there.
  fileprivate func recreate(_ folder: String) throws {
    if exists(folder) { try FileManager.default.removeItem(atPath: path(folder)) }
    try FileManager.default.createDirectory(atPath: path(folder), withIntermediateDirectories: true)
  }

  /// Makes `target` equal to `source`; a file that is equal already keeps its date, so that nothing is built again.
  fileprivate func mirror(_ source: String, to target: String) throws {
    let wanted = Set(files(under: [source]).map { String($0.dropFirst(source.count + 1)) })
    for stale in files(under: [target]) where !wanted.contains(String(stale.dropFirst(target.count + 1))) {
      try FileManager.default.removeItem(atPath: path(stale))
    }
    for file in wanted {
      let content = try Data(contentsOf: root.appending(path: "\(source)/\(file)"))
      let destination = root.appending(path: "\(target)/\(file)")
      // A file that is not there yet is the usual state of a new proto.
      guard (try? Data(contentsOf: destination)) != content else { continue }
      try FileManager.default.createDirectory(
        at: destination.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: destination)
    }
  }
}
