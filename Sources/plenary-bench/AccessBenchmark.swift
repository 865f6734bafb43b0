internal import ArgumentParser
internal import Foundation
internal import PlenaryClient

/// `plenary-bench access`
struct AccessBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access",
    abstract:
      "What it costs that a caller proves who it is: GetDialogue with a token and without, among few and many clients.",
    discussion: """
      The caller with a token is a client of an organization, to whom marks are applied. Ratios are of the same daemon in the \
      same rounds.
      """)

  @Option(help: "How many clients there are in the second half.")
  var clients = 100_000

  @Option(help: "How many sharing groups there are in the second half.")
  var groups = 1000

  @OptionGroup var programs: Programs
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1_000_000).contains(clients) else { throw ValidationError("--clients must be from 1 to 1000000") }
    guard (1...100_000).contains(groups) else { throw ValidationError("--groups must be from 1 to 100000") }
  }

  private static let organization = "organizations/cted"

  func run() async throws {
    let cores = Cores()
    let measured = try await MeasuredRegistry.start(
      registry.bundle().records, programs: programs,
      // The load is one client that asks for more than one may.
      settings: ["limits.calls_per_second=none", "limits.concurrent_calls_max=none"], pinnedBy: cores.serverPrefix)
    let report: AccessReport
    do {
      let token = try await measured.withClient { try await Self.member($0) }
      let few = try measure(measured, token, cores)
      try await measured.withClient { try await fill($0) }
      let many = try measure(measured, token, cores)
      report = AccessReport(
        clients: clients, groups: groups, rounds: rounds.rounds, cores: cores.description, few: few, many: many)
    } catch {
      try measured.stop()
      throw error
    }
    try measured.stop()
    output.print(report)
  }

  /// A client that reads, and its token.
  private static func member(_ registry: RegistryClient) async throws -> String {
    let service = ClientServiceClient(registry.channel)
    _ = try await service.createClient(
      .with {
        $0.clientID = "reader"
        $0.client = .with {
          $0.organization = organization
          $0.roles = [.with { $0.role = .reader }]
        }
      })
    return try await service.issueClientToken(.with { $0.name = "clients/reader" }).token
  }

  /// Many clients of the same organization, which is in many groups.
  private func fill(_ registry: RegistryClient) async throws {
    for first in stride(from: 0, to: clients, by: 500) {
      _ = try await ClientServiceClient(registry.channel).batchCreateClients(
        .with {
          $0.requests = (first..<min(first + 500, clients)).map { number in
            .with {
              $0.clientID = "client-\(number)"
              $0.client = .with {
                $0.organization = Self.organization
                $0.roles = [.with { $0.role = .reader }]
              }
            }
          }
        })
    }
    for first in stride(from: 0, to: groups, by: 500) {
      _ = try await SharingGroupServiceClient(registry.channel).batchCreateSharingGroups(
        .with {
          $0.requests = (first..<min(first + 500, groups)).map { number in
            .with {
              $0.sharingGroupID = "group-\(number)"
              $0.sharingGroup = .with { $0.organizations = [Self.organization] }
            }
          }
        })
    }
  }

  /// The CPU time of the server for a call with a token and for one without.
  private func measure(_ measured: MeasuredRegistry, _ token: String, _ cores: Cores) throws -> AccessReport.Costs {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let body = try folder.write(GRPCFrame.framed(GetBenchmark.request(registry)), to: "request")
    let load = try LoadGenerator(pinnedBy: cores.clientPrefix)
    let url = "http://\(measured.server.address)\(DialogueServiceDefinition.getDialogue.path)"
    var targets = [[], ["authorization: Bearer \(token)"]].map {
      LoadGenerator.Target(url: url, body: body, headers: $0)
    }
    for index in targets.indices {
      let bytes = try load.run(LoadShape(connections: 1, streams: 1, requests: 1), at: targets[index])
      guard bytes > GRPCFrame.prefixBytes else { throw Failure("GetDialogue was answered without a message") }
      targets[index].answerBytes = bytes
    }
    let shape = LoadShape(connections: 8, streams: 32, requests: rounds.requests)
    var times = targets.map { _ in [Double]() }
    for round in -1..<rounds.rounds {
      for turn in targets.indices {
        // Whoever goes first in one round goes last in the next.
        let index = (turn + max(round, 0)) % targets.count
        let start = try measured.server.clock.now()
        try load.run(shape, at: targets[index])
        let time = try (measured.server.clock.now() - start) / .microseconds(shape.requests)
        if round >= 0 { times[index].append(time) }
      }
    }
    return AccessReport.Costs(anonymous: times[0], token: times[1])
  }
}

/// What a token costs.
struct AccessReport: Report {
  /// The CPU time of the server for a call, in microseconds.
  struct Costs: Encodable {
    let anonymous: Spread
    let token: Spread
    let ratio: Spread

    init(anonymous: [Double], token: [Double]) {
      self.anonymous = Spread(anonymous)
      self.token = Spread(token)
      ratio = Spread(zip(anonymous, token).map { $1 / $0 })
    }
  }

  let clients: Int
  let groups: Int
  let rounds: Int
  let cores: String
  let few: Costs
  let many: Costs

  var table: String {
    let rows =
      [["CPU of the server, us", "without", "with a token", "ratio"]]
      + [("1 client", few), ("\(clients) clients, \(groups) groups", many)].map { name, costs in
        [name, costs.anonymous.text, costs.token.text, costs.ratio.text]
      }
    return "GetDialogue with a token: \(rounds) rounds; \(cores)\n\n\(TextTable.lines(rows))\n"
  }
}
