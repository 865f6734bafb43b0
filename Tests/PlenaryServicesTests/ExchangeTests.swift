import PlenaryClient
import PlenaryTestKit
import Testing

@Suite(.timeLimit(.minutes(10))) struct ExchangeTests {
  @Test func `the example goes in, is unchanged the second time, and comes out as it went in`() async throws {
    let records = try Example.records()
    try await withPlenary { plenary in
      let rehearsal = try await plenary.registry.importRecords(records, dryRun: true)
      #expect(rehearsal.summary.createdCount == 41 && !rehearsal.summary.applied)
      let first = try await plenary.registry.importRecords(records)
      #expect(first.summary.createdCount == 41 && first.summary.applied)
      let second = try await plenary.registry.importRecords(records)
      #expect(second.summary.unchangedCount == 41 && second.summary.revision == first.summary.revision)
      let export = try await plenary.registry.exportRecords()
      #expect(export.records.count == 41 && export.revision == first.summary.revision)
      let again = try await withPlenary(importing: export.records) { try await $0.registry.exportRecords() }
      #expect(again.records == export.records)
    }
  }

  @Test func `a record that cannot be imported is a result, and nothing is imported`() async throws {
    var records = try Example.records()
    records.append(
      .with {
        $0.kind = .dialogue(
          .with {
            $0.name = "dialogues/fourth"
            $0.series = "series/nowhere"
          })
      })
    try await withPlenary { plenary in
      let report = try await plenary.registry.importRecords(records)
      #expect(!report.summary.applied && report.summary.failedCount == 1 && report.summary.createdCount == 41)
      let result = try #require(report.results.last)
      #expect(result.name == "dialogues/fourth" && result.outcome == .failed && result.index == 41)
      let status = GRPCStatus(try #require(result.error))
      #expect(status.reason == "REFERENCE_NOT_FOUND" && status.fieldViolations.map(\.field) == ["series"])
      #expect(try await plenary.registry.exportRecords().records.isEmpty)
    }
  }

  @Test func `results come in blocks of at most a thousand, in order`() async throws {
    let records = (0..<2500).map { number in
      var theme = Theme.sample
      theme.name = "themes/t\(number)"
      theme.prefLabel = .with { $0.values = ["en": "Theme \(number)"] }
      return Record.with { $0.kind = .theme(theme) }
    }
    try await withPlenary { plenary in
      let sizes = try await ImportServiceClient(plenary.registry.channel).importRegistry { requests, responses in
        try await requests.write(.with { $0.content = .header(.init()) })
        for record in records { try await requests.write(.with { $0.content = .record(record) }) }
        requests.finish()
        var blocks: [[Int32]] = []
        for try await response in responses {
          if case .results(let block)? = response.content { blocks.append(block.results.map(\.index)) }
        }
        #expect(blocks.flatMap(\.self) == Array(0..<2500))
        return blocks.map(\.count)
      }
      #expect(sizes == [1000, 1000, 500])
    }
  }

  @Test(arguments: [0, 2]) func `an import has one header, which comes first`(headers: Int) async throws {
    try await withPlenary { plenary in
      let error = await #expect(throws: GRPCStatus.self) {
        try await ImportServiceClient(plenary.registry.channel).importRegistry { requests, responses in
          for _ in 0..<headers { try await requests.write(.with { $0.content = .header(.init()) }) }
          try await requests.write(.with { $0.content = .record(.with { $0.kind = .theme(.sample) }) })
          requests.finish()
          for try await _ in responses {}
        }
      }
      #expect(error?.code == .invalidArgument && error?.reason == "IMPORT_HEADER_INVALID")
    }
  }

  @Test func `an export of an unknown kind or in an unknown format is refused`() async throws {
    try await withPlenary { plenary in
      let kind = await #expect(throws: GRPCStatus.self) {
        try await plenary.registry.exportRecords(ofTypes: ["plenary.registry/Nothing"])
      }
      #expect(kind?.code == .invalidArgument && kind?.reason == "RESOURCE_TYPE_UNKNOWN")
      let format = await #expect(throws: GRPCStatus.self) {
        let request = ExportRegistryRequest.with { $0.format = .init(rawValue: 99) }
        for try await _ in try ExportServiceClient(plenary.registry.channel).exportRegistry(request) {}
      }
      #expect(format?.code == .invalidArgument && format?.reason == "EXPORT_FORMAT_UNKNOWN")
    }
  }
}
