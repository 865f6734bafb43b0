internal import ArgumentParser
internal import Foundation
internal import GRPCProtos
internal import PlenaryClient

/// `plenary-bench report`
struct ReportBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "What it takes to compile the outcomes report of a large series, and to read it.",
    discussion: """
      The series is generated: each of its dialogues has a working group, a panel and as many findings as the others. Times
      are those of the daemon for the operation, with its writing, and of a caller that reads the content which is not in \
      memory. The memory is what the daemon has more than before the first report.

        plenary-bench report --dialogues 200 --findings 20000
      """)

  @Option(help: "How many dialogues the series has.")
  var dialogues = 200

  @Option(help: "How many findings they have together.")
  var findings = 20_000

  @Option(help: "How often it is compiled and read.")
  var rounds = 5

  @OptionGroup var programs: Programs
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...1000).contains(dialogues) else { throw ValidationError("--dialogues must be from 1 to 1000") }
    guard (dialogues...40_000).contains(findings) else {
      throw ValidationError("--findings must be from the number of dialogues to 40000")
    }
    guard (1...100).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 100") }
  }

  func run() async throws {
    let measured = try await MeasuredRegistry.start(
      GeneratedSeries(dialogues: dialogues, findings: findings).records, programs: programs,
      pinnedBy: Cores().serverPrefix)
    let report: ReportFigures
    do {
      report = try await measured.withClient { try await measure($0, measured.server.processID) }
    } catch {
      try measured.stop()
      throw error
    }
    try measured.stop()
    output.print(report)
  }

  private func measure(_ registry: RegistryClient, _ process: pid_t) async throws -> ReportFigures {
    let before = try ResidentMemory.bytes(of: process)
    var (compiling, reading, peak) = ([Double](), [Double](), before)
    var (bytes, digest) = (0, "")
    for _ in 0..<rounds {
      let answer = try await compile(registry)
      compiling.append(answer.seconds * 1000)
      peak = max(peak, try ResidentMemory.bytes(of: process))
      guard digest.isEmpty || digest == answer.response.outcomeReport?.contentDigest else {
        throw Failure("the same records gave another digest")
      }
      digest = answer.response.outcomeReport?.contentDigest ?? ""
      bytes = Int(answer.response.sizeBytes)
      let start = ContinuousClock.now
      var count = 0
      for try await piece in try OutcomeReportServiceClient(registry.channel).readOutcomeReportContent(
        .with { $0.name = GeneratedSeries.report })
      {
        if case .chunk(let chunk) = piece.item { count += chunk.count }
      }
      guard count == bytes else { throw Failure("\(count) bytes were read of \(bytes)") }
      reading.append((ContinuousClock.now - start) / .milliseconds(1))
      peak = max(peak, try ResidentMemory.bytes(of: process))
    }
    return ReportFigures(
      dialogues: dialogues, findings: findings, rounds: rounds, contentBytes: bytes, digest: digest,
      compileMilliseconds: Spread(compiling), readMilliseconds: Spread(reading), memoryBytes: peak - before)
  }

  /// Has the report compiled, and waits for it.
  private func compile(
    _ registry: RegistryClient
  ) async throws -> (response: CompileOutcomeReportResponse, seconds: Double) {
    var operation = try await OutcomeReportServiceClient(registry.channel).compileOutcomeReport(
      .with { $0.name = GeneratedSeries.report })
    while !operation.done {
      operation = try await LongRunningOperationsClient(registry.channel).waitOperation(
        .with { $0.name = operation.name })
    }
    guard case .response(let packed)? = operation.result,
      let response = try packed.unpacked(as: CompileOutcomeReportResponse.self),
      let metadata = try operation.metadata?.unpacked(as: UpkeepMetadata.self), let start = metadata.createTime,
      let end = metadata.endTime
    else { throw Failure("the report was not compiled: \(String(describing: operation.result))") }
    let seconds = Double(end.seconds - start.seconds) + Double(end.nanos - start.nanos) / 1_000_000_000
    return (response, seconds)
  }
}

/// A series with as much in it as is asked for.
struct GeneratedSeries {
  static let report = "outcomeReports/generated"
  private static let series = "series/generated"

  let dialogues: Int
  let findings: Int

  var records: [Record] {
    var records: [Record] = [
      .with {
        $0.kind = .organization(
          .with { ($0.name, $0.kind, $0.title) = ("organizations/generated", .civilSociety, text("The organizer")) })
      },
      .with { $0.kind = .series(.with { ($0.name, $0.title) = (Self.series, text("A generated series")) }) },
    ]
    for theme in 0..<8 {
      records.append(
        .with {
          $0.kind = .theme(
            .with {
              ($0.name, $0.scheme, $0.prefLabel) = ("themes/generated-\(theme)", "generated", text("Theme \(theme)"))
            })
        })
    }
    for ordinal in 1...dialogues { records += dialogue(ordinal) }
    records.append(
      .with { $0.kind = .outcomeReport(.with { ($0.name, $0.series) = (Self.report, Self.series) }) })
    return records
  }

  private func dialogue(_ ordinal: Int) -> [Record] {
    let name = "dialogues/generated-\(ordinal)"
    let theme = "themes/generated-\(ordinal % 8)"
    var records: [Record] = [
      .with {
        $0.kind = .dialogue(
          .with {
            ($0.name, $0.series, $0.ordinal, $0.state) = (name, Self.series, Int32(ordinal), .concluded)
            ($0.title, $0.themes) = (text("Dialogue \(ordinal)"), [theme])
          })
      },
      .with {
        $0.kind = .workingGroup(
          .with {
            ($0.name, $0.theme, $0.state) = ("\(name)/workingGroups/w", theme, .reported)
            $0.resultsSummary = text(
              "What the group of dialogue \(ordinal) has brought to light, in a sentence or two.")
          })
      },
      .with {
        $0.kind = .panel(
          .with {
            ($0.name, $0.title, $0.summary) = ("\(name)/panels/p", text("A panel"), text("What was said there."))
          })
      },
      .with {
        $0.kind = .partnership(
          .with {
            ($0.name, $0.subject) = ("partnerships/generated-\(ordinal)", name)
            $0.participants = [.with { ($0.organization, $0.role) = ("organizations/generated", .organizer) }]
          })
      },
    ]
    let count = findings / dialogues + (ordinal <= findings % dialogues ? 1 : 0)
    for number in 0..<count {
      records.append(
        .with {
          $0.kind = .finding(
            .with {
              ($0.name, $0.origin) = ("\(name)/findings/f-\(number)", "\(name)/workingGroups/w")
              $0.kind = [.experience, .challenge, .goodPractice, .conclusion][number % 4]
              $0.text = text(
                "Finding \(number) of dialogue \(ordinal): what is learned at one place helps at another, if it is told in time "
                  + "and in words that others understand.")
              ($0.contributor, $0.ordinal) = ("organizations/generated", Int32(number + 1))
            })
        })
    }
    return records
  }

  private func text(_ text: String) -> LocalizedText {
    .with { ($0.values, $0.originalLanguage) = (["en": text], "en") }
  }
}

/// What compiling a report takes.
struct ReportFigures: Report {
  let dialogues: Int
  let findings: Int
  let rounds: Int
  let contentBytes: Int
  let digest: String
  let compileMilliseconds: Spread
  let readMilliseconds: Spread
  let memoryBytes: Int

  var table: String {
    let rows = [
      ["", "ms"], ["compile", compileMilliseconds.text], ["read", readMilliseconds.text],
    ]
    return """
      An outcomes report of \(dialogues) dialogues with \(findings) findings: \(contentBytes >> 10) KiB, \(rounds) rounds

      \(TextTable.lines(rows))

      memory: \(memoryBytes >> 20) MiB more than before the first; digest \(digest)

      """
  }
}
