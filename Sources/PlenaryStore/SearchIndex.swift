/// An index of the words in records: it finds those that may have some words, in the order of their keys.
///
/// It follows the store, and never holds it up: a write is done before the index knows of it. What it finds is read from
/// the store like any record, as the viewer may see it, and looked at again there; so an index may find too much, but
/// must not miss what was written up to the revision that it has come to.
///
/// Whoever feeds it does so one step after another: `open`, `beginLoading`, `load` until all records are in it,
/// `finishLoading`, and then `apply` for the changes that follow, in order. A step is whole or not done, also when the
/// process ends in the middle.
package protocol SearchIndex: Sendable {
  /// How far it has come.
  var progress: SearchProgress { get }

  /// Tells of progress from now on: the newest, what was between left out if the reader is slow. It ends when the index
  /// is closed.
  func progressUpdates() -> AsyncStream<SearchProgress>

  /// Opens the index, or begins a new one if there is none that belongs to the store and can be read.
  /// - Throws: `full`, `unavailable`.
  func open() async throws(StoreError)

  /// Notes the revision after which changes are to be taken in once all records are loaded, and which is not below it.
  /// - Throws: `full`, `unavailable`, `corrupt`.
  func beginLoading(at base: Revision) async throws(StoreError)

  /// Adds records on the way through all that there are.
  ///
  /// - Parameter place: What is loaded then, so that loading goes on from there.
  /// - Throws: `full`, `unavailable`, `corrupt`.
  func load(_ documents: [SearchDocument], through place: SearchPlace) async throws(StoreError)

  /// Says that all records are loaded. What has changed since loading began comes next, by `apply`.
  ///
  /// - Parameter head: The revision that none of them is beyond. Records that changed on the way were loaded as they stood
  ///   after that, so the index cannot be asked before it has come to this revision.
  /// - Throws: `full`, `unavailable`, `corrupt`.
  func finishLoading(at head: Revision) async throws(StoreError)

  /// Takes in what has changed.
  /// - Throws: `full`, `unavailable`, `corrupt`.
  func apply(_ update: SearchUpdate) async throws(StoreError)

  /// Does a part of what is left to do when nothing has changed: erases texts for good, and puts together what was added
  /// bit by bit, so that searches are quick.
  /// - Returns: Whether there is more to do at once.
  /// - Throws: `full`, `unavailable`, `corrupt`.
  func tidy() async throws(StoreError) -> Bool

  /// Gives everything up and begins anew.
  /// - Throws: `full`, `unavailable`.
  func reset() async throws(StoreError)

  /// Notes why the index could not go on; nil if it does again.
  func note(failure: String?)

  /// Has whoever feeds the index make it anew.
  func giveUp()

  /// The keys of records that may satisfy a search as they stood at a revision; nil if the index cannot tell, or not for
  /// that revision. It blocks, as reading does, and is asked on the store's own threads.
  func keys(_ search: SearchRequest, from start: SearchStart, limit: Int) -> [Key]?
}

/// What a record is found by, in words as they were made above the store: each of ASCII letters, digits and other
/// characters beyond ASCII.
package struct SearchDocument: Hashable, Sendable {
  /// The record.
  package let place: SearchPlace

  /// The words of what it is called, with a space between them.
  package let titles: String

  /// The words of its other texts.
  package let texts: String

  /// Names the words of a record.
  package init(place: SearchPlace, titles: String, texts: String) {
    self.place = place
    self.titles = titles
    self.texts = texts
  }

  /// Whether there is nothing to be found by.
  package var isEmpty: Bool { titles.isEmpty && texts.isEmpty }
}

/// The place of a record among those of its kind, which the index keeps together in the order of their keys.
package struct SearchPlace: Hashable, Comparable, Sendable {
  /// The number of its kind, below 64.
  package let group: UInt8

  /// Its key.
  package let key: Key

  /// Names a place.
  package init(group: UInt8, key: Key) {
    self.group = group
    self.key = key
  }

  package static func < (left: SearchPlace, right: SearchPlace) -> Bool {
    (left.group, left.key) < (right.group, right.key)
  }
}

/// What has changed in a run of revisions.
package struct SearchUpdate: Sendable {
  /// The changed records as they are at the end of the run; one without words is no longer found.
  package var documents: [SearchDocument]

  /// Every change of a record in the run, in order.
  package var changes: [(revision: Revision, place: SearchPlace)]

  /// The revision that the run reaches.
  package var through: Revision

  /// Whether a record is gone for good, so that nothing of its words may stay.
  package var erases: Bool

  /// Names what has changed.
  package init(
    documents: [SearchDocument], changes: [(revision: Revision, place: SearchPlace)], through: Revision, erases: Bool
  ) {
    self.documents = documents
    self.changes = changes
    self.through = through
    self.erases = erases
  }
}

/// How far an index has come.
package struct SearchProgress: Hashable, Sendable {
  /// The stages of its life.
  package enum Stage: Hashable, Sendable {
    /// It is not open yet.
    case closed
    /// The records that there are are being loaded, from the one after this place on.
    case loading(after: SearchPlace?)
    /// All records are in it, some of them as they stood later than this revision: what has changed after it is taken in
    /// before the index can be asked.
    case settling(after: Revision)
    /// It knows everything up to this revision.
    case fed(through: Revision)
    /// It is to be made anew.
    case givenUp
  }

  /// The stage.
  package var stage: Stage

  /// The revision at which loading began.
  package var base: Revision

  /// How many records were loaded, until it is fed.
  package var loadedCount: Int

  /// Why it could not go on when it last tried; nil if it could.
  package var failure: String?

  /// Makes the account of an index.
  package init(stage: Stage, base: Revision = .zero, loadedCount: Int = 0, failure: String? = nil) {
    self.stage = stage
    self.base = base
    self.loadedCount = loadedCount
    self.failure = failure
  }

  /// Whether everything up to a revision is in it.
  package func has(_ revision: Revision) -> Bool {
    if case .fed(let through) = stage { through >= revision } else { false }
  }
}

/// Words that are looked for.
package indirect enum SearchExpression: Hashable, Sendable {
  /// These words, one after another; if so, the last of them only begins so.
  case words([String], isPrefix: Bool)
  /// All of these.
  case all([SearchExpression])
  /// One of these.
  case any([SearchExpression])
  /// The first, and not the second.
  case without(SearchExpression, SearchExpression)
}

/// Which records are looked for.
package struct SearchRequest: Hashable, Sendable {
  /// The words.
  package var expression: SearchExpression

  /// Whether they count only in what records are called.
  package var isInTitles: Bool

  /// The numbers of the kinds.
  package var groups: [UInt8]

  /// The beginning of the keys.
  package var scope: KeyPrefix

  /// The revision at which the records are read.
  package var revision: Revision

  /// Names what is looked for.
  package init(
    expression: SearchExpression, isInTitles: Bool = false, groups: [UInt8], scope: KeyPrefix = .all,
    revision: Revision
  ) {
    self.expression = expression
    self.isInTitles = isInTitles
    self.groups = groups
    self.scope = scope
    self.revision = revision
  }
}

/// Where a search begins, and which way it goes.
package struct SearchStart: Hashable, Sendable {
  /// The key that comes before what is looked for; nil for the beginning.
  package var key: Key?

  /// The way through the keys.
  package var direction: Query.Direction

  /// Names a start.
  package init(after key: Key? = nil, going direction: Query.Direction = .ascending) {
    self.key = key
    self.direction = direction
  }
}

/// The records among which a list's are: the store reads these alone, if that is shorter than its other ways.
package struct SearchCandidates: Sendable {
  /// The index that finds them.
  package let index: any SearchIndex

  /// What it is asked.
  package let request: SearchRequest

  /// Names the candidates of a list, which has to have a predicate that looks at them again.
  package init(_ index: any SearchIndex, _ request: SearchRequest) {
    self.index = index
    self.request = request
  }

  /// The next keys from a place on, in order; fewer than the limit only if those are the last. Nil if the index cannot
  /// tell.
  package func keys(from start: SearchStart, in scope: KeyPrefix, limit: Int) -> [Key]? {
    var request = request
    request.scope = scope
    return index.keys(request, from: start, limit: limit)
  }
}
