internal import PlenaryClient

/// One of the calls whose cost is to follow what they answer and not what else there is.
struct ScaleCall: Sendable {
  typealias Ask =
    @Sendable (RegistryClient, GeneratedRecords, inout GeneratedRecords.Random, _ number: Int) async throws -> Int

  /// As it stands in the table.
  let name: String
  /// The most calls of a round; nil for as many as are asked for.
  var callsMax: Int?
  /// Makes one such call, and returns how many records the answer holds; the calls of a daemon are numbered.
  let ask: Ask

  /// The records of a page: about as many as there are for each filter in the smallest registry.
  private static let pageSize: Int32 = 10

  /// The dialogues that are asked for again and again, and no others.
  private static let knownCount = 50

  /// The places where enough of the generated dialogues take place.
  private static let places = GeneratedTexts.places.prefix(3).map(\.region)

  static let all: [ScaleCall] = [
    ScaleCall(name: "GetDialogue, one of \(knownCount)") { registry, _, random, _ in
      try await get(registry, dialogue(random.below(knownCount)))
    },
    // Each is asked for once only, so that none is in memory: in the smallest registry that is a few in a round.
    ScaleCall(name: "GetDialogue, for the first time", callsMax: 32) { registry, population, _, number in
      let count = population.wholeBlocks * GeneratedRecords.dialogueCount - knownCount
      // 7919 is prime, so it leads to each in turn, and in no order.
      return try await get(registry, dialogue(knownCount + number * 7919 % count))
    },
    list("no filter") { _, _ in "" },
    list("series=") { population, random in "series=\"series/g-\(random.below(population.wholeBlocks))\"" },
    list("location.region_code=") { _, random in "location.region_code=\"\(random.pick(places))\"" },
    list("region AND modality=") { _, random in
      "location.region_code=\"\(random.pick(places))\" AND modality=IN_PERSON"
    },
    list("themes: (of few)") { population, random in
      "themes:\"themes/g-\(random.below(population.wholeBlocks))\""
    },
    list("themes: (of many) AND state=") { _, random in
      "themes:\"themes/g-\(random.below(20))\" AND state=CONCLUDED"
    },
    list("start_date in a year") { _, random in
      let year = 2000 + random.below(10)
      return "start_date>=\"\(year)-01-01\" AND start_date<=\"\(year)-12-31\""
    },
    list("start_date in a span") { population, random in span(population, &random) },
    list("start_date in a span, order_by start_date", orderBy: "start_date") { population, random in
      span(population, &random)
    },
    list("start_date in five months, page of 3", pageSize: 3) { _, random in
      let year = 2000 + random.below(10)
      return "start_date>=\"\(year)-03-01\" AND start_date<=\"\(year)-07-31\""
    },
    list("overlaps() of a span") { population, random in
      let bounds = spanBounds(population, &random)
      return "overlaps(\(bounds.first), \(bounds.last))"
    },
    list("overlaps() of a year") { _, random in
      let year = 2000 + random.below(10)
      return "overlaps(\(year)-01-01, \(year)-12-31)"
    },
    list("start_date>=") { _, random in "start_date>=\"\(2000 + random.below(6))-01-01\"" },
    list("region AND start_date>=") { _, random in
      "start_date>=\"2005-01-01\" AND location.region_code=\"\(random.pick(places))\""
    },
    list("no filter, order_by start_date", orderBy: "start_date desc") { _, _ in "" },
    list("region, order_by start_date", orderBy: "start_date desc") { _, random in
      "location.region_code=\"\(random.pick(places))\""
    },
    list("series=, order_by ordinal", orderBy: "ordinal") { population, random in
      "series=\"series/g-\(random.below(population.wholeBlocks))\""
    },
    list("search() of a word in many") { _, random in "search(\(random.pick(words)))" },
    list("search() of a word in many AND state=") { _, random in
      "search(\(random.pick(words))) AND state=CONCLUDED"
    },
    list("search(), order_by start_date", orderBy: "start_date") { _, random in "search(\(random.pick(words)))" },
    search("of few, by name", .name) { population, random in "organization \(random.below(population.wholeBlocks))" },
    search("of many, by name", .name) { _, random in random.pick(words) },
    search("of many with a prefix, by name", .name) { _, random in "\(random.pick(words).prefix(5))*" },
    search("of few, by relevance", .relevance) { population, random in
      "organization \(random.below(population.wholeBlocks))"
    },
    search("of many, by relevance", .relevance) { _, random in random.pick(words) },
    ScaleCall(name: "ListPartnerships participants.organization=") { registry, population, random, _ in
      let organization = "organizations/g-\(random.below(population.wholeBlocks))"
      let request = ListPartnershipsRequest.with {
        ($0.pageSize, $0.filter) = (pageSize, "participants.organization:\"\(organization)\"")
      }
      return try await registry.channel.unary(PartnershipServiceDefinition.listPartnerships, request).partnerships.count
    },
    ScaleCall(name: "ListWorkingGroups of a dialogue") { registry, population, random, _ in
      let request = ListWorkingGroupsRequest.with {
        ($0.parent, $0.pageSize) = (dialogue(population, &random), pageSize)
      }
      return try await registry.channel.unary(WorkingGroupServiceDefinition.listWorkingGroups, request).workingGroups
        .count
    },
  ]

  /// Words that one title in eight has.
  private static let words = ["recruitment", "evidence", "financing", "infrastructure", "incitement"]

  private static func search(
    _ name: String, _ order: SearchResourcesRequest.Order,
    _ query: @escaping @Sendable (GeneratedRecords, inout GeneratedRecords.Random) -> String
  ) -> ScaleCall {
    ScaleCall(name: "SearchResources \(name)") { registry, population, random, _ in
      let request = SearchResourcesRequest.with {
        ($0.pageSize, $0.query, $0.order) = (pageSize, query(population, &random), order)
      }
      return try await registry.channel.unary(SearchServiceDefinition.searchResources, request).results.count
    }
  }

  /// A span in which about forty dialogues begin, whatever the size of the registry: three years of the smallest one, a
  /// day at 10^6. A span of one length would have too few for a page in the one and thousands in the other.
  private static func span(_ population: GeneratedRecords, _ random: inout GeneratedRecords.Random) -> String {
    let bounds = spanBounds(population, &random)
    return "start_date>=\"\(bounds.first)\" AND start_date<=\"\(bounds.last)\""
  }

  private static func spanBounds(
    _ population: GeneratedRecords, _ random: inout GeneratedRecords.Random
  ) -> (first: String, last: String) {
    let (yearDays, monthDays) = (12 * 27, 27)
    let days = Swift.max(1, 3 * yearDays * 1000 / population.count)
    func text(_ day: Int) -> String {
      "\(2000 + day / yearDays)-\(twoDigits(day % yearDays / monthDays + 1))-\(twoDigits(day % monthDays + 1))"
    }
    let first = random.below(10 * yearDays - days)
    return (text(first), text(first + days - 1))
  }

  private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func dialogue(_ population: GeneratedRecords, _ random: inout GeneratedRecords.Random) -> String {
    dialogue(random.below(population.wholeBlocks * GeneratedRecords.dialogueCount))
  }

  private static func dialogue(_ place: Int) -> String {
    let (block, ordinal) = place.quotientAndRemainder(dividingBy: GeneratedRecords.dialogueCount)
    return GeneratedRecords.dialogue(1 + ordinal, ofBlock: block)
  }

  private static func get(_ registry: RegistryClient, _ name: String) async throws -> Int {
    let request = GetDialogueRequest.with { $0.name = name }
    let dialogue = try await registry.channel.unary(DialogueServiceDefinition.getDialogue, request)
    guard dialogue.name == name else { throw Failure("plenaryd answered with \(dialogue.name) instead of \(name)") }
    return 1
  }

  private static func list(
    _ name: String, orderBy: String = "", pageSize: Int32 = pageSize,
    _ filter: @escaping @Sendable (GeneratedRecords, inout GeneratedRecords.Random) -> String
  ) -> ScaleCall {
    ScaleCall(name: "ListDialogues \(name)") { registry, population, random, _ in
      let request = ListDialoguesRequest.with {
        ($0.pageSize, $0.filter, $0.orderBy) = (pageSize, filter(population, &random), orderBy)
      }
      return try await registry.channel.unary(DialogueServiceDefinition.listDialogues, request).dialogues.count
    }
  }
}
