import Foundation
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// The handbook's tables of rules: each reason, method and transition has its row, and the tests that it names exist.
@Suite struct RulesPageTests {
  /// `UPDATE_RULES=1 swift test --filter RulesPage` adds and removes rows. It names tests that mention what a new row is
  /// about; whether they hold it is for a reader to judge, and the sentence of a rule is written by hand.
  @Test(arguments: RulesPage.Table.allCases)
  func `each has its row once, and no row is left over`(_ table: RulesPage.Table) throws {
    if ProcessInfo.processInfo.environment["UPDATE_RULES"] == "1" { try RulesPage.update() }
    #expect(RulesPage().subjects(of: table) == table.subjects)
  }

  @Test func `each row names tests that exist`() throws {
    let tests = try TestNames.all()
    for row in RulesPage().rows {
      let named = row.heldBy.matches(of: /`([^`]+)`/).map { String($0.1) }
      #expect(!named.isEmpty, "\(row.subject) names no test")
      for test in named { #expect(tests.contains(test), "\(row.subject) names `\(test)`, which does not exist") }
    }
  }

  @Test func `each rule is told in a sentence`() {
    for row in RulesPage().rows where row.table == .rules {
      #expect(row.cells.count == 2 && row.cells[0].hasSuffix("."), "\(row.subject)")
    }
  }
}

/// `Rules.md`, read and brought up to date.
struct RulesPage {
  /// A table of the page.
  enum Table: String, CaseIterable, Sendable {
    case rules = "Rules"
    case methods = "Methods"
    case transitions = "Transitions"

    /// What has a row in it, in order.
    var subjects: [String] {
      switch self {
      case .rules: Reason.allCases.map(\.rawValue)
      case .methods: Self.allMethods
      case .transitions: Self.allTransitions
      }
    }

    private static var allMethods: [String] {
      let symbols = PlenaryAPIProtoFiles.descriptors.files.filter { $0.package == "plenary.v1" }.flatMap(\.symbols)
      let services = symbols.filter { $0.hasSuffix("Service") }
      return services.flatMap { service in
        symbols.filter { $0.hasPrefix(service + ".") }.map { method in
          String(method.dropFirst("plenary.v1.".count)).replacing(".", with: "/")
        }
      }.sorted()
    }

    /// The ways between states, as the kinds' files declare them: `Dialogue/Schedule: draft, postponed -> scheduled`.
    private static var allTransitions: [String] {
      let folder = RulesPage.root.appending(path: "Sources/PlenaryDomain/Kinds").path
      let files = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      return files.filter { $0.contains("+") }.flatMap { file -> [String] in
        let text = (try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)) ?? ""
        let code = text.split(separator: "\n").filter { !$0.contains("///") }.joined(separator: "\n")
        let way = /Transition\(\s*"(\w+)",\s*from:\s*\[([^\]]*)\],\s*to:\s*\.(\w+)(,\s*onlyForRecord: true)?/
        return code.matches(of: way).map { match in
          let kind = file.prefix { $0 != "+" }
          return "\(kind)/\(match.1): \(match.2.replacing(".", with: "")) -> \(match.3)"
            + (match.4 == nil ? "" : " (record)")
        }
      }
    }

    /// Tests that mention what a row is about.
    func suggestion(for subject: String) throws -> [String] {
      let name = String(subject.split(separator: "/").last ?? "")
      switch self {
      case .rules:
        let reason = Reason(rawValue: subject).map { "\\.\($0)\\b" } ?? subject
        return try TestNames.mentioning([reason], [subject])
      case .methods:
        let tests = try TestNames.mentioning(["(?i)\\b\(name)(Request)?\\b"], ["\\b\(name)\\b"])
        guard name.prefixMatch(of: /Get|List|Create|Update|Delete/) != nil else { return tests }
        return [
          "StandardMethodsTests: each kind answers its five methods",
          "test_every_kind::test_the_five_methods_answer_for_any_kind",
        ]
      case .transitions:
        let kind = subject.prefix { $0 != "/" }
        let verb = name.prefix { $0 != ":" }
        return try TestNames.mentioning(["\\b\(verb)\(kind)Request\\b"], ["\\b\(verb)\(kind)\\b"])
      }
    }
  }

  /// A row of a table.
  struct Row {
    let table: Table
    let subject: String
    /// What stands behind the subject.
    let cells: [String]

    var heldBy: String { cells.last ?? "" }
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
  static let file = root.appending(path: "Sources/Plenary.docc/Rules.md")

  private(set) var rows: [Row] = []
  private var lines: [String] = []

  /// The page as it is; without rows if there is none.
  init() {
    lines = ((try? String(contentsOf: Self.file, encoding: .utf8)) ?? "").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    var table: Table?
    for line in lines {
      if line.hasPrefix("## ") || line.hasPrefix("### ") {
        table = Table(rawValue: String(line.drop { $0 == "#" || $0 == " " }))
      }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard let table, let subject = cells.first, subject.hasPrefix("`"), line.hasPrefix("| `") else { continue }
      rows.append(
        Row(table: table, subject: subject.trimmingCharacters(in: ["`"]), cells: Array(cells.dropFirst())))
    }
  }

  func subjects(of table: Table) -> [String] { rows.filter { $0.table == table }.map(\.subject) }

  /// Makes the rows those that are needed, each with what stood behind its subject.
  static func update() throws {
    let page = RulesPage()
    var lines: [String] = []
    var table: Table?
    for line in page.lines {
      if line.hasPrefix("| `") { continue }
      lines.append(line)
      if line.hasPrefix("### ") { table = Table(rawValue: String(line.dropFirst(4))) }
      guard let current = table, line.hasPrefix("|---") else { continue }
      for subject in current.subjects {
        let known = page.rows.first { $0.table == current && $0.subject == subject }
        let tests = known == nil ? try current.suggestion(for: subject) : []
        let heldBy = tests.map { "`\($0)`" }.joined(separator: ", ")
        let cells = known?.cells ?? (current == .rules ? ["", heldBy] : [heldBy])
        lines.append("| `\(subject)` | \(cells.joined(separator: " | ")) |")
      }
      table = nil
    }
    try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
  }
}

/// The tests of the project: `Suite: sentence` for those in Swift, `module::test` for those in Python.
enum TestNames {
  static func all() throws -> Set<String> {
    Set(try bodies(swift: true).map(\.name) + bodies(swift: false).map(\.name))
  }

  /// Two tests in Swift and one in Python with texts that the patterns match.
  static func mentioning(_ swift: [String], _ python: [String]) throws -> [String] {
    func found(_ patterns: [String], swift: Bool) throws -> [String] {
      let patterns = try patterns.map { try Regex($0) }
      return try bodies(swift: swift).filter { test in patterns.contains { test.text.contains($0) } }.map(\.name)
    }
    return Array(try found(swift, swift: true).prefix(2) + found(python, swift: false).prefix(1))
  }

  /// Every test with its text. What stands before the first test of a file belongs to the first that has arguments.
  private static func bodies(swift: Bool) throws -> [(name: String, text: String)] {
    let tests = RulesPage.root.appending(path: "Tests")
    var bodies: [(name: String, text: String)] = []
    let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
    let paths = (files?.compactMap { $0 as? URL } ?? []).sorted { $0.path < $1.path }
    for file in paths where file.pathExtension == (swift ? "swift" : "py") {
      let suite = file.deletingPathExtension().lastPathComponent
      let text = try String(contentsOf: file, encoding: .utf8)
      var parts = ("\n" + text).components(separatedBy: swift ? "@Test" : "\ndef ")
      if swift, let first = parts.firstIndex(where: { $0.contains("arguments:") }), first > 0 {
        parts[first] += parts[0]
      }
      for part in parts {
        let name = swift ? part.firstMatch(of: /func `([^`]+)`/)?.1 : part.prefixMatch(of: /(test_\w+)/)?.1
        if let name { bodies.append((swift ? "\(suite): \(name)" : "\(suite)::\(name)", part)) }
      }
    }
    return bodies
  }
}
