// swift-tools-version: 6.2
import PackageDescription

// Every target builds in Swift 6 mode with strict memory safety, and no warning is let through.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// What runs handlers: an async function runs where its caller does, so that a call does not change executors on its way
// from the connection to the handler and back.
let runtime = house + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

// Where handlers run: an async function stays where its caller is, so that a call does not change executors on its way
// from the connection to the handler and back.
let onCallersExecutor = house + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

// The products of other packages that a target may name.
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let serviceLifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")

func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

// What the generator makes of its tests' own protos is compared there, and compiled.
let goldens = "Tests/CodeGeneratorTests/Golden"

func generatedC(_ name: String, _ dependencies: [Target.Dependency] = [], in folder: String = "Sources") -> Target {
  .target(
    name: name, dependencies: ["CProtobufC"] + dependencies, path: "\(folder)/\(name)", publicHeadersPath: "include",
    cSettings: [.headerSearchPath("include")])
}

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], in folder: String = "Sources",
  settings: [SwiftSetting] = house
) -> Target {
  .target(name: name, dependencies: dependencies, path: "\(folder)/\(name)", swiftSettings: settings)
}

func executable(_ name: String, _ dependencies: [Target.Dependency], settings: [SwiftSetting] = house) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: house)
}

let package = Package(
  name: "Plenary",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "PlenaryClient", targets: ["PlenaryClient"]),
    .library(name: "GRPCRuntime", targets: ["GRPCRuntime"]),
    .library(name: "PlenaryTestKit", targets: ["PlenaryTestKit"]),
    .executable(name: "plenaryd", targets: ["plenaryd"]),
    .executable(name: "plenary", targets: ["plenary"]),
    .executable(name: "plenary-harness", targets: ["plenary-harness"]),
    .executable(name: "dev", targets: ["dev"]),
    .executable(name: "plenary-bench", targets: ["plenary-bench"]),
    .executable(name: "grpc-testserver", targets: ["grpc-testserver"]),
    // Loaded before the libraries of a program whose calls `plenary-bench counts` counts.
    .library(name: "CCallCounter", type: .dynamic, targets: ["CCallCounter"]),
    // Loaded before the libraries of plenaryd by tests that cut the power.
    .library(name: "CDiskFaults", type: .dynamic, targets: ["CDiskFaults"]),
    .executable(name: "protoc-gen-plenary-swift", targets: ["protoc-gen-plenary-swift"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // System libraries: a module map and a shim header each.
    systemLibrary("CNghttp2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    systemLibrary("CProtobufC", pkgConfig: "libprotobuf-c", apt: "libprotobuf-c-dev"),
    systemLibrary("CSQLite3", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),

    // Generated by `dev generate`: C by protoc-c, Swift by protoc-gen-plenary-swift.
    generatedC("CGoogleProto"),
    generatedC("CPlenaryProto", ["CGoogleProto", "CGRPCProto"]),
    generatedC("CGRPCProto", ["CGoogleProto"]),
    generatedC("CTestProto"),
    generatedC("CHarnessProto", ["CGoogleProto"]),
    generatedC("CGoldenProto", ["CGoogleProto"], in: goldens),
    library("GoogleAPI", ["CGoogleProto", "ProtobufRuntime"]),
    library("GRPCProtos", ["CGRPCProto", "ProtobufRuntime", "GRPCRuntime", "GoogleAPI"]),
    library("TestProtos", ["CTestProto", "ProtobufRuntime", "GRPCRuntime"], settings: onCallersExecutor),
    library(
      "HarnessProtos", ["CHarnessProto", "ProtobufRuntime", "GRPCRuntime", "GoogleAPI"], settings: onCallersExecutor),
    library("GoldenProtos", ["CGoldenProto", "ProtobufRuntime", "GRPCRuntime", "GoogleAPI"], in: goldens),
    library("PlenaryAPI", ["CPlenaryProto", "ProtobufRuntime", "GoogleAPI"]),
    library("PlenaryRPC", ["PlenaryAPI", "GRPCRuntime", "GRPCProtos", "ProtobufRuntime", "GoogleAPI"]),

    // Generated by `dev generate` from the registers of public codes.
    library("StandardCodes"),

    // The ground: these import nothing of ours.
    library("ProtobufRuntime", ["CProtobufC"]),
    library("HTTP2", ["CNghttp2"]),
    library("PlenaryStore"),
    library("Transparency", [crypto]),
    library("TextFormats"),

    // The RPC stack.
    library("SocketTransport", ["HTTP2", nioCore, nioPosix, nioHTTP1, nioTLS, nioSSL, crypto, cryptoExtras]),
    library(
      "GRPCRuntime",
      ["HTTP2", "SocketTransport", "ProtobufRuntime", "GoogleAPI", "CZlib", nioCore, nioPosix],
      settings: onCallersExecutor),
    library(
      "GRPCServices", ["GRPCRuntime", "GRPCProtos", "ProtobufRuntime", "GoogleAPI"], settings: onCallersExecutor),

    // The registry.
    // The migrations are SQL files, and become bytes in the program.
    .target(
      name: "PlenaryStoreSQLite", dependencies: ["PlenaryStore", "Transparency", "CSQLite3", crypto],
      resources: [
        .embedInCode("Migrations/001_initial.sql"), .embedInCode("Migrations/002_reasons.sql"),
        .embedInCode("Migrations/003_indexing.sql"), .embedInCode("Migrations/004_replica.sql"),
        .embedInCode("Migrations/005_tree.sql"), .embedInCode("Migrations/006_erasures.sql"),
        .embedInCode("Migrations/007_keepers.sql"),
      ],
      swiftSettings: house),
    library(
      "PlenaryDomain",
      [
        "PlenaryAPI", "PlenaryStore", "ProtobufRuntime", "StandardCodes", "TextFormats", "GoogleAPI", crypto,
        cryptoExtras,
      ]),
    library("PlenaryRenderings", ["PlenaryAPI", "ProtobufRuntime", "StandardCodes"]),
    library(
      "PlenaryServices",
      [
        "PlenaryDomain", "PlenaryRenderings", "PlenaryRPC", "PlenaryAPI", "PlenaryStore", "Transparency",
        "GRPCServices",
        "GRPCRuntime", "GRPCProtos",
        "ProtobufRuntime", "GoogleAPI",
      ]),
    library(
      "PlenaryClient", ["PlenaryRPC", "PlenaryAPI", "GRPCRuntime", "ProtobufRuntime", "GoogleAPI"]),
    library(
      "PlenaryDaemon",
      [
        "PlenaryServices", "PlenaryDomain", "PlenaryStore", "PlenaryStoreSQLite", "Transparency", "GRPCServices",
        "GRPCProtos", "GRPCRuntime", "ProtobufRuntime", "SocketTransport", argumentParser, logging, serviceLifecycle,
        unixSignals, yams,
      ]),

    // Programs.
    executable("plenaryd", ["PlenaryDaemon"]),
    executable(
      "plenary",
      [
        "PlenaryClient", "PlenaryRPC", "PlenaryAPI", "PlenaryRenderings", "Transparency", "GRPCProtos", "GRPCRuntime",
        "ProtobufRuntime",
        "GoogleAPI", "StandardCodes", "ProcessSpawn", argumentParser, yams,
      ]),
    executable("protoc-gen-plenary-swift", []),
    executable(
      "grpc-testserver",
      [
        "GRPCServices", "GRPCProtos", "GRPCRuntime", "SocketTransport", "ProtobufRuntime", "TestProtos",
        argumentParser,
      ],
      settings: onCallersExecutor),
    .target(name: "CCallCounter"),
    executable("plenary-harness", ["PlenaryTestKit", "PlenaryClient", argumentParser]),
    executable(
      "plenary-bench",
      ["PlenaryDaemon", "PlenaryStoreSQLite", "PlenaryClient", "GRPCProtos", "TestProtos", "CSQLite3", argumentParser]),
    // Starts other programs, for `dev` and tests.
    .target(name: "CProcessSpawn"),
    library("ProcessSpawn", ["CProcessSpawn"]),
    executable("dev", ["ProcessSpawn", argumentParser]),

    // Kits for tests, ours and other people's.
    // For builds with a sanitizer: what it cannot see, and its options. Empty in every other build.
    .target(name: "CThreadSanitizer"),
    library("GRPCTestKit", ["HTTP2", "SocketTransport", "GRPCRuntime", "CThreadSanitizer", nioCore, nioPosix]),
    // The example is a file of the project's, and becomes bytes in the library.
    .target(
      name: "PlenaryTestKit",
      dependencies: [
        "PlenaryStore", "PlenaryStoreSQLite", "PlenaryDomain", "PlenaryDaemon", "PlenaryClient", "HarnessProtos",
        "GRPCRuntime", "ProtobufRuntime", "GoogleAPI", logging,
      ],
      resources: [.embedInCode("Resources/example.json")], swiftSettings: house),

    .target(name: "CDiskFaults", path: "Tests/CDiskFaults"),
    tests("TransparencyTests", ["Transparency"]),
    tests("TextFormatsTests", ["TextFormats"]),
    tests("HouseRulesTests", ["dev", "ProcessSpawn", argumentParser]),
    tests(
      "ProtobufRuntimeTests",
      ["ProtobufRuntime", "TestProtos", "GoldenProtos", "GoogleAPI", "PlenaryAPI", "dev"], exclude: ["python"]),
    tests(
      "CodeGeneratorTests",
      [
        "ProcessSpawn", "GoldenProtos", "GoogleAPI", "ProtobufRuntime", "GRPCRuntime", "GRPCTestKit", "dev",
        "protoc-gen-plenary-swift",
      ],
      exclude: ["Golden", "Protos"]),
    tests("HTTP2Tests", ["HTTP2", "GRPCTestKit"]),
    tests(
      "SocketTransportTests",
      [
        "SocketTransport", "GRPCRuntime", "ProtobufRuntime", "GRPCTestKit", "TestProtos", "ProcessSpawn", nioCore,
        nioPosix,
      ]),
    tests(
      "GRPCRuntimeTests",
      [
        "GRPCRuntime", "GRPCServices", "GRPCProtos", "ProtobufRuntime", "GoogleAPI", "HTTP2", "SocketTransport",
        "TestProtos", "GRPCTestKit", "CZlib", nioPosix,
      ]),
    tests(
      "PlenaryStoreSQLiteTests", ["Transparency", "PlenaryStoreSQLite", "PlenaryTestKit", "CSQLite3"],
      exclude: ["python"]),
    tests(
      "PlenaryDomainTests",
      [
        "PlenaryDomain", "PlenaryAPI", "PlenaryStore", "PlenaryStoreSQLite", "PlenaryTestKit", "ProtobufRuntime",
        "GoogleAPI",
      ]),
    tests("PlenaryRenderingsTests", ["PlenaryRenderings", "PlenaryAPI", "ProtobufRuntime"]),
    tests("PlenaryDaemonTests", ["PlenaryDaemon", "PlenaryStoreSQLite", "GRPCRuntime", "SocketTransport"]),
    tests(
      "PlenaryServicesTests",
      [
        "PlenaryServices", "PlenaryDomain", "PlenaryStore", "PlenaryStoreSQLite", "PlenaryClient", "PlenaryTestKit",
        "GRPCRuntime", "GRPCProtos", "GRPCServices", "GRPCTestKit", "GoogleAPI", "PlenaryAPI", "ProtobufRuntime",
        "SocketTransport", "Transparency",
      ]),
    tests(
      "PlenaryTestKitTests",
      [
        "PlenaryTestKit", "PlenaryClient", "PlenaryDomain", "PlenaryStore", "HarnessProtos", "GRPCProtos",
        "GRPCRuntime",
        "GoogleAPI", "ProtobufRuntime",
      ]),
    tests("PlenaryClientTests", ["PlenaryClient", "PlenaryTestKit", "SocketTransport"]),
    tests(
      "PlenaryCLITests",
      [
        "plenary", "PlenaryClient", "PlenaryTestKit", "PlenaryAPI", "ProcessSpawn", "GRPCRuntime", "GRPCTestKit",
        "HTTP2",
        "ProtobufRuntime", "SocketTransport", "GoogleAPI", argumentParser,
      ]),
    tests(
      "InteropTests",
      ["ProcessSpawn", "GRPCRuntime", "ProtobufRuntime", "GRPCTestKit", "TestProtos", "HTTP2", "SocketTransport"],
      exclude: ["go", "java", "python"]),
  ],
  cLanguageStandard: .c11
)
