import GRPCRuntime
import PlenaryStoreSQLite
import SocketTransport
import Testing

@testable import PlenaryDaemon

@Suite struct ConfigurationTests {
  private func configured(
    _ yaml: String? = nil, environment: [String: String] = [:],
    flags: [(name: String, texts: [String], flag: String)] = []
  ) throws -> Result<DaemonConfiguration, ConfigurationProblems> {
    let file = try yaml.map { try TemporaryFile($0) }
    return try ConfigurationSources(file: file?.path, environment: environment, flags: flags)
      .configuration(from: .defaults(environment: ["HOME": "/users/ada"]))
  }

  private func problems(
    _ yaml: String? = nil, environment: [String: String] = [:],
    flags: [(name: String, texts: [String], flag: String)] = []
  ) throws -> [String] {
    guard case .failure(let problems) = try configured(yaml, environment: environment, flags: flags) else { return [] }
    return problems.all.map(\.description)
  }

  @Test func `without any source everything has its default`() throws {
    let configuration = try configured().get()
    #expect(configuration.listen.map(\.description) == ["127.0.0.1:7443"])
    #expect(configuration.data == .directory("/users/ada/.local/share/plenary"))
    #expect(!configuration.isInsecure && configuration.logLevel == .info)
  }

  @Test func `the environment counts more than the file, and the command line more than both`() throws {
    let yaml = """
      server:
        threads: 2
        grace: 2s
      log:
        level: debug
      """
    let environment = ["PLENARYD_SERVER_THREADS": "3", "PLENARYD_LOG_LEVEL": "error", "PATH": "/bin"]
    let configuration = try configured(
      yaml, environment: environment, flags: [("server.threads", ["4"], "--threads")]
    ).get()
    #expect(configuration.server.threads == 4)
    #expect(configuration.logLevel == .error)
    #expect(configuration.grace == .seconds(2))
  }

  @Test func `lists are lists in the file and commas in the environment`() throws {
    let yaml = "listen:\n  - 127.0.0.1:0\n  - unix:/run/p.sock\n"
    #expect(try configured(yaml).get().listen == [.tcp(host: "127.0.0.1", port: 0), .unix(path: "/run/p.sock")])
    let environment = ["PLENARYD_LISTEN": "127.0.0.1:0, unix:/run/p.sock"]
    #expect(
      try configured(environment: environment).get().listen
        == [.tcp(host: "127.0.0.1", port: 0), .unix(path: "/run/p.sock")])
    #expect(try configured("listen: 127.0.0.1:1").get().listen == [.tcp(host: "127.0.0.1", port: 1)])
  }

  @Test func `everything that is wrong is told with its place and what is allowed`() throws {
    let file = try TemporaryFile(
      """
      # A comment.
      listn: 127.0.0.1:1
      server:
        threads: 0
        grace: soon
      insecure: yes
      log:
        level: loud
      """)
    let sources = try ConfigurationSources(file: file.path, environment: [:], flags: [])
    guard case .failure(let problems) = sources.configuration(from: .defaults(environment: [:])) else {
      Issue.record("the configuration was taken")
      return
    }
    #expect(
      problems.all.map { $0.description.replacing(file.path, with: "FILE") } == [
        "FILE:2:8: there is no key listn, did you mean 'listen'?; `plenaryd validate --keys` lists them",
        "FILE:4:12: server.threads: \"0\" is not allowed; it must be a whole number from 1 to 256",
        "FILE:5:10: server.grace: \"soon\" is not allowed; it must be a time from 0s to 1h, such as 500ms, 30s, 5m or 2h",
        "FILE:6:11: insecure: \"yes\" is not allowed; it must be true or false",
        "FILE:8:10: log.level: \"loud\" is not allowed; it must be one of "
          + "trace, debug, info, notice, warning, error, critical",
      ])
  }

  @Test func `a setting of the environment or the command line is told where it stands`() throws {
    #expect(
      try problems(environment: ["PLENARYD_LOG_LEVL": "debug"]) == [
        "environment: there is no key PLENARYD_LOG_LEVL, did you mean 'PLENARYD_LOG_LEVEL'?; "
          + "`plenaryd validate --keys` lists them"
      ])
    #expect(
      try problems(flags: [("server.threads", ["257"], "--threads")]) == [
        "--threads: server.threads: \"257\" is not allowed; it must be a whole number from 1 to 256"
      ])
  }

  @Test func `what a container platform says of a service is no setting`() throws {
    let environment = ["PLENARYD_SERVICE_HOST": "10.0.0.1", "PLENARYD_PORT_7443_TCP": "tcp://10.0.0.1:7443"]
    #expect(try problems(environment: environment) == [])
  }

  @Test(arguments: [
    ("a: [", "it is not YAML"), ("- a\n- b: c", "a list holds texts"), ("just text", "it must hold keys"),
    ("listen: {[a]: b}", "a key must be a text"), ("a: 1\na: 2", "it is not YAML"),
  ])
  func `a file of another shape is refused`(yaml: String, reason: String) throws {
    let error = #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(yaml, name: "plenaryd.yaml") }
    #expect(error?.description.hasPrefix("plenaryd.yaml") == true)
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func `a file is bounded, must be there, and is UTF-8`() throws {
    #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(path: "/nowhere/plenaryd.yaml") }
    let longest = try TemporaryFile("#" + String(repeating: "x", count: ConfigurationFile.byteCountMax - 1))
    #expect(try ConfigurationFile(path: longest.path).entries.isEmpty)
    let tooLong = try TemporaryFile("#" + String(repeating: "x", count: ConfigurationFile.byteCountMax))
    #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(path: tooLong.path) }
    let latin = try TemporaryFile(bytes: [0x23, 0xE9])
    #expect(throws: ConfigurationProblem.self) { try ConfigurationFile(path: latin.path) }
  }

  @Test(arguments: ConfigurationKey.all.map(\.name)) func `each key takes its default as it is written`(
    name: String
  ) throws {
    let key = try #require(ConfigurationKey.all.first { $0.name == name })
    let defaults = DaemonConfiguration.defaults(environment: [:])
    var configuration = defaults
    try key.set(key.text(in: defaults).split(separator: ", ").map(String.init), in: &configuration)
    #expect(key.text(in: configuration) == key.text(in: defaults))
    #expect(key.summary.hasSuffix("."))
  }

  @Test(arguments: [
    ("0", 0), ("1024", 1024), ("64KiB", 65_536), ("4 MiB", 4_194_304), ("1GiB", 1_073_741_824),
  ])
  func `bytes are read with their units`(text: String, count: Int) {
    #expect(ConfigurationValue.bytes(text) == count)
  }

  @Test(arguments: ["", "-1", "1KB", "0x10", "1.5MiB", "99999999999999999999", "9223372036854775807GiB"])
  func `what is no number of bytes is none`(text: String) {
    #expect(ConfigurationValue.bytes(text) == nil)
  }

  @Test(arguments: [("0s", 0), ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000)])
  func `times are read and written with their units`(text: String, milliseconds: Int) {
    #expect(ConfigurationValue.duration(text) == .milliseconds(milliseconds))
    #expect(ConfigurationValue.duration(.milliseconds(milliseconds)).text == text)
  }

  @Test func `zero needs no unit`() {
    #expect(ConfigurationValue.duration("0") == .zero)
  }

  @Test(arguments: ["", "10", "s", "-1s", "1.5s", "1d", "99999999999999999999h"])
  func `what is no time is none`(text: String) {
    #expect(ConfigurationValue.duration(text) == nil)
  }
}
