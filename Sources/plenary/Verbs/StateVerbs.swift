internal import ArgumentParser

// The verbs that move records from state to state: one row each, under the word for their kind.

/// `plenary dialogue …`: what becomes of a dialogue.
struct DialogueVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dialogue",
    abstract: "Schedules a dialogue, starts it, concludes it, and whatever else becomes of it.",
    subcommands: [
      StateVerb<Schedule>.self, StateVerb<Start>.self, StateVerb<Conclude>.self, StateVerb<Archive>.self,
      StateVerb<Postpone>.self, StateVerb<Cancel>.self,
    ])

  enum Schedule: StateVerbRow {
    typealias Further = PastFields
    static let words = StateVerbWords(
      "Schedule", "dialogue", "scheduled", "Fixes the dates and the place of a dialogue, which becomes SCHEDULED.",
      "schedule asia-ict-ct-4 --dry-run", "schedule asia-ict-ct-4 --etag '\"0123456789abcdef\"'",
      note:
        "It needs a series, an ordinal, both dates, a place unless it is ONLINE, and a partnership about it with an "
        + "organizer.")
  }

  enum Start: StateVerbRow {
    static let words = StateVerbWords(
      "Start", "dialogue", "started", "Opens a dialogue, which becomes RUNNING.", "start asia-ict-ct-4")
  }

  enum Conclude: StateVerbRow {
    typealias Further = DayAndPastFields
    static let words = StateVerbWords(
      "Conclude", "dialogue", "concluded", "Closes a dialogue that is over, which becomes CONCLUDED.",
      "conclude asia-ict-ct-4", "conclude asia-ict-ct-4 --time-zone Asia/Kuala_Lumpur",
      "conclude asia-ict-ct-0 --record --as-of 2018-12-01")
  }

  enum Archive: StateVerbRow {
    static let words = StateVerbWords(
      "Archive", "dialogue", "archived", "Puts a dialogue away that is reported on, which becomes ARCHIVED.",
      "archive asia-ict-ct-1", "archive asia-ict-ct-1 --reason 'no report was asked for'",
      note: "It needs an approved outcome report that covers the dialogue, or a reason.")
  }

  enum Postpone: StateVerbRow {
    static let words = StateVerbWords(
      "Postpone", "dialogue", "postponed", "Puts a dialogue off, which becomes POSTPONED until it is scheduled again.",
      "postpone asia-ict-ct-4 --reason 'the venue is closed'")
  }

  enum Cancel: StateVerbRow {
    static let words = StateVerbWords(
      "Cancel", "dialogue", "cancelled", "Calls a dialogue off, which becomes CANCELLED for good.",
      "cancel asia-ict-ct-4 --reason 'no host'")
  }
}

/// The rows of `plenary series …`.
enum SeriesStates {
  enum Suspend: StateVerbRow {
    static let words = StateVerbWords(
      "Suspend", "series", "suspended", "Lets a series rest, which becomes SUSPENDED.",
      "suspend asia-ict-ct-dialogue --reason 'funding ends in May'")
  }

  enum Resume: StateVerbRow {
    static let words = StateVerbWords(
      "Resume", "series", "resumed", "Takes a series up again, which becomes ACTIVE.", "resume asia-ict-ct-dialogue")
  }

  enum End: StateVerbRow {
    static let words = StateVerbWords(
      "End", "series", "ended", "Ends a series, which becomes ENDED for good.", "end asia-ict-ct-dialogue --dry-run",
      note: "None of its dialogues may be SCHEDULED or RUNNING.")
  }
}

/// `plenary working-group …`: what becomes of a working group.
struct WorkingGroupVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "working-group", abstract: "Takes note of the results of a working group, or reopens it.",
    subcommands: [StateVerb<Report>.self, StateVerb<Reopen>.self])

  enum Report: StateVerbRow {
    static let words = StateVerbWords(
      "Report", "working-group", "reported", "Takes note of the results of a working group, which becomes REPORTED.",
      "report asia-ict-ct-3/critical-infrastructure", note: "It needs a results_summary or a finding.")
  }

  enum Reopen: StateVerbRow {
    static let words = StateVerbWords(
      "Reopen", "working-group", "reopened", "Opens a working group again, unless an approved report rests on it.",
      "reopen asia-ict-ct-3/critical-infrastructure --reason 'a result is missing'")
  }
}

/// `plenary partnership …`: what becomes of a partnership.
struct PartnershipVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "partnership", abstract: "Puts a partnership into effect, suspends it, ends it, or turns it down.",
    subcommands: [
      StateVerb<Activate>.self, StateVerb<Decline>.self, StateVerb<Suspend>.self, StateVerb<Resume>.self,
      StateVerb<End>.self,
    ])

  enum Activate: StateVerbRow {
    typealias Further = DayFields
    static let words = StateVerbWords(
      "Activate", "partnership", "activated", "Puts a partnership into effect, which becomes ACTIVE.",
      "activate asia-ict-ct-3", "activate asia-ict-ct-3 --as-of 2018-11-07")
  }

  enum Decline: StateVerbRow {
    static let words = StateVerbWords(
      "Decline", "partnership", "declined", "Turns a partnership down, which becomes DECLINED for good.",
      "decline asia-ict-ct-3 --reason 'no budget'")
  }

  enum Suspend: StateVerbRow {
    static let words = StateVerbWords(
      "Suspend", "partnership", "suspended", "Lets a partnership rest, which becomes SUSPENDED.",
      "suspend asia-ict-ct-3")
  }

  enum Resume: StateVerbRow {
    typealias Further = DayFields
    static let words = StateVerbWords(
      "Resume", "partnership", "resumed", "Takes a partnership up again, which becomes ACTIVE.",
      "resume asia-ict-ct-3")
  }

  enum End: StateVerbRow {
    static let words = StateVerbWords(
      "End", "partnership", "ended", "Ends a partnership, which becomes ENDED for good.", "end asia-ict-ct-3")
  }
}

/// `plenary theme …`: what becomes of a theme.
struct ThemeVerbs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "theme", abstract: "Shows the vocabulary of themes, and advises against the use of one.",
    subcommands: [ThemeTree.self, StateVerb<Deprecate>.self, StateVerb<Reactivate>.self])

  enum Deprecate: StateVerbRow {
    typealias Further = ReplacementFields
    static let words = StateVerbWords(
      "Deprecate", "theme", "deprecated", "Advises against the use of a theme, which becomes DEPRECATED.",
      "deprecate ftf --replaced-by foreign-terrorist-fighters", "deprecate ftf --reason 'never used'",
      note: "It needs a theme to use instead, or a reason.")
  }

  enum Reactivate: StateVerbRow {
    static let words = StateVerbWords(
      "Reactivate", "theme", "reactivated", "Lets a theme be used again, which becomes ACTIVE.", "reactivate ftf")
  }
}
