/// A pair of generated targets and the protos they are made from.
struct GeneratedModule {
  /// The target of the Swift messages.
  let swiftTarget: String
  /// The target of the C structs.
  let cTarget: String
  /// The protos, by the names under which they are imported.
  let protos: [String]

  /// All pairs, each after those it depends on.
  static func all(in checkout: Checkout) throws -> [GeneratedModule] {
    [
      GeneratedModule(swiftTarget: "GoogleAPI", cTarget: "CGoogleProto", protos: google),
      GeneratedModule(swiftTarget: "GRPCProtos", cTarget: "CGRPCProto", protos: grpc),
      GeneratedModule(
        swiftTarget: "TestProtos", cTarget: "CTestProto", protos: testing + ours(under: "kit", in: checkout)),
      GeneratedModule(
        swiftTarget: "PlenaryAPI", cTarget: "CPlenaryProto", protos: ours(under: "plenary", in: checkout)),
    ]
  }

  static func allProtos(in checkout: Checkout) throws -> [String] { try all(in: checkout).flatMap(\.protos) }

  // Of other projects' protos, those that are used.
  private static let google = [
    "google/protobuf/any.proto", "google/protobuf/duration.proto", "google/protobuf/empty.proto",
    "google/protobuf/field_mask.proto", "google/protobuf/struct.proto", "google/protobuf/timestamp.proto",
    "google/protobuf/wrappers.proto", "google/rpc/code.proto", "google/rpc/error_details.proto",
    "google/rpc/status.proto", "google/type/date.proto", "google/type/latlng.proto",
  ]
  private static let grpc = [
    "grpc/health/v1/health.proto", "grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto",
  ]
  private static let testing = [
    "grpc/testing/empty.proto", "grpc/testing/messages.proto", "grpc/testing/test.proto",
  ]

  private static func ours(under folder: String, in checkout: Checkout) -> [String] {
    checkout.files(under: ["Protos/\(folder)"]).filter { $0.hasSuffix(".proto") }
      .map { String($0.dropFirst("Protos/".count)) }
  }
}
