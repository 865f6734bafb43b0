internal import ArgumentParser

/// The program: `plenary-bench [BENCHMARK]`.
@main
struct PlenaryBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plenary-bench",
    abstract: "Measures the servers of this checkout beside nghttpd, in the same run.",
    discussion: """
      Figures are CPU time of the server for one request, and their ratio to
      what nghttpd needs to send as many bytes. The ratio is what to compare:
      times depend on the machine and on what else it does.

        plenary-bench                     the start of plenaryd, then GetDialogue
        plenary-bench list --rounds 9
        plenary-bench say --tls --json

      scale compares plenaryd with itself as its registry grows, idle measures
      memory instead, counts what repeats exactly, and commit compares writing
      with the same SQL in a bare loop.
      """,
    subcommands: [
      StandardBenchmarks.self, GetBenchmark.self, ListBenchmark.self, SayBenchmark.self, StreamBenchmark.self,
      StartBenchmark.self, HarnessBenchmark.self, IdleBenchmark.self, CountsBenchmark.self, ScaleBenchmark.self,
      CommitBenchmark.self, AccessBenchmark.self, FollowBenchmark.self, WatchBenchmark.self,
      ReportBenchmark.self,
      GenerateCommand.self,
    ],
    defaultSubcommand: StandardBenchmarks.self)
}

/// `plenary-bench all`, and what runs when no benchmark is named.
struct StandardBenchmarks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Runs start and get, which is what a release is judged by.")

  @OptionGroup var programs: Programs
  @OptionGroup var start: StartOptions
  @OptionGroup var rounds: RoundOptions
  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    output.print(try await StartMeasurement.measure(programs: programs, options: start, data: nil))
    output.print(try await GetBenchmark.measure(programs: programs, registry: registry, options: rounds))
  }
}
