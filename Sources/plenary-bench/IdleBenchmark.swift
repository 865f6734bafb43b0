internal import ArgumentParser

/// `plenary-bench idle`
struct IdleBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle", abstract: "What an idle connection to plenaryd holds in memory.",
    discussion: """
      It is the growth of the server's resident memory by so many connections,
      their settings exchanged, for each of them. The kernel's part of a
      socket is not in it. Each round starts both servers anew.
      """)

  @Option(help: "Connections that are open at once.")
  var connections = 2000

  @Option(help: "Rounds; in each, both servers are measured.")
  var rounds = 5

  @OptionGroup var programs: Programs
  @OptionGroup var output: OutputOptions

  /// What a server opens besides connections.
  private static let otherFiles = 100

  func validate() throws {
    guard (100...16_000).contains(connections) else { throw ValidationError("--connections must be from 100 to 16000") }
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000") }
  }

  func run() throws {
    try OpenFiles.allow(connections + Self.otherFiles)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let daemon = [
      try programs.daemon(), "run", "--listen", "127.0.0.1:0", "--data", ":memory:", "--log-level", "warning",
    ]
    var ours: [Double] = []
    var theirs: [Double] = []
    for _ in 0..<rounds {
      ours.append(try measure(try MeasuredServer.start(daemon, named: "plenaryd")))
      theirs.append(try measure(try MeasuredServer.nghttpd(serving: folder.url, pinnedBy: [])))
    }
    output.print(
      IdleReport(
        benchmark: "idle", connections: connections, rounds: rounds, serverBytes: Spread(ours),
        nghttpdBytes: Spread(theirs), ratio: Spread(zip(ours, theirs).map { $0 / $1 })))
  }

  /// The growth for each connection in bytes; ends the server.
  private func measure(_ server: MeasuredServer) throws -> Double {
    defer { server.stop() }
    let port = try server.port
    // The first connection has code and tables loaded that all others share.
    try open(1, to: port) {}
    let before = try ResidentMemory.bytes(of: server.processID)
    var after = before
    try open(connections, to: port) { after = try ResidentMemory.bytes(of: server.processID) }
    return Double(after - before) / Double(connections)
  }

  /// Opens connections one by one, and closes them after the body.
  private func open(_ count: Int, to port: UInt16, _ body: () throws -> Void) throws {
    var open: [IdleConnection] = []
    for _ in 0..<count { open.append(try IdleConnection(port: port)) }
    try body()
    open.removeAll()
  }
}

/// What idle connections hold.
struct IdleReport: Report {
  let benchmark: String
  let connections: Int
  let rounds: Int
  let serverBytes: Spread
  let nghttpdBytes: Spread
  let ratio: Spread

  var table: String {
    let rows = [
      ["server", "bytes"],
      ["plenaryd", serverBytes.wholeText],
      ["nghttpd", nghttpdBytes.wholeText],
      ["ratio", ratio.text],
    ]
    return """
      Idle connection: growth of resident memory for each of \(connections)
      median of \(rounds) rounds (least-most), servers started anew in each

      \(TextTable.lines(rows))

      """
  }
}
