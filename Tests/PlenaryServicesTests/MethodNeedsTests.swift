import GRPCProtos
import GRPCRuntime
import GRPCServices
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryServices

/// What each method takes, method by method.
@Suite struct MethodNeedsTests {
  /// Every method of the API, and those of gRPC's own services that a daemon offers.
  private static let methods: Set<String> = {
    let files = PlenaryAPIProtoFiles.descriptors.files.filter { $0.package == "plenary.v1" }
    let symbols = files.flatMap(\.symbols)
    var methods = Set<String>()
    for service in symbols where service.hasSuffix("Service") {
      for method in symbols where method.hasPrefix(service + ".") {
        methods.insert("/\(service)/\(method.dropFirst(service.utf8.count + 1))")
      }
    }
    var router = Router()
    router.register(grpcHealth: HealthService(services: []))
    router.registerReflection([])
    methods.formUnion(router.routes.map(\.path))
    for method in ["ListOperations", "GetOperation", "DeleteOperation", "CancelOperation", "WaitOperation"] {
      methods.insert("/google.longrunning.Operations/\(method)")
    }
    return methods
  }()

  @Test func `each method has its need in the table, and no need is left over`() {
    #expect(Self.methods.count > 300)
    #expect(Self.methods.subtracting(MethodNeeds.table.keys).sorted() == [])
    #expect(Set(MethodNeeds.table.keys).subtracting(Self.methods).sorted() == [])
  }

  @Test func `a method that is not in the table is for administrators`() {
    #expect(MethodNeeds.need(of: "/plenary.v1.NewService/DoAnything") == .role(.admin))
  }

  @Test func `nothing is answered to everyone but whether the daemon lives`() {
    let open = MethodNeeds.table.filter { $0.value == .nothing }.keys.sorted()
    #expect(open.allSatisfy { $0.hasPrefix("/grpc.health.v1.Health/") } && !open.isEmpty)
  }

  @Test func `what is answered beyond the limits is few, and beyond a client's own for administrators alone`() {
    let essential = MethodNeeds.table.keys.filter(MethodNeeds.isEssential)
    #expect(
      Set(essential.map { $0.split(separator: "/")[0] }) == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
        "plenary.v1.AdminService",
      ])
    let upkeep = MethodNeeds.table.filter { MethodNeeds.isUpkeep($0.key) }
    #expect(upkeep.count > 3 && upkeep.values.allSatisfy { $0 == .role(.admin) })
  }

  @Test func `a reader reads, and whatever changes something takes more`() {
    let changing = ["Create", "Update", "Delete", "Undelete", "Purge", "BatchCreate", "Rollback", "Apply", "Import"]
    for (path, need) in MethodNeeds.table {
      let method = path.split(separator: "/")[1]
      guard changing.contains(where: { method.hasPrefix($0) }) else { continue }
      #expect(need != .nothing && need != .role(.reader) && need != .role(.unspecified), "\(path)")
    }
    for path in MethodNeeds.table.keys where path.contains("/Purge") {
      #expect(MethodNeeds.need(of: path) == .role(.admin), "\(path)")
    }
  }
}
