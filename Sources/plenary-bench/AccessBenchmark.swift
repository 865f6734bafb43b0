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
  private static let (hidden, missing) = ("dialogues/hidden", "dialogues/absent")

  func run() async throws {
    let cores = Cores()
    let measured = try await MeasuredRegistry.start(
      registry.bundle().records, programs: programs,
      // The load is one client that asks for more than one may.
      settings: ["limits.calls_per_second=none", "limits.concurrent_calls_max=none"], pinnedBy: cores.serverPrefix)
    let report: AccessReport
    do {
      let token = try await measured.withClient { try await Self.member($0) }
      let bearer = ["authorization: Bearer \(token)"]
      let asked = [(registry.dialogue, []), (registry.dialogue, bearer)]
      let few = try measure(asked, measured, cores)
      try await measured.withClient { try await fill($0) }
      let many = try measure(asked, measured, cores)
      let unseen = try measure(
        [(Self.missing, bearer), (Self.hidden, bearer)], isFound: false, measured, cores)
      report = AccessReport(
        clients: clients, groups: groups, rounds: rounds.rounds, cores: cores.description, few: few, many: many,
        unseen: unseen)
    } catch {
      try measured.stop()
      throw error
    }
    try measured.stop()
    output.print(report)
  }

  /// A client that reads, its token, and a dialogue that it does not see.
  private static func member(_ registry: RegistryClient) async throws -> String {
    let service = ClientServiceClient(registry.channel)
    _ = try await service.createClient(.with { ($0.clientID, $0.client) = ("other", Client()) })
    _ = try await DialogueServiceClient(registry.channel).createDialogue(
      .with {
        $0.dialogueID = "hidden"
        $0.dialogue = .with {
          $0.title = .with { ($0.values, $0.originalLanguage) = (["en": "Hidden"], "en") }
          $0.marking = .with { ($0.label, $0.recipients) = (.red, ["clients/other"]) }
        }
      })
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

  /// The CPU time of the server for a call with one name and headers, and for one with others.
  private func measure(
    _ asked: [(name: String, headers: [String])], isFound: Bool = true, _ measured: MeasuredRegistry, _ cores: Cores
  ) throws -> AccessReport.Costs {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let load = try LoadGenerator(pinnedBy: cores.clientPrefix)
    let url = "http://\(measured.server.address)\(DialogueServiceDefinition.getDialogue.path)"
    var targets: [LoadGenerator.Target] = []
    for (index, one) in asked.enumerated() {
      let request = try GetDialogueRequest.with { $0.name = one.name }.serializedBytes()
      let body = try folder.write(GRPCFrame.framed(request), to: "request-\(index)")
      var target = LoadGenerator.Target(url: url, body: body, headers: one.headers)
      let bytes = try load.run(LoadShape(connections: 1, streams: 1, requests: 1), at: target)
      guard (bytes > GRPCFrame.prefixBytes) == isFound else {
        throw Failure("GetDialogue of \(one.name) was answered with \(bytes) bytes")
      }
      target.answerBytes = bytes
      targets.append(target)
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
    return AccessReport.Costs(times[0], times[1])
  }
}

/// What a token costs.
struct AccessReport: Report {
  /// The CPU time of the server for a call of one sort and of another, in microseconds.
  struct Costs: Encodable {
    let one: Spread
    let other: Spread
    let ratio: Spread

    init(_ one: [Double], _ other: [Double]) {
      self.one = Spread(one)
      self.other = Spread(other)
      ratio = Spread(zip(one, other).map { $1 / $0 })
    }
  }

  let clients: Int
  let groups: Int
  let rounds: Int
  let cores: String
  let few: Costs
  let many: Costs
  let unseen: Costs

  var table: String {
    func row(_ name: String, _ costs: Costs) -> [String] {
      [name, costs.one.text, costs.other.text, costs.ratio.text]
    }
    let tokens = [
      ["CPU of the server, us", "without", "with a token", "ratio"], row("1 client", few),
      row("\(clients) clients, \(groups) groups", many),
    ]
    let unseen = [["", "missing", "hidden", "ratio"], row("what is not seen", unseen)]
    return """
      GetDialogue with a token: \(rounds) rounds; \(cores)

      \(TextTable.lines(tokens))

      \(TextTable.lines(unseen))

      """
  }
}
