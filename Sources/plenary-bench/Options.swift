internal import ArgumentParser
internal import Foundation

/// How long a comparison takes.
struct RoundOptions: ParsableArguments {
  @Option(help: "Rounds; in each, every server gets the same load in turn.")
  var rounds = 5

  @Option(help: "Requests in a round, for each server and shape; a tenth of it for one at a time.")
  var requests = 50_000

  func validate() throws {
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000") }
    guard (1000...10_000_000).contains(requests) else {
      throw ValidationError("--requests must be from 1000 to 10000000")
    }
  }
}

/// How the results are printed.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one line of JSON for each benchmark.")
  var json = false

  func print(_ report: some Report) {
    let text = json ? report.json : report.table
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
  }
}

/// What a benchmark found.
protocol Report: Encodable {
  /// For people.
  var table: String { get }
}

extension Report {
  /// For programs: one line.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      preconditionFailure("a report that is no JSON: \(error)")
    }
  }
}
