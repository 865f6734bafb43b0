import GRPCRuntime
import Testing

@Suite struct RouteTableTests {
  private func table(_ paths: [String]) -> RouteTable {
    RouteTable(
      paths.map { path in
        Route(service: "s", path: path, kind: .unary, handler: .afterRequest { _, _, _ in nil })
      })
  }

  @Test func `every path is found among many, also where ends are alike`() {
    let paths = (0..<200).map { "/package.Service\($0)/GetSomethingWithTheSameEnd" } + ["/a/b", "/a.b/C"]
    let table = table(paths)
    for path in paths {
      #expect(table.find(Array(path.utf8).span)?.path == path)
    }
  }

  @Test(arguments: ["", "/", "/a", "/a/", "/a/b/", "/A/b", "/a/c", "a/b", "/a/b?x", "//a/b"])
  func `what is not exactly a path is not found`(path: String) {
    #expect(table(["/a/b"]).find(Array(path.utf8).span) == nil)
  }

  @Test func `an empty table finds nothing`() {
    #expect(table([]).find(Array("/a/b".utf8).span) == nil)
  }
}
