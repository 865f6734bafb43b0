internal import PlenaryClient

/// Records in the shape of the example, as many as are asked for, the same for each seed.
///
/// They come in blocks of twenty: an organization, a source, a person, a theme, a series with five dialogues, and what
/// belongs to these. A record refers only to records before it, so the records of a smaller number are the first of those
/// of a greater one, and any beginning of them can be imported. A record follows from the seed and its place alone: none is
/// kept.
struct GeneratedRecords: Sequence, IteratorProtocol {
  /// The records of a block.
  static let blockCount = 20
  /// The dialogues of a block.
  static let dialogueCount = 5

  let count: Int
  let seed: UInt64
  private var index = 0

  init(count: Int, seed: UInt64) {
    self.count = count
    self.seed = seed
  }

  mutating func next() -> Record? {
    guard index < count else { return nil }
    defer { index += 1 }
    return Block(number: index / Self.blockCount, seed: seed).record(index % Self.blockCount)
  }

  /// The blocks that are there in full.
  var wholeBlocks: Int { count / Self.blockCount }
}

extension GeneratedRecords {
  /// The name of a dialogue of a block.
  static func dialogue(_ ordinal: Int, ofBlock block: Int) -> String { "dialogues/g-\(block)-\(ordinal)" }

  /// Numbers without an order, the same for the same seed. Sebastiano Vigna's SplitMix64.
  struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, _ place: Int) {
      state = seed &+ UInt64(truncatingIfNeeded: place) &* 0xD1B5_4A32_D192_ED03
    }

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
  }

  /// One block of records.
  private struct Block {
    let number: Int
    let seed: UInt64

    /// The record at a place of the block.
    func record(_ place: Int) -> Record {
      var random = Random(seed: seed, number * GeneratedRecords.blockCount + place)
      return .with {
        switch place {
        case 0: $0.kind = .organization(organization(&random))
        case 1: $0.kind = .source(source)
        case 2: $0.kind = .person(person(&random))
        case 3: $0.kind = .theme(theme(&random))
        case 4: $0.kind = .series(series(&random))
        case 5..<10: $0.kind = .dialogue(dialogue(place - 4, &random))
        case 10..<15: $0.kind = .workingGroup(group(place - 9))
        case 15..<17: $0.kind = .intervention(intervention(place - 14))
        case 17: $0.kind = .partnership(partnership("series/g-\(number)", "g-\(number)-series", &random))
        default:
          let ordinal = place - 17
          $0.kind = .partnership(
            partnership(GeneratedRecords.dialogue(ordinal, ofBlock: number), "g-\(number)-\(ordinal)", &random))
        }
      }
    }

    private func organization(_ random: inout Random) -> Organization {
      .with {
        $0.name = "organizations/g-\(number)"
        $0.title = .with { $0.values = ["en": "Organization \(number)", "fr": "Organisation \(number)"] }
        $0.acronym = "ORG\(number)"
        $0.kind = random.pick([.governmentMinistry, .governmentBody, .regionalCentre, .civilSociety, .academia])
        $0.regionCode = random.pick(GeneratedTexts.places).region
        if number > 0 { $0.parentOrganization = "organizations/g-\((number - 1) / 10)" }
      }
    }

    private var source: Source {
      .with {
        $0.name = "sources/g-\(number)"
        $0.title = .with { ($0.values, $0.originalLanguage) = (["en": "News item \(number)"], "en") }
        ($0.mediaType, $0.languageCode) = ("text/plain", "en")
      }
    }

    private func person(_ random: inout Random) -> Person {
      .with {
        $0.name = "persons/g-\(number)"
        $0.givenName = random.pick(GeneratedTexts.givenNames)
        $0.familyName = random.pick(GeneratedTexts.familyNames)
        $0.organization = "organizations/g-\(number)"
      }
    }

    private func theme(_ random: inout Random) -> Theme {
      .with {
        $0.name = "themes/g-\(number)"
        $0.scheme = "generated"
        $0.notation = "\(number)"
        $0.prefLabel = GeneratedTexts.text(random.below(8), number: number, translated: random.below(8))
        if number > 0 { $0.broader = ["themes/g-\((number - 1) / 8)"] }
      }
    }

    private func series(_ random: inout Random) -> Series {
      .with {
        $0.name = "series/g-\(number)"
        $0.title = GeneratedTexts.text(random.below(8), number: number, translated: random.below(8))
        $0.focusM49Code = random.pick(GeneratedTexts.places).area
        $0.launchDate = .with { $0.year = Int32(firstYear) }
        $0.languageCodes = ["en", random.pick(["fr", "es", "ar", "ru", "zh"])]
      }
    }

    /// The year of the first dialogue.
    private var firstYear: Int {
      var random = Random(seed: seed, -1 - number)
      return 1995 + random.below(20)
    }

    private func dialogue(_ ordinal: Int, _ random: inout Random) -> Dialogue {
      // Most take place in the first of the places.
      let place = GeneratedTexts.places[Swift.min(random.below(12), random.below(12))]
      return .with {
        $0.name = GeneratedRecords.dialogue(ordinal, ofBlock: number)
        ($0.series, $0.ordinal) = ("series/g-\(number)", Int32(ordinal))
        $0.title = GeneratedTexts.text(random.below(8), number: ordinal, translated: random.below(8))
        $0.format = random.pick([.workshop, .conference, .panel, .openBriefing])
        $0.modality = random.pick([.inPerson, .inPerson, .online, .hybrid])
        // Two dialogues a year, one in each half.
        let year = Int32(firstYear + (ordinal - 1) / 2)
        let (month, day) = (Int32((ordinal - 1) % 2 * 6 + 1 + random.below(6)), Int32(1 + random.below(27)))
        $0.startDate = .with { ($0.year, $0.month, $0.day) = (year, month, day) }
        $0.endDate = .with { ($0.year, $0.month, $0.day) = (year, month, day + 1) }
        $0.location = .with { ($0.locality, $0.regionCode) = (place.locality, place.region) }
        $0.focusM49Code = place.area
        // A few themes are on many dialogues, as everywhere.
        $0.themes = Self.distinct(["themes/g-\(number)", earlier("themes", &random), frequent("themes", &random)])
        $0.languageCodes = Self.distinct(["en", random.pick(GeneratedTexts.languages)])
        if ordinal > 1 { $0.predecessors = [GeneratedRecords.dialogue(ordinal - 1, ofBlock: number)] }
        $0.state = random.below(10) == 0 ? .archived : .concluded
        $0.citations = ["start_date", "location.locality", "series"].map { path in
          .with {
            ($0.fieldPath, $0.source, $0.locator) = (path, "sources/g-\(number)", "para \(ordinal) sentence 1")
            $0.status = .stated
          }
        }
      }
    }

    private func group(_ ordinal: Int) -> WorkingGroup {
      .with {
        $0.name = "\(GeneratedRecords.dialogue(ordinal, ofBlock: number))/workingGroups/wg-1"
        ($0.ordinal, $0.theme) = (1, "themes/g-\(number)")
      }
    }

    private func intervention(_ ordinal: Int) -> Intervention {
      .with {
        $0.name = "\(GeneratedRecords.dialogue(ordinal, ofBlock: number))/interventions/i-1"
        ($0.kind, $0.speaker) = (.address, "persons/g-\(number)")
      }
    }

    private func partnership(_ subject: String, _ id: String, _ random: inout Random) -> Partnership {
      let organizations = Self.distinct([
        "organizations/g-\(number)", earlier("organizations", &random), frequent("organizations", &random),
      ])
      return .with {
        $0.name = "partnerships/\(id)"
        $0.subject = subject
        $0.kind = random.pick([.cooperation, .publicPrivate, .knowledge])
        $0.participants = zip(organizations, [.organizer, .host, .supporter]).map { organization, role in
          .with { ($0.organization, $0.role) = (organization, role) }
        }
      }
    }

    /// A record of this block or of one before it.
    private func earlier(_ collection: String, _ random: inout Random) -> String {
      "\(collection)/g-\(random.below(number + 1))"
    }

    /// One of the first fifty.
    private func frequent(_ collection: String, _ random: inout Random) -> String {
      "\(collection)/g-\(random.below(Swift.min(number + 1, 50)))"
    }

    private static func distinct(_ names: [String]) -> [String] {
      var seen: Set<String> = []
      return names.filter { seen.insert($0).inserted }
    }
  }
}
