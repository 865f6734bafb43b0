/// Where the Swift and C of a proto package live, and what its Swift types are called.
struct PackageRow {
  let package: String
  /// Put before the names of top-level types and services, so that packages do not meet in one namespace.
  let typePrefix: String
  /// The Swift module of the messages.
  let module: String
  /// The Swift module of the service protocols and stubs.
  let serviceModule: String
  /// The C module that protoc-c's output is compiled into.
  let cModule: String
  /// Whether programs can look up the comments of its messages and enums.
  var keepsComments = false
}

/// The packages that code is generated for.
enum PackageTable {
  private static let rows = [
    google("google.protobuf", "Protobuf"),
    google("google.rpc", "RPC"),
    google("google.type", "Google"),
    // Beside the protos of gRPC, as its service needs the runtime, which itself needs GoogleAPI.
    grpc("google.longrunning", "LongRunning"),
    grpc("grpc.health.v1", "GRPC"),
    grpc("grpc.reflection.v1", "ReflectionV1"),
    grpc("grpc.reflection.v1alpha", "ReflectionV1Alpha"),
    PackageRow(
      package: "golden.v1", typePrefix: "Golden", module: "GoldenProtos", serviceModule: "GoldenProtos",
      cModule: "CGoldenProto", keepsComments: true),
    test("grpc.testing", "Testing"),
    test("kit.v1", "Kit"),
    PackageRow(
      package: "plenary.testing.v1", typePrefix: "Testing", module: "HarnessProtos", serviceModule: "HarnessProtos",
      cModule: "CHarnessProto"),
    PackageRow(
      package: "plenary.v1", typePrefix: "", module: "PlenaryAPI", serviceModule: "PlenaryRPC",
      cModule: "CPlenaryProto", keepsComments: true),
  ]

  static func row(of package: String) throws -> PackageRow {
    guard let row = rows.first(where: { $0.package == package }) else {
      throw GeneratorError("no module is named for the package \(package): add a row to PackageTable.swift")
    }
    return row
  }

  private static func google(_ package: String, _ prefix: String) -> PackageRow {
    PackageRow(
      package: package, typePrefix: prefix, module: "GoogleAPI", serviceModule: "GoogleAPI", cModule: "CGoogleProto")
  }

  private static func grpc(_ package: String, _ prefix: String) -> PackageRow {
    PackageRow(
      package: package, typePrefix: prefix, module: "GRPCProtos", serviceModule: "GRPCProtos", cModule: "CGRPCProto")
  }

  private static func test(_ package: String, _ prefix: String) -> PackageRow {
    PackageRow(
      package: package, typePrefix: prefix, module: "TestProtos", serviceModule: "TestProtos", cModule: "CTestProto")
  }
}
