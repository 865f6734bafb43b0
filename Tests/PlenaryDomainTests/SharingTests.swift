import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Who sees which records, and who may let others see them.
@Suite(.timeLimit(.minutes(10))) struct SharingTests {
  // MARK: Who sees

  @Test(
    arguments: [
      (.clear, [], [], [], true, true), (.green, [], [], [], true, true),
      (.amber, ["other"], [], [], true, true), (.amber, ["own"], [], [], false, true),
      (.amber, [], ["outer"], [], true, true), (.amberStrict, ["other"], ["outer"], [], true, true),
      (.amberStrict, ["own"], ["outer"], [], false, true), (.red, [], [], ["theirs"], true, false),
      (.red, ["other"], ["outer"], ["mine"], false, true),
    ] as [(PlenaryAPI.Marking.Label, [String], [String], [String], Bool, Bool)])
  func `each label lets in whom it is for`(
    _ label: PlenaryAPI.Marking.Label, _ organizations: [String], _ groups: [String], _ recipients: [String],
    _ otherSees: Bool, _ ownSees: Bool
  ) async throws {
    try await run { test in
      let marking = marking(
        label, organizations: organizations.map { "organizations/\($0)" }, groups: groups.map { "sharingGroups/\($0)" },
        recipients: recipients.map { "clients/\($0)" })
      try await test.seed(
        theme("t", marking).with { $0.originatingOrganization = Self.own })
      #expect(
        try await sees(
          caller("clients/theirs", of: Self.other, groups: ["sharingGroups/inner", "sharingGroups/outer"]), "t", test)
          == otherSees)
      #expect(try await sees(mine, "t", test) == ownSees)
      // Whoever acts for nobody is in no circle.
      #expect(try await sees(caller("clients/x", of: ""), "t", test) == (label.rawValue <= 2))
    }
  }

  @Test(arguments: [.clear, .green, .amber, .amberStrict, .red] as [PlenaryAPI.Marking.Label])
  func `a ceiling keeps out what is marked higher`(_ ceiling: PlenaryAPI.Marking.Label) async throws {
    try await run { test in
      let labels: [PlenaryAPI.Marking.Label] = [.clear, .green, .amber, .amberStrict, .red]
      for label in labels {
        try await test.seed(
          theme(
            "t\(label.rawValue)", marking(label, organizations: [Self.other], recipients: ["clients/theirs"])))
      }
      let caller = caller("clients/theirs", of: Self.other, ceiling: ceiling)
      for label in labels {
        #expect(try await sees(caller, "t\(label.rawValue)", test) == (label.rawValue <= ceiling.rawValue))
      }
    }
  }

  @Test func `groups let in through groups, until an organization is taken out`() async throws {
    try await run { test in
      let directory = ClientDirectory(test.store)
      let answer = try await test.registry.issueToken(.with { $0.name = "clients/theirs" }, as: TestRegistry.caller)
      try await test.update(
        UpdateClientRequest.with {
          $0.client = .with { ($0.name, $0.roles) = ("clients/theirs", [.with { $0.role = .reader }]) }
          $0.updateMask = .init(paths: ["roles"])
        })
      try await directory.load()
      let digest = try #require(AccessToken(parsing: answer.response.token)).digest
      func member() throws -> Caller {
        try #require(directory.member(withDigest: digest, at: CommitTime(microseconds: TestRegistry.start))).caller
      }
      try await test.seed(theme("t", marking(.amber, groups: ["sharingGroups/outer"])))
      let before = try member()
      #expect(try await sees(before, "t", test) && before === member())
      try await test.update(
        UpdateSharingGroupRequest.with {
          $0.sharingGroup = .with { ($0.name, $0.organizations) = ("sharingGroups/inner", [Self.own]) }
          $0.updateMask = .init(paths: ["organizations"])
        })
      try await directory.catchUp()
      let after = try member()
      #expect(after !== before && before.isCurrent)
      directory.endOutdatedCallers()
      #expect(!before.isCurrent && after.isCurrent)
      #expect(try await !sees(after, "t", test))
    }
  }

  // MARK: Refusals

  @Test func `a name that is taken by what the caller does not see is taken, and that is all`() async throws {
    try await run { test in
      try await test.seed(theme("t", marking(.red, recipients: ["clients/theirs"])))
      let wanted = theme("t", marking(.green))
      let refusal = await expectRefusal(.resourceExists) { try await create(wanted, test, as: mine) }
      #expect(refusal?.metadata == ["name": "themes/t", "type": "plenary.registry/Theme"])
      await expectRefusal(.resourceNotFound) { try await update(wanted, test, as: mine) }
      await expectRefusal(.resourceExists) {
        _ = try await test.registry.apply(.with { $0.records = [.with { $0.kind = .theme(wanted) }] }, as: mine)
      }
      var batch = try ImportBatch(.with { $0.conflict = .replace }, within: test.registry.importBudget)
      try batch.append(try Record(holding: wanted))
      let report = try await test.registry.importRecords(batch, as: mine)
      #expect(!report.isApplied && report.results.first?.error?.reason == .resourceExists)
    }
  }

  @Test func `a number or a symbol that is taken out of sight is taken, and that is all`() async throws {
    try await run { test in
      let hidden = marking(.red, recipients: ["clients/theirs"])
      try await test.seed(
        Sample.series("s"), Sample.dialogue("hidden", ordinal: 1, series: "series/s").with { $0.marking = hidden },
        Sample.organization(), Sample.mandate().with { $0.marking = hidden })
      let mandate = Sample.mandate()
      var refusals: [DomainError?] = []
      refusals.append(
        await expectRefusal(.ordinalTaken) {
          _ = try await test.registry.create(
            CreateDialogueRequest.with {
              ($0.dialogue, $0.dialogueID) = (Sample.dialogue("d", ordinal: 1, series: "series/s"), "d")
            }, as: mine)
        })
      refusals.append(
        await expectRefusal(.symbolTaken) {
          _ = try await test.registry.create(
            CreateMandateRequest.with { ($0.mandate, $0.mandateID) = (mandate, "another") }, as: mine)
        })
      let told = refusals.map { "\($0?.message ?? "") \($0?.metadata ?? [:]) \($0?.violations ?? [])" }
      #expect(told.allSatisfy { !$0.contains("hidden") && !$0.contains(mandate.name) })
    }
  }

  @Test func `what is named and not seen is missing, as if there were none`() async throws {
    try await run { test in
      try await test.seed(theme("hidden", marking(.red, recipients: ["clients/theirs"])))
      var refusals: [DomainError?] = []
      for name in ["themes/hidden", "themes/missin"] {
        refusals.append(
          await expectRefusal(.referenceNotFound) {
            try await create(theme("t", marking(.green), broader: [name]), test, as: mine)
          })
      }
      #expect(
        refusals[0]?.message.replacing("hidden", with: "missin") == refusals[1]?.message
          && refusals[0]?.metadata.keys == refusals[1]?.metadata.keys)
    }
  }

  @Test func `a record that is in use by what the caller does not see is in use, and that is all`() async throws {
    try await run { test in
      try await test.seed(
        theme("t", marking(.green)),
        theme("hidden", marking(.red, recipients: ["clients/theirs"]), broader: ["themes/t"]))
      let request = DeleteThemeRequest.with { $0.name = "themes/t" }
      for isRehearsal in [true, false] {
        let refusal = await expectRefusal(.resourceInUse) {
          _ = try await test.registry.delete(request.with { $0.validateOnly = isRehearsal }, as: mine)
        }
        #expect(refusal?.metadata == [:] && refusal?.obstacles == [])
        #expect(refusal?.message.contains("hidden") == false)
      }
      try await test.seed(theme("seen", marking(.green), broader: ["themes/t"]))
      let refusal = await expectRefusal(.resourceInUse) { _ = try await test.registry.delete(request, as: mine) }
      #expect(refusal?.obstacles.map(\.subject) == ["themes/seen"] && refusal?.metadata == [:])
    }
  }

  @Test func `children that the caller does not see are not deleted with their parent`() async throws {
    try await run { test in
      try await test.seed(
        Sample.dialogue(),
        Panel.with {
          ($0.name, $0.title) = ("dialogues/d1/panels/p", LocalizedText("P"))
          $0.marking = marking(.red, recipients: ["clients/theirs"])
        })
      for force in [false, true] {
        let refusal = await expectRefusal(.hasChildren) {
          _ = try await test.registry.delete(
            DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", force) }, as: mine)
        }
        #expect(refusal?.message.contains("panels") == false && refusal?.obstacles == [])
      }
      _ = try await test.registry.delete(
        DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) }, as: TestRegistry.caller)
    }
  }

  // MARK: Who may let others in

  @Test func `nobody marks a record out of the own sight`() async throws {
    try await run { test in
      for (field, marking) in [
        ("marking.recipients", marking(.red, recipients: ["clients/theirs"])),
        ("marking.organizations", marking(.amber, organizations: [Self.other])),
      ] {
        await expectRefusal(.recipientsMissing, field) {
          try await create(
            theme("t", marking).with { $0.originatingOrganization = Self.other }, test, as: mine)
        }
      }
      // The originator is let in, if it is not RED.
      try await create(theme("t", marking(.amber, organizations: [Self.other])), test, as: mine)
    }
  }

  @Test func `whoever may see a record may see what it names`() async throws {
    try await run { test in
      let both = marking(.amber, organizations: [Self.own, Self.other])
      try await test.seed(
        theme("amber", both), theme("red", marking(.red, recipients: ["clients/mine", "clients/theirs"])))
      for (marking, name, isRight) in [
        (marking(.green), "amber", false), (both, "amber", true),
        (marking(.amber, organizations: [Self.other]), "amber", true),
        (marking(.amber, groups: ["sharingGroups/outer"]), "amber", false),
        (marking(.amberStrict, organizations: [Self.own]), "amber", true),
        (marking(.red, recipients: ["clients/mine"]), "amber", true),
        (both, "red", false), (marking(.red, recipients: ["clients/mine"]), "red", true),
      ] {
        let naming = theme("t", marking, broader: ["themes/\(name)"])
        if isRight {
          try await test.seed(naming)
          _ = try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t" })
          _ = try await test.registry.purge(
            PurgeThemesRequest.with { ($0.filter, $0.force) = ("*", true) }, as: TestRegistry.caller)
        } else {
          let report = try await test.importing([naming])
          #expect(report.results.first?.error?.reason == .markingTooLoose, "\(marking) \(name)")
          #expect(report.results.first?.error?.violations.first?.field == "broader.0")
        }
      }
    }
  }

  @Test func `a record becomes no stricter than those that name it`() async throws {
    try await run { test in
      try await test.seed(theme("t", marking(.green)), theme("n", marking(.green), broader: ["themes/t"]))
      let red = marking(.red, recipients: ["clients/mine"])
      let refusal = await expectRefusal(.markingTooLoose, "marking") {
        try await update(theme("t", red), test, as: mine)
      }
      #expect(refusal?.metadata["referrer"] == "themes/n" && refusal?.metadata["minimum"] == "RED")
      try await update(theme("n", red), test, as: mine)
      try await update(theme("t", red), test, as: mine)
    }
  }

  @Test func `more are let in by an officer of the originator alone, who says why`() async throws {
    try await run { test in
      try await test.seed(
        theme("t", marking(.amber, organizations: [Self.other])).with { $0.originatingOrganization = Self.own })
      let green = theme("t", marking(.green))
      let officer = caller("clients/mine", of: Self.own, .officer)
      for caller in [mine, officer, caller("clients/theirs", of: Self.other, .officer, scope: "*"), theirs] {
        let refusal = await expectRefusal(.markingOriginatorOnly) { try await update(green, test, as: caller) }
        #expect(refusal?.code == .permissionDenied && refusal?.metadata["originator"] == Self.own)
      }
      // One more organization is more as well, and so is a group.
      await expectRefusal(.markingOriginatorOnly) {
        try await update(
          theme("t", marking(.amber, organizations: [Self.other], groups: ["sharingGroups/outer"])), test, as: mine)
      }
      let request = DowngradeMarkingRequest.with { ($0.name, $0.marking) = ("themes/t", marking(.green)) }
      await expectRefusal(.fieldRequired, "reason") {
        _ = try await test.registry.downgradeMarking(request, as: officer)
      }
      let reasoned = request.with { $0.reason = "the report is out" }
      for caller in [mine, theirs, caller("clients/theirs", of: Self.other, .officer, scope: "*")] {
        await expectRefusal(.markingOriginatorOnly) {
          _ = try await test.registry.downgradeMarking(reasoned, as: caller)
        }
      }
      let reply = try await test.registry.downgradeMarking(reasoned, as: officer)
      let record = try Record(serializedBytes: reply.bytes)
      guard case .theme(let changed)? = record.kind else { throw UnexpectedKind() }
      #expect(changed.marking?.label == .green && changed.name == "themes/t")
      // Back again takes no more than changing the record.
      try await update(theme("t", marking(.amberStrict, organizations: [Self.other])), test, as: mine)
      let revisions = try await test.registry.listRevisions(
        ListThemeRevisionsRequest.with { $0.parent = "themes/t" }, as: theirs)
      #expect(revisions.records.count == 3)
    }
  }

  // MARK: What the review of this found

  @Test func `what a record holds follows it, together with what names it`() async throws {
    try await run { test in
      let amber = marking(.amber, organizations: [Self.own])
      try await test.seed(
        Sample.dialogue(),
        Panel.with { ($0.name, $0.title) = ("dialogues/d1/panels/p", LocalizedText("P")) },
        Finding.with {
          ($0.name, $0.origin, $0.kind) = ("dialogues/d1/findings/f", "dialogues/d1/panels/p", .challenge)
          $0.text = LocalizedText("F")
        })
      func mark(_ marking: PlenaryAPI.Marking) async throws {
        _ = try await test.registry.update(
          UpdateDialogueRequest.with {
            $0.dialogue = .with { ($0.name, $0.marking) = ("dialogues/d1", marking) }
            $0.updateMask = .init(paths: ["marking"])
          }, as: TestRegistry.caller)
      }
      // Both follow, and the one may go on naming the other.
      try await mark(amber)
      try await mark(marking(.green))
      // What has a marking of its own, for more, may not.
      _ = try await test.update(
        UpdateFindingRequest.with {
          $0.finding = .with {
            $0.name = "dialogues/d1/findings/f"
            $0.marking = marking(.red, recipients: ["clients/mine", "clients/theirs"])
          }
          $0.updateMask = .init(paths: ["marking"])
        })
      await expectRefusal(.markingTooLoose) { try await mark(amber) }
    }
  }

  @Test func `what lies in a record is for nobody else`() async throws {
    try await run { test in
      try await test.seed(Sample.dialogue().with { $0.marking = marking(.amber, organizations: [Self.own]) })
      for wrong in [
        marking(.amber, organizations: [Self.other]), marking(.amberStrict, organizations: [Self.other]),
        marking(.red, recipients: ["clients/theirs"]),
      ] {
        let report = try await test.importing([
          Panel.with { ($0.name, $0.title, $0.marking) = ("dialogues/d1/panels/p", LocalizedText("P"), wrong) }
        ])
        #expect(report.results.first?.error?.reason == .markingTooLoose, "\(wrong)")
      }
      try await test.seed(
        Panel.with {
          ($0.name, $0.title) = ("dialogues/d1/panels/p", LocalizedText("P"))
          $0.marking = marking(.red, recipients: ["clients/mine"])
        })
    }
  }

  @Test func `content that fewer might see comes back by an officer alone, who says why`() async throws {
    try await run { test in
      let both = marking(.red, recipients: ["clients/mine", "clients/theirs"])
      try await test.seed(theme("t", both).with { $0.originatingOrganization = Self.own })
      let strict = try await test.get(GetThemeRequest.with { $0.name = "themes/t" })
      let officer = caller("clients/mine", of: Self.own, .officer)
      _ = try await test.registry.downgradeMarking(
        .with { ($0.name, $0.marking, $0.reason) = ("themes/t", marking(.green), "it is out") }, as: officer)
      try await update(
        theme("t", marking(.green)).with { $0.prefLabel = LocalizedText("open") }, paths: ["pref_label"], test, as: mine
      )
      let back = RollbackThemeRequest.with { ($0.name, $0.revisionID) = ("themes/t", strict.revision) }
      for (request, caller) in [(back, mine), (back, officer), (back.with { $0.reason = "x" }, mine)] {
        await expectRefusal(.markingOriginatorOnly) { _ = try await test.registry.rollback(request, as: caller) }
      }
      _ = try await test.registry.rollback(back.with { $0.reason = "it was right" }, as: officer)
    }
  }

  @Test func `who is let in by a group may add to what it is let into`() async throws {
    try await run { test in
      try await test.seed(Sample.dialogue().with { $0.marking = marking(.amber, groups: ["sharingGroups/inner"]) })
      let member = caller("clients/theirs", of: Self.other, scope: "*", groups: ["sharingGroups/inner"])
      for (id, marking) in [("p", PlenaryAPI.Marking()), ("q", marking(.red, recipients: ["clients/theirs"]))] {
        _ = try await test.registry.create(
          CreatePanelRequest.with {
            ($0.parent, $0.panelID) = ("dialogues/d1", id)
            $0.panel = .with { ($0.title, $0.marking) = (LocalizedText(id), marking) }
          }, as: member)
      }
    }
  }

  @Test func `a deleted record is named by nobody who may not see it either`() async throws {
    try await run { test in
      let amber = marking(.amber, organizations: [Self.own])
      try await test.seed(
        Sample.dialogue(), Panel.with { ($0.name, $0.title) = ("dialogues/d1/panels/p", LocalizedText("P")) },
        Finding.with {
          ($0.name, $0.origin, $0.kind) = ("dialogues/d1/findings/f", "dialogues/d1/panels/p", .challenge)
          ($0.text, $0.marking) = (LocalizedText("F"), amber)
        },
        Recommendation.with {
          ($0.name, $0.text, $0.marking) = ("recommendations/r", LocalizedText("R"), amber)
          ($0.findings, $0.addressee) = (["dialogues/d1/findings/f"], Self.own)
        })
      _ = try await test.delete(DeleteFindingRequest.with { $0.name = "dialogues/d1/findings/f" })
      await expectRefusal(.markingTooLoose, "findings.0") {
        _ = try await test.update(
          UpdateRecommendationRequest.with {
            $0.recommendation = .with { ($0.name, $0.marking) = ("recommendations/r", marking(.green)) }
            $0.updateMask = .init(paths: ["marking"])
          })
      }
    }
  }

  @Test func `what comes back with a record tells nothing of itself`() async throws {
    try await run { test in
      try await test.seed(
        Sample.dialogue(), theme("t", marking(.green)),
        Panel.with {
          ($0.name, $0.title, $0.themes) = ("dialogues/d1/panels/hidden", LocalizedText("P"), ["themes/t"])
          $0.marking = marking(.red, recipients: ["clients/theirs"])
        })
      _ = try await test.delete(DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) })
      _ = try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t" })
      let refusal = await #expect(throws: DomainError.self) {
        _ = try await test.registry.undelete(UndeleteDialogueRequest.with { $0.name = "dialogues/d1" }, as: mine)
      }
      #expect(refusal.map { !"\($0)".contains("hidden") && !"\($0)".contains("themes/t") } == true)
    }
  }

  @Test func `a caller whose rights have changed writes nothing more, and is sent nothing more`() async throws {
    try await run { test in
      try await test.seed(theme("t", marking(.green)))
      let caller = mine
      caller.end()
      await expectRefusal(.rightsChanged) { try await create(theme("u", marking(.green)), test, as: caller) }
      await expectRefusal(.rightsChanged) {
        try await test.registry.export(.with { $0.resourceTypes = ["plenary.registry/Theme"] }, as: caller) { _ in }
      }
    }
  }

  @Test func `a call that is repeated tells nothing more of what has gone out of sight`() async throws {
    try await run { test in
      let both = marking(.amber, organizations: [Self.own, Self.other])
      try await test.seed(theme("t", both), theme("u", both))
      let records = ["t", "u"].map { id in
        Record.with { $0.kind = .theme(theme(id, both).with { $0.notation = "7" }) }
      }
      let request = ApplyResourcesRequest.with {
        ($0.records, $0.requestID) = (records, "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b")
      }
      let first = try await test.registry.apply(request, as: mine)
      #expect(first.response.items.map { $0.changedFields?.paths } == [["notation"], ["notation"]])
      try await update(theme("t", marking(.red, recipients: ["clients/theirs"])), test, as: TestRegistry.caller)
      let second = try await test.registry.apply(request, as: mine)
      #expect(second.isReplay && second.response.items.map(\.name) == ["themes/t", "themes/u"])
      #expect(second.response.items.map { $0.changedFields?.paths } == [nil, ["notation"]])
      #expect(second.response.items.map(\.action) == [.unchanged, .update])
      // Whoever's rights are others by now is told by what they are, and a caller that is no longer current by nothing.
      let outside = caller("clients/mine", of: "", scope: "*")
      let third = try await test.registry.apply(request, as: outside)
      #expect(third.response.items.map { $0.changedFields?.paths } == [nil, nil])
      let gone = mine
      gone.end()
      await expectRefusal(.rightsChanged) { _ = try await test.registry.apply(request, as: gone) }
    }
  }

  private struct UnexpectedKind: Error {}
}
