import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// What a request may ask of the registry before anything is looked up.
@Suite(.timeLimit(.minutes(10))) struct RequestLimitTests {
  private func masked(_ paths: [String]) -> GetThemeRequest {
    .with { ($0.name, $0.readMask) = ("themes/t1", ProtobufFieldMask(paths: paths)) }
  }

  @Test func `a mask has a most number of paths`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      let most = Array(repeating: "name", count: FieldMask.pathCountMax)
      _ = try await test.get(masked(most))
      await expectRefusal(.listTooLong, "read_mask") { _ = try await test.get(masked(most + ["name"])) }
    }
  }

  @Test func `a path of a mask has a longest length`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      let longest = "annotations.`" + String(repeating: "k", count: FieldMask.pathByteCountMax - 14) + "`"
      _ = try await test.get(masked([longest]))
      let tooLong = longest.dropLast() + "k`"
      await expectRefusal(.textTooLong, "read_mask") { _ = try await test.get(masked([String(tooLong)])) }
      await expectRefusal(.textTooLong, "update_mask") {
        try await test.update(
          UpdateThemeRequest.with {
            $0.theme = Sample.theme()
            $0.updateMask = ProtobufFieldMask(paths: [String(repeating: "x", count: 1 << 20)])
          })
      }
    }
  }

  @Test func `an export has a most number of types, and a type a longest name`() async throws {
    try await TestRegistry.run { test in
      let most = Array(repeating: "plenary.registry/Theme", count: Registry.resourceTypeCountMax)
      let exported = try await test.exported(most)
      #expect(exported.isEmpty)
      await expectRefusal(.listTooLong, "resource_types") { _ = try await test.exported(most + most.prefix(1)) }
      let longest = String(repeating: "x", count: Registry.resourceTypeByteCountMax)
      await expectRefusal(.resourceTypeUnknown, "resource_types") { _ = try await test.exported([longest]) }
      await expectRefusal(.textTooLong, "resource_types") { _ = try await test.exported([longest + "x"]) }
    }
  }

  @Test func `a parent has a longest length`() async throws {
    try await TestRegistry.run { test in
      let longest = String(repeating: "d", count: NamePattern.nameByteCountMax)
      for (parent, max) in [(longest, nil), (longest + "d", "512")] {
        let listed = await expectRefusal(.idInvalid, "parent") {
          _ = try await test.page(ListWorkingGroupsRequest.with { $0.parent = parent })
        }
        let created = await expectRefusal(.idInvalid, "parent") {
          try await test.create(
            CreateWorkingGroupRequest.with {
              ($0.parent, $0.workingGroupID, $0.workingGroup) = (parent, "w", Sample.group())
            })
        }
        #expect(listed?.metadata["max"] == max && created?.metadata["max"] == max)
      }
    }
  }
}
