import Foundation
import ProcessSpawn
import Testing

@testable import dev

/// What cannot be generated: one line says what and where, and nothing is written.
@Suite struct GeneratorErrorTests {
  private static let proto3 = "syntax = \"proto3\"; package golden.v1;\n"

  @Test(arguments: [
    ("", "say what to write, such as --plenary-swift_opt=emit=messages, not \"\""),
    ("emit=everything", "say what to write, such as --plenary-swift_opt=emit=messages, not \"emit=everything\""),
    ("messages", "say what to write, such as --plenary-swift_opt=emit=messages, not \"messages\""),
  ])
  func `an unknown parameter is refused`(_ parameter: String, _ message: String) throws {
    try expectFailure(of: Self.proto3 + "message A {}", parameter: parameter, message)
  }

  @Test func `proto2 is refused`() throws {
    try expectFailure(
      of: "syntax = \"proto2\"; package golden.v1; message A {}", "bad.proto: only proto3 is supported")
  }

  @Test func `a package without a module is refused`() throws {
    try expectFailure(
      of: "syntax = \"proto3\"; package stray.v1; message A {}",
      "no module is named for the package stray.v1: add a row to PackageTable.swift")
  }

  @Test(arguments: [
    ("message A { string a = 1; oneof A { string b = 2; } }", "golden.v1.A: two fields would be named a"),
    (
      "message A { string pick_case = 1; oneof pick { string b = 2; } }",
      "golden.v1.A: two fields would be named pick_case in C"
    ),
    ("message A { repeated string b = 1; string n_b = 2; }", "golden.v1.A: two fields would be named n_b in C"),
    (
      "enum A { option allow_alias = true; A_NONE = 0; X_Y = 1; x_y = 1; }",
      "golden.v1.A: two values would be named xY"
    ),
  ])
  func `names that collide are refused`(_ declaration: String, _ message: String) throws {
    try expectFailure(of: Self.proto3 + declaration, message)
  }

  @Test func `methods that collide are refused`() throws {
    try expectFailure(
      of: Self.proto3 + "message A {} service S { rpc GetA(A) returns (A); rpc getA(A) returns (A); }",
      parameter: "emit=services", "golden.v1.S: two methods would be named getA")
  }

  @Test func `a resource without one of its standard methods is refused`() throws {
    let proto = """
      import "google/api/resource.proto";
      message Shelf {
        option (google.api.resource) = { type: "golden.example/Shelf" pattern: "shelves/{shelf}" plural: "shelves" };
        string name = 1;
      }
      message GetShelfRequest { string name = 1; }
      service S { rpc GetShelf(GetShelfRequest) returns (Shelf); }
      """
    try expectFailure(of: Self.proto3 + proto, "golden.v1.S has GetShelf but no CreateShelf")
  }

  @Test(arguments: [
    ("string etag = 3; string reason = 2;", "etag"), ("string etag = 2; string reason = 3; bool record = 7;", "record"),
  ])
  func `the fields of a request for a transition have their numbers`(_ fields: String, _ wrong: String) throws {
    let methods = ["Get", "List", "Create", "Update", "Delete", "Close"].map {
      "rpc \($0)Shelf(\($0)ShelfRequest) returns (\($0 == "List" ? "ListShelfResponse" : "Shelf"));"
    }
    let requests = ["Get", "List", "Create", "Update", "Delete"].map { "message \($0)ShelfRequest {}" }
    let proto = """
      import "google/api/resource.proto";
      message Shelf {
        option (google.api.resource) = { type: "golden.example/Shelf" pattern: "shelf/{shelf}" plural: "shelf" };
        string name = 1;
      }
      message ListShelfResponse {}
      \(requests.joined())
      message CloseShelfRequest { string name = 1; string request_id = 4; bool validate_only = 5; \(fields) }
      service S { \(methods.joined(separator: " ")) }
      """
    try expectFailure(
      of: Self.proto3 + proto, parameter: "emit=services",
      "golden.v1.CloseShelfRequest: \(wrong) has number \(wrong == "etag" ? 2 : 8) in every request for a transition")
  }

  @Test(arguments: [
    (["RollbackShelf"], "golden.v1.ShelfService has no RollbackShelf, which belongs to UndeleteShelf"),
    (["PurgeShelves"], "golden.v1.ShelfService has no PurgeShelves, which belongs to UndeleteShelf"),
    (
      ["UndeleteShelf", "BatchGetShelves"],
      "golden.v1.ShelfService has no UndeleteShelf, BatchGetShelves, which belongs to PurgeShelves"
    ),
    (
      ["BatchCreateShelves", "UndeleteShelf", "PurgeShelves"],
      "golden.v1.ShelfService has no UndeleteShelf, PurgeShelves, BatchCreateShelves, which belongs to BatchGetShelves"
    ),
  ])
  func `further methods come together or not at all`(_ left: [String], _ message: String) throws {
    let proto = try golden { line in left.contains { line.contains("rpc \($0)(") } }
    try expectFailure(of: proto, parameter: "emit=services", message)
  }

  @Test(arguments: [
    ("UndeleteShelfRequest", "etag"), ("UndeleteShelfRequest", "validate_only"), ("PurgeShelvesRequest", "force"),
    ("PurgeShelvesResponse", "purge_count"), ("BatchGetShelvesRequest", "names"),
    ("BatchGetShelvesRequest", "read_mask"), ("BatchCreateShelvesRequest", "requests"),
    ("ListShelfRevisionsRequest", "page_token"), ("RollbackShelfRequest", "revision_id"),
  ])
  func `a message of a further method has its fields`(_ message: String, _ field: String) throws {
    try expectFailure(
      of: golden(without: field, of: message),
      "golden.v1.\(message) lacks the field \(field), which its standard method needs")
  }

  @Test(arguments: ["BatchGetShelvesResponse", "BatchCreateShelvesResponse"])
  func `an answer for many holds the resources`(_ message: String) throws {
    try expectFailure(
      of: golden(without: "shelves", of: message), "golden.v1.\(message) has no field for Shelf")
  }

  @Test func `a descriptor set that is none is refused by the rewrite`() throws {
    let run = try ToolRun("sh", ["-c", "printf '\\012\\377' | \"$0\" rewrite", Self.generator])
    #expect(run.exitCode == 1)
    #expect(run.errors.hasPrefix("protoc-gen-plenary-swift: "))
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.output.isEmpty)
  }

  private static let generator = "\(Checkout.testProducts)/protoc-gen-plenary-swift"

  /// The proto of the golden resource without some of its lines.
  private func golden(without isLeft: (String) -> Bool) throws -> String {
    let file = Checkout.ofTests.root.appending(path: "Tests/CodeGeneratorTests/Protos/golden/v1/shelf.proto")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
      .filter { !isLeft($0) }.joined(separator: "\n")
  }

  /// The proto of the golden resource without a field of a message.
  private func golden(without field: String, of message: String) throws -> String {
    var isInside = false
    return try golden { line in
      if line.hasPrefix("message ") { isInside = line == "message \(message) {" }
      return isInside && line.contains(" \(field) = ")
    }
  }

  private func expectFailure(
    of proto: String, parameter: String = "emit=messages", _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let checkout = Checkout.ofTests
    let folder = FileManager.default.temporaryDirectory.appending(path: "plenary-generator-\(UUID().uuidString)")
    let output = folder.appending(path: "out")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
    try Data(proto.utf8).write(to: folder.appending(path: "bad.proto"))
    let run = try ToolRun(
      "protoc",
      try ProtoTools.importRoots(in: checkout).map { "-I\($0.hasPrefix("/") ? $0 : checkout.path($0))" } + [
        "-I\(folder.path)", "--plugin=protoc-gen-plenary-swift=\(Self.generator)",
        "--plenary-swift_opt=\(parameter)", "--plenary-swift_out=\(output.path)", "bad.proto",
      ])
    #expect(run.exitCode != 0, sourceLocation: sourceLocation)
    #expect(run.errors == "--plenary-swift_out: \(message)\n", sourceLocation: sourceLocation)
    #expect(try FileManager.default.contentsOfDirectory(atPath: output.path) == [], sourceLocation: sourceLocation)
  }
}

/// A program that has run to its end, and what it said.
private struct ToolRun {
  let output: String
  let errors: String
  let exitCode: Int32

  init(_ program: String, _ arguments: [String]) throws {
    let output = Pipe()
    let errors = Pipe()
    var surroundings = SpawnedProcess.Surroundings()
    surroundings.files = [
      nil, output.fileHandleForWriting.fileDescriptor, errors.fileHandleForWriting.fileDescriptor,
    ]
    let process = try SpawnedProcess("/usr/bin/env", [program] + arguments, in: surroundings)
    try output.fileHandleForWriting.close()
    try errors.fileHandleForWriting.close()
    // Neither stream is longer than a pipe holds, so one can be read after the other.
    self.output = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    self.errors = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    exitCode = if case .exit(let code) = process.wait() { code } else { -1 }
  }
}
