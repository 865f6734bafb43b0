internal import ArgumentParser
internal import PlenaryClient
internal import ProtobufRuntime

// The state verbs of what dialogues bring: panels, consultations and recommendations. The rest is in StateVerbs.swift.

/// `plenary panel …`: what becomes of a panel.
struct PanelVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel", abstract: "Takes note of the results of a panel, or reopens it.",
    subcommands: [StateVerb<Report>.self, StateVerb<Reopen>.self])

  enum Report: StateVerbRow {
    static let words = StateVerbWords(
      "Report", "panel", "reported", "Takes note of the results of a panel, which becomes REPORTED.",
      "report asia-ict-ct-3/evidence", note: "It needs a summary or a finding.")
  }

  enum Reopen: StateVerbRow {
    static let words = StateVerbWords(
      "Reopen", "panel", "reopened", "Opens a panel again, unless an approved report rests on it.",
      "reopen asia-ict-ct-3/evidence --reason 'a result is missing'")
  }
}

/// `plenary consultation …`: who was consulted, and what becomes of a consultation.
struct ConsultationVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "consultation", abstract: "Shows who was consulted and who was not, and ends a consultation.",
    subcommands: [ConsultationCoverageVerb.self, StateVerb<Close>.self], aliases: ["consult"])

  enum Close: StateVerbRow {
    static let words = StateVerbWords(
      "Close", "consultation", "closed", "Ends a consultation, which becomes CLOSED for good.",
      "close providers-2018")
  }
}

/// `plenary recommendation …`: what becomes of a recommendation.
struct RecommendationVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommendation",
    abstract: "Shows a recommendation, submits it, takes note of the answer, and whatever else becomes of it.",
    subcommands: [
      RecommendationShow.self, RecommendationsOverdue.self, RecommendationFollowUp.self, StateVerb<Submit>.self,
      StateVerb<Accept>.self, StateVerb<AcceptPartially>.self, StateVerb<Reject>.self,
      StateVerb<Begin>.self, StateVerb<Complete>.self, StateVerb<Withdraw>.self, StateVerb<Supersede>.self,
    ], aliases: ["recommend"])

  enum Submit: StateVerbRow {
    static let words = StateVerbWords(
      "Submit", "recommendation", "submitted", "Gives a recommendation to its addressee; it becomes SUBMITTED.",
      "submit keep-evidence --dry-run", "submit keep-evidence", note: "Its text no longer changes then.")
  }

  enum Accept: StateVerbRow {
    typealias Further = ResponseFields
    static let words = StateVerbWords(
      "Accept", "recommendation", "accepted", "Takes note that the addressee accepts it; it becomes ACCEPTED.",
      "accept keep-evidence --response 'We agree.'")
  }

  enum AcceptPartially: StateVerbRow {
    typealias Further = ResponseFields
    static let words = StateVerbWords(
      "AcceptPartially", "recommendation", "partially accepted",
      "Takes note that the addressee accepts a part of it; it becomes PARTIALLY_ACCEPTED.",
      "accept-partially keep-evidence --response 'For a year.'")
  }

  enum Reject: StateVerbRow {
    typealias Further = ResponseFields
    static let words = StateVerbWords(
      "Reject", "recommendation", "rejected", "Takes note that the addressee rejects it; it becomes REJECTED.",
      "reject keep-evidence --response 'It costs too much.'")
  }

  enum Begin: StateVerbRow {
    static let words = StateVerbWords(
      "Begin", "recommendation", "begun", "Takes note that it is being put into practice; it becomes IMPLEMENTING.",
      "begin keep-evidence")
  }

  enum Complete: StateVerbRow {
    static let words = StateVerbWords(
      "Complete", "recommendation", "completed",
      "Takes note that it has been put into practice; it becomes IMPLEMENTED.", "complete keep-evidence")
  }

  enum Withdraw: StateVerbRow {
    static let words = StateVerbWords(
      "Withdraw", "recommendation", "withdrawn", "Takes a recommendation back; it becomes WITHDRAWN for good.",
      "withdraw keep-evidence --reason 'overtaken by events'")
  }

  enum Supersede: StateVerbRow {
    typealias Further = SuccessorFields
    static let words = StateVerbWords(
      "Supersede", "recommendation", "superseded", "Puts another one in its place; it becomes SUPERSEDED for good.",
      "supersede keep-evidence --successor keep-evidence-2")
  }
}

/// What an addressee has answered.
struct ResponseFields: TransitionFields {
  @Option(help: ArgumentHelp("What the addressee answers, in --response-language.", valueName: "text"))
  var response: String?

  @Option(help: ArgumentHelp("The language of the answer.", valueName: "tag"))
  var responseLanguage = "en"

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    guard let response else { return [] }
    let text = LocalizedText.with {
      $0.values = [responseLanguage: response]
      $0.originalLanguage = responseLanguage
    }
    return [("response", .message(text))]
  }
}

/// What takes the place of a recommendation.
struct SuccessorFields: TransitionFields {
  @Option(help: ArgumentHelp("The recommendation that takes its place.", valueName: "recommendation"))
  var successor: String

  func values(_ kinds: KindCatalog) throws(Failure) -> [(field: String, value: FieldValue)] {
    [("successor", .string(try kinds.name(successor, of: try kinds.kind("recommendation"))))]
  }
}
