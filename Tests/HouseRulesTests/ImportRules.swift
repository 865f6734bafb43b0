@testable internal import dev

/// Which module may import which: the table of the handbook's Architecture page, as data.
enum ImportRules {
  static let systemLibraries: Set = ["CNghttp2", "CProtobufC", "CSQLite3", "CZlib"]

  private static let nio: Set = ["NIOCore", "NIOPosix"]
  private static let calls: Set = ["GRPCRuntime", "ProtobufRuntime", "GoogleAPI"]
  private static let registry: Set = ["PlenaryRPC", "PlenaryAPI"]

  /// What each handwritten module may name, the standard library and `system` aside.
  static let allowed: [String: Set<String>] = [
    "ProtobufRuntime": ["CProtobufC"],
    "HTTP2": ["CNghttp2"],
    "PlenaryStore": [],
    "SocketTransport": nio.union(["HTTP2", "NIOHTTP1", "NIOTLS", "NIOSSL", "Crypto", "CryptoExtras"]),
    "GRPCRuntime": nio.union(["HTTP2", "SocketTransport", "ProtobufRuntime", "GoogleAPI", "CZlib"]),
    "GRPCServices": ["GRPCRuntime", "GRPCProtos", "ProtobufRuntime", "GoogleAPI"],
    "Transparency": ["Crypto"],
    "TextFormats": [],
    "PlenaryStoreSQLite": ["PlenaryStore", "Transparency", "CSQLite3", "Crypto"],
    "PlenaryDomain": [
      "PlenaryAPI", "PlenaryStore", "ProtobufRuntime", "StandardCodes", "TextFormats", "GoogleAPI", "Crypto",
      "CryptoExtras",
    ],
    "PlenaryRenderings": ["PlenaryAPI", "ProtobufRuntime", "StandardCodes"],
    "PlenaryServices": registry.union(calls).union([
      "PlenaryDomain", "PlenaryRenderings", "PlenaryStore", "Transparency", "GRPCServices", "GRPCProtos",
    ]),
    "PlenaryClient": registry.union(calls),
    "PlenaryDaemon": [
      "PlenaryServices", "PlenaryDomain", "PlenaryStore", "PlenaryStoreSQLite", "Transparency", "GRPCServices",
      "GRPCProtos",
      "GRPCRuntime", "ProtobufRuntime", "SocketTransport", "ArgumentParser", "Logging", "ServiceLifecycle",
      "UnixSignals", "Yams",
    ],
    "GRPCTestKit": ["HTTP2", "SocketTransport", "GRPCRuntime", "NIOCore", "NIOPosix"],
    "PlenaryTestKit": calls.union([
      "PlenaryStore", "PlenaryStoreSQLite", "PlenaryDomain", "PlenaryDaemon", "PlenaryClient", "HarnessProtos",
      "Logging",
    ]),
    "plenary-harness": ["PlenaryTestKit", "PlenaryClient", "ArgumentParser"],
    "plenaryd": ["PlenaryDaemon"],
    "plenary": registry.union(calls).union([
      "PlenaryClient", "PlenaryRenderings", "Transparency", "GRPCProtos", "StandardCodes", "ProcessSpawn",
      "ArgumentParser", "Yams",
    ]),
    "protoc-gen-plenary-swift": [],
    "grpc-testserver": [
      "GRPCServices", "GRPCProtos", "GRPCRuntime", "SocketTransport", "ProtobufRuntime", "TestProtos",
      "ArgumentParser",
    ],
    "plenary-bench": [
      "PlenaryStore", "PlenaryStoreSQLite", "PlenaryClient", "PlenaryDaemon", "GRPCProtos", "TestProtos", "CSQLite3",
      "ArgumentParser",
    ],
    "ProcessSpawn": ["CProcessSpawn"],
    "dev": ["ArgumentParser", "ProcessSpawn"],
  ]

  /// Parts of the platform that any module may use.
  private static let system: Set = ["Darwin", "Glibc", "Synchronization"]
  private static let foundation: Set = ["Foundation", "FoundationEssentials", "Dispatch"]

  /// Foundation begins at the domain; what lies below it stays small and starts fast.
  static let withoutFoundation: Set = [
    "ProtobufRuntime", "HTTP2", "SocketTransport", "GRPCRuntime", "GRPCServices", "PlenaryStore",
    "PlenaryStoreSQLite", "TextFormats", "PlenaryRenderings", "GRPCTestKit",
  ]

  static func check(_ file: SwiftText) -> [Violation] {
    imports(in: file).compactMap { found in
      func violation(_ rule: String, _ remedy: String) -> Violation {
        Violation(path: file.path, line: found.line, rule: rule, remedy: remedy)
      }
      if isC(found.module), ["public", "package"].contains(found.access) {
        return violation("\(found.access) import of \(found.module)", "A C module is imported internal, always")
      }
      guard !file.isTest else {
        return found.module == "XCTest" ? violation("XCTest", "Tests are written with Swift Testing") : nil
      }
      guard let allowed = allowed[file.module] else {
        return violation("module \(file.module) is not in the import table", "Add it with a decision record")
      }
      if foundation.contains(found.module) {
        guard withoutFoundation.contains(file.module) else { return nil }
        return violation(
          "\(file.module) imports \(found.module)", "Foundation begins at PlenaryDomain; use the standard library")
      }
      guard !allowed.union(system).contains(found.module) else { return nil }
      return violation(
        "\(file.module) imports \(found.module)",
        "It may import \(allowed.sorted().joined(separator: ", ")); reach the rest through a neighbour")
    }
  }

  private static func isC(_ module: String) -> Bool {
    systemLibraries.contains(module) || SourceFiles.generatedModules.contains(module) && module.first == "C"
  }

  private static func imports(in file: SwiftText) -> [(module: String, access: String, line: Int)] {
    let kinds: Set = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
    return file.uses(of: ["import"]).map { use in
      let next = file.text(use.index + 1)
      let module = kinds.contains(next) ? file.text(use.index + 2) : next
      return (module, file.text(use.index - 1), use.token.line)
    }
  }
}
