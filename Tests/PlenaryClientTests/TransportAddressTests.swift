import SocketTransport
import Testing

struct TransportAddressTests {
  @Test(arguments: [
    ("127.0.0.1:7443", TransportAddress.tcp(host: "127.0.0.1", port: 7443)),
    ("localhost:0", .tcp(host: "localhost", port: 0)),
    ("[::1]:65535", .tcp(host: "::1", port: 65535)),
    ("unix:/run/plenary.sock", .unix(path: "/run/plenary.sock")),
    ("unix:plenary.sock", .unix(path: "plenary.sock")),
  ])
  func `an address reads back as it is written`(text: String, address: TransportAddress) throws {
    #expect(try TransportAddress(parsing: text) == address)
    #expect(address.description == text)
  }

  @Test func `three slashes of a unix address are one`() throws {
    #expect(try TransportAddress(parsing: "unix:///run/p.sock") == .unix(path: "/run/p.sock"))
  }

  @Test func `without a host it is the loopback`() throws {
    #expect(try TransportAddress(parsing: ":0") == .tcp(host: "127.0.0.1", port: 0))
  }

  @Test(arguments: ["", "localhost", "[]:1", "host:", "host:x", "host:+1", "host:65536", "::1:80", "a b:1", "unix:"])
  func `what is no address is refused with the text`(text: String) {
    let error = #expect(throws: TransportAddressError.self) { try TransportAddress(parsing: text) }
    #expect(error?.description.hasPrefix("\"\(text)\"") == true)
  }

  @Test func `the path of a unix socket is bounded`() throws {
    let longest = String(repeating: "p", count: TransportAddress.unixPathByteCountMax)
    #expect(try TransportAddress(parsing: "unix:" + longest) == .unix(path: longest))
    #expect(throws: TransportAddressError.self) { try TransportAddress(parsing: "unix:" + longest + "p") }
  }

  @Test(arguments: [
    ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("[::1]:1", true), ("localhost:1", true), ("unix:p", true),
    ("0.0.0.0:1", false), ("10.0.0.1:1", false), ("127.0.0.1.example:1", false), ("127.0.0.256:1", false),
    ("[::]:1", false), ("plenary.example:1", false),
  ])
  func `only the loopback and unix sockets are local`(text: String, isLocal: Bool) throws {
    #expect(try TransportAddress(parsing: text).isLocal == isLocal)
  }
}
