/// Generated targets that belong together, and the protos they are made from.
struct GeneratedModule {
  /// The target of the Swift messages.
  let swiftTarget: String
  /// The target of the service protocols and clients; the same where a module has both.
  let serviceTarget: String
  /// The target of the C structs.
  let cTarget: String
  /// The protos, by the names under which they are imported.
  let protos: [String]
  /// The folder that its targets lie in.
  let folder: String

  private init(
    _ swiftTarget: String, services serviceTarget: String? = nil, c cTarget: String, in folder: String = "Sources",
    _ protos: [String]
  ) {
    self.folder = folder
    self.swiftTarget = swiftTarget
    self.serviceTarget = serviceTarget ?? swiftTarget
    self.cTarget = cTarget
    self.protos = protos
  }

  static func all(in checkout: Checkout) -> [GeneratedModule] {
    [
      GeneratedModule("GoogleAPI", c: "CGoogleProto", google),
      GeneratedModule("GRPCProtos", c: "CGRPCProto", grpc),
      GeneratedModule("TestProtos", c: "CTestProto", testing + ours(under: "kit", in: checkout)),
      GeneratedModule(
        "PlenaryAPI", services: "PlenaryRPC", c: "CPlenaryProto", ours(under: "plenary/v1", in: checkout)),
      GeneratedModule("HarnessProtos", c: "CHarnessProto", ours(under: "plenary/testing", in: checkout)),
      golden(in: checkout),
    ]
  }

  /// What the generator makes of the protos of its own tests: compared byte for byte, compiled and called.
  static func golden(in checkout: Checkout) -> GeneratedModule {
    GeneratedModule(
      "GoldenProtos", c: "CGoldenProto", in: SourceFiles.goldens,
      protos(under: "golden", of: SourceFiles.goldenProtos, in: checkout))
  }

  /// Everything that is generated for the module, as folders in `folder`.
  var targets: Set<String> { [swiftTarget, serviceTarget, cTarget] }

  // Of other projects' protos, those that are used.
  private static let google = [
    "google/protobuf/any.proto", "google/protobuf/duration.proto", "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto", "google/protobuf/struct.proto", "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto", "google/rpc/code.proto", "google/rpc/error_details.proto",
    "google/rpc/status.proto", "google/type/date.proto", "google/type/latlng.proto",
  ]
  private static let grpc = [
    "google/longrunning/operations.proto", "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto",
    "grpc/reflection/v1alpha/reflection.proto",
  ]
  private static let testing = [
    "grpc/testing/empty.proto", "grpc/testing/messages.proto", "grpc/testing/test.proto",
  ]

  private static func ours(under folder: String, in checkout: Checkout) -> [String] {
    protos(under: folder, of: "Protos", in: checkout)
  }

  private static func protos(under folder: String, of root: String, in checkout: Checkout) -> [String] {
    checkout.files(under: ["\(root)/\(folder)"]).filter { $0.hasSuffix(".proto") }
      .map { String($0.dropFirst(root.count + 1)) }
  }
}
