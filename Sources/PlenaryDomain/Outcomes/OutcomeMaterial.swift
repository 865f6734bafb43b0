internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// The records that go into a report.
struct OutcomeMaterial {
  /// A record that goes in.
  struct Found<Message: ProtobufMessage> {
    let message: Message
    /// The record in the terms of the content.
    let origin: OutcomeContent.Origin

    var name: String { origin.name }
  }

  /// A dialogue and what belongs to it.
  struct Event {
    let dialogue: Found<Dialogue>
    /// Whether it stands under the Chatham House Rule.
    var isChathamHouse: Bool { dialogue.message.attributionRule == .chathamHouse }
    var groups: [Found<WorkingGroup>] = []
    var panels: [Found<Panel>] = []
    var interventions: [Found<Intervention>] = []
    var findings: [Found<Finding>] = []
    var partnerships: [Found<Partnership>] = []

    /// What is told of where something of the dialogue comes from. Under the Chatham House Rule that is the dialogue: ids can
    /// be names.
    func origin<Message>(_ part: Found<Message>) -> OutcomeContent.Origin {
      isChathamHouse ? .with { $0.name = dialogue.name } : part.origin
    }
  }

  var series: Found<Series>
  var initiative: Found<Initiative>?
  var mandates: [Found<Mandate>] = []
  var directives: [String: [Found<Directive>]] = [:]
  var events: [Event] = []
  /// The partnerships of the series and its initiative.
  var partnerships: [Found<Partnership>] = []
  /// The consultations by directive.
  var consultations: [String: [Found<Consultation>]] = [:]
  var recommendations: [Found<Recommendation>] = []
  var followUps: [String: [Found<FollowUp>]] = [:]

  // What others refer to, by name.
  var organizations: [String: Found<Organization>] = [:]
  var persons: [String: Found<Person>] = [:]
  var themes: [String: Found<Theme>] = [:]
  var sources: [String: Found<Source>] = [:]
  /// The directives that recommendations follow.
  var followedDirectives: Set<String> = []

  /// The dialogues that were named and had not been concluded.
  var unconcluded: Set<String> = []

  /// Which records were left out for the ceiling, by part.
  var withheld: [OutcomeContent.Part: Set<String>] = [:]

  /// The strictest label of what is here.
  var highestLabel: Int32 = 0

  /// A material of which nothing is known yet but the series.
  init(series: Found<Series>) { self.series = series }
}
