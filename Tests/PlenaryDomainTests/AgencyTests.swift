import Foundation
import PlenaryAPI
import PlenaryStore
import PlenaryTestKit
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Two agencies share a registry, and one of them hides records from the other.
@Suite(.timeLimit(.minutes(30))) struct AgencyTests {
  /// Which stories are told; `PLENARY_AGENCY_SEEDS` says another number, and `PLENARY_AGENCY_FIRST` with which to begin.
  private static let seeds: Range<UInt64> = {
    func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap(UInt64.init) }
    let first = number("PLENARY_AGENCY_FIRST") ?? 0
    return first..<(first + (number("PLENARY_AGENCY_SEEDS") ?? 12))
  }()

  @Test(arguments: seeds)
  func `an agency finds out nothing of what another one hides from it`(_ seed: UInt64) async throws {
    var generator = SeededNumbers(seed: seed)
    let story = Story(&generator)
    let changesInMemory = [0, 5, 65_536][Int(seed % 3)]
    let full = try await Self.told(story, withHidden: true, changesInMemory: changesInMemory)
    let bare = try await Self.told(story, withHidden: false, changesInMemory: changesInMemory)
    for (one, other) in zip(full, bare) where one != other {
      let same = max(0, zip(one, other).prefix { $0 == $1 }.count - 100)
      let difference = [one, other].map { String($0.dropFirst(same).prefix(400)) }
      Issue.record("seed \(seed), \(one.prefix(40)): with what is hidden \(difference[0]) and without \(difference[1])")
      return
    }
    #expect(full.count == bare.count)
  }

  private static func told(_ story: Story, withHidden: Bool, changesInMemory: Int) async throws -> [String] {
    try await AgencyWorld.run(changesInMemory: changesInMemory) { world in
      var told: [String] = []
      // Some follow as things happen, some come now and then, and some when all has happened.
      var inStep = try await world.follow()
      var late = inStep
      var plain = try await world.follow(isPlain: true)
      for (second, step) in story.steps.enumerated() {
        let act = { try await step.act(world.registry, withHidden) }
        // What the first agency is told is for itself.
        if step.isOfSecond {
          told.append(try await world.tell(at: second + 1, step.what, act))
        } else if withHidden || !step.isHidden {
          try await world.happen(at: second + 1, act)
        }
        told += try await world.messages(&inStep, at: second + 1)
        if second.isMultiple(of: 9) { told += try await world.messages(&late, at: second + 1) }
        if second.isMultiple(of: 5) { told += try await world.messages(&plain, at: second + 1) }
      }
      var all = try await world.follow(.fromBeginning(true), isPlain: true)
      told += try await world.messages(&all, at: 1000)
      for filter in ["", "marking.label = RED", "plain"] {
        var last = try await world.follow(.fromBeginning(true), filter: filter)
        told += try await world.messages(&last, at: 1000)
        told += try await world.snapshot(filter: filter, at: 1000)
      }
      let since = story.steps.count / 2
      told += try await world.observedInOrder(names: story.names, at: 1000, since: since)
      return told + (try await world.observed(names: story.names, at: 1000, since: since))
    }
  }
}

/// What happens in a registry: open steps of both agencies, and hidden ones of the first.
struct Story: Sendable {
  /// A step: it happens at the same time in every world in which it happens.
  struct Step: Sendable {
    let isHidden: Bool
    let isOfSecond: Bool
    let what: String
    /// Does it, with what is hidden or without.
    let act: @Sendable (_ registry: Registry, _ withHidden: Bool) async throws -> String
  }

  private(set) var steps: [Step] = []

  /// The names of all records that any step is about.
  private(set) var names = ["themes/common", "themes/never"]

  /// The markings with which the first agency hides something from the second.
  private static let hiding: [PlenaryAPI.Marking] = [
    .with { ($0.label, $0.organizations) = (.amber, [AgencyWorld.first]) },
    .with { ($0.label, $0.organizations) = (.amber, [AgencyWorld.third]) },
    .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/inner"]) },
    .with { ($0.label, $0.organizations) = (.amberStrict, [AgencyWorld.third]) },
    .with { ($0.label, $0.recipients) = (.red, ["clients/first"]) },
  ]

  /// The markings that both see.
  private static let open: [PlenaryAPI.Marking] = [
    .with { $0.label = .clear }, .with { $0.label = .green },
    .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/joint"]) },
    .with { ($0.label, $0.organizations) = (.amberStrict, [AgencyWorld.first, AgencyWorld.second]) },
    .with { ($0.label, $0.recipients) = (.red, ["clients/first", "clients/second"]) },
  ]

  init(_ generator: inout SeededNumbers) {
    for number in 0..<Int.random(in: 30...70, using: &generator) {
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: addMixedStep(number, &generator)
      case 1: addStepOutOfSight(number, &generator)
      default: addStep(number, &generator)
      }
    }
  }

  /// One request of the first agency that writes something open, and hidden records around it.
  private mutating func addMixedStep(_ number: Int, _ generator: inout SeededNumbers) {
    let (id, hiding) = ("a\(Int.random(in: 0..<6, using: &generator))", Self.pick(Self.hiding, &generator))
    let open = Self.pick(Self.open, &generator)
    let count = Self.pick([1, 3, 20], &generator)
    let before = Int.random(in: 0...count, using: &generator)
    names += ["themes/\(id)", "themes/m\(number)-0"].filter { !names.contains($0) }
    steps.append(
      Step(isHidden: false, isOfSecond: false, what: "put \(id) and more") { registry, withHidden in
        func theme(_ id: String, _ text: String, _ marking: PlenaryAPI.Marking) -> Record {
          .with {
            $0.kind = .theme(
              Theme.with {
                ($0.name, $0.scheme, $0.prefLabel) = ("themes/\(id)", "topics", LocalizedText(text))
                $0.marking = marking
              })
          }
        }
        let hidden = (0..<count).map { theme("m\(number)-\($0)", "secret \(number) \($0)", hiding) }
        let records = [
          withHidden ? Array(hidden[..<before]) : [], [theme(id, "plain \(number)", open)],
          withHidden ? Array(hidden[before...]) : [], [theme("\(id)-also", "plain also \(number)", open)],
        ].flatMap(\.self)
        let end = String(number + 1_000_000)
        _ = try await registry.apply(
          .with { ($0.records, $0.requestID) = (records, "11111111-1111-4111-8111-11111\(end)") },
          as: AgencyWorld.firstDesk)
        return "done"
      })
  }

  /// Something of a record that was perhaps open and is out of sight: it changes there, or whoever runs the registry lets the
  /// second agency see it again.
  private mutating func addStepOutOfSight(_ number: Int, _ generator: inout SeededNumbers) {
    let id = "a\(Int.random(in: 0..<6, using: &generator))"
    let isShown = Int.random(in: 0..<3, using: &generator) == 0
    let marking = Self.pick(isShown ? Self.open : Self.hiding, &generator)
    if !names.contains("themes/\(id)") { names.append("themes/\(id)") }
    steps.append(
      Step(isHidden: !isShown, isOfSecond: false, what: "\(isShown ? "show" : "change out of sight") \(id)") {
        registry, _ in
        if isShown { return try await Self.put(theme: id, "plain \(number)", marking, [], registry, AgencyWorld.admin) }
        let isSeen = try? await registry.get(
          GetThemeRequest.with { $0.name = "themes/\(id)" }, as: AgencyWorld.secondDesk)
        // What is not there, or in sight, stays as it is in the other world.
        guard isSeen == nil, try await registry.existsOutOfSight("themes/\(id)") else { return "nothing" }
        return try await Self.put(theme: id, "secret \(number)", marking, [], registry, AgencyWorld.firstDesk)
      })
  }

  private mutating func addStep(_ number: Int, _ generator: inout SeededNumbers) {
    let isOfSecond = Int.random(in: 0..<3, using: &generator) == 0
    let isHidden = !isOfSecond && Bool.random(using: &generator)
    // Whoever has a record has its number; hidden ones are others than open ones.
    let prefix = isOfSecond ? "b" : isHidden ? "x" : "a"
    let id = "\(prefix)\(Int.random(in: 0..<6, using: &generator))"
    let marking = Self.pick(isHidden ? Self.hiding : Self.open, &generator)
    let caller = isOfSecond ? AgencyWorld.secondDesk : AgencyWorld.firstDesk
    let word = isHidden ? "secret" : "plain"
    let text = "\(word) \(Self.pick(["one", "two", "three"], &generator)) \(number)"
    let isPanel = Int.random(in: 0..<4, using: &generator) == 0
    let name = isPanel ? "dialogues/common/panels/\(id)" : "themes/\(id)"
    if !names.contains(name) { names.append(name) }
    let below = Bool.random(using: &generator) ? ["themes/common"] : []
    let act: @Sendable (Registry, Bool) async throws -> String
    let what: String
    switch Int.random(in: 0..<10, using: &generator) {
    case 0..<6:
      what = "put \(name)"
      act = { registry, _ in
        isPanel
          ? try await Self.put(panel: id, text, marking, registry, caller)
          : try await Self.put(theme: id, text, marking, below, registry, caller)
      }
    case 6..<8:
      what = "delete \(name)"
      act = { registry, _ in
        isPanel
          ? try await Self.text(
            of: registry.delete(DeletePanelRequest.with { $0.name = name }, as: caller), Panel.self)
          : try await Self.text(
            of: registry.delete(DeleteThemeRequest.with { $0.name = name }, as: caller), Theme.self)
      }
    case 8:
      what = "undelete \(name)"
      act = { registry, _ in
        isPanel
          ? try await Self.text(
            of: registry.undelete(UndeletePanelRequest.with { $0.name = name }, as: caller), Panel.self)
          : try await Self.text(
            of: registry.undelete(UndeleteThemeRequest.with { $0.name = name }, as: caller), Theme.self)
      }
    default:
      // A record that was open goes out of sight, in every world.
      let hiding = Self.pick(Self.hiding, &generator)
      what = "hide \(name)"
      act = { registry, _ in
        isOfSecond || isPanel
          ? "nothing" : try await Self.put(theme: id, text, hiding, below, registry, caller)
      }
    }
    steps.append(Step(isHidden: isHidden, isOfSecond: isOfSecond, what: what, act: act))
  }

  private static func pick<Element>(_ elements: [Element], _ generator: inout SeededNumbers) -> Element {
    elements[Int.random(in: elements.indices, using: &generator)]
  }

  private static func put(
    theme id: String, _ text: String, _ marking: PlenaryAPI.Marking, _ broader: [String], _ registry: Registry,
    _ caller: Caller
  ) async throws -> String {
    let theme = Theme.with {
      ($0.name, $0.scheme, $0.prefLabel) = ("themes/\(id)", "topics", LocalizedText(text))
      ($0.marking, $0.broader) = (marking, broader)
    }
    return try await self.text(
      of: registry.update(
        UpdateThemeRequest.with {
          ($0.theme, $0.allowMissing) = (theme, true)
          $0.updateMask = .init(paths: ["scheme", "pref_label", "marking", "broader"])
        }, as: caller), Theme.self)
  }

  private static func put(
    panel id: String, _ text: String, _ marking: PlenaryAPI.Marking, _ registry: Registry, _ caller: Caller
  ) async throws -> String {
    let panel = Panel.with {
      ($0.name, $0.title, $0.marking) = ("dialogues/common/panels/\(id)", LocalizedText(text), marking)
    }
    return try await self.text(
      of: registry.update(
        UpdatePanelRequest.with {
          ($0.panel, $0.allowMissing) = (panel, true)
          $0.updateMask = .init(paths: ["title", "marking"])
        }, as: caller), Panel.self)
  }

  private static func text<Message: ProtobufMessage>(of reply: Reply, _ type: Message.Type) throws -> String {
    try ProtoJSON.string(Message(serializedBytes: reply.bytes))
  }
}

extension Registry {
  /// Whether there is a record that is not deleted, whoever may see it.
  fileprivate func existsOutOfSight(_ name: String) async throws -> Bool {
    do throws(DomainError) {
      let reply = try await get(GetThemeRequest.with { $0.name = name }, as: AgencyWorld.admin)
      return try Theme(stored: reply.bytes).deleteTime == nil
    } catch {
      guard error.reason == .resourceNotFound else { throw error }
      return false
    }
  }
}
