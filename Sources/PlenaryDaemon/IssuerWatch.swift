internal import Logging
internal import PlenaryDomain
internal import PlenaryServices
internal import PlenaryStore
internal import SocketTransport
internal import Synchronization

/// Keeps what the daemon knows of the issuer of tokens as its keys are: a file is looked at every second, an address is asked
/// from time to time, and when a token names a key that is not among those that are known.
///
/// Keys that cannot be had leave those from before, for as long as is configured if they come from an address.
final class IssuerWatch: Sendable {
  private static let interval = Duration.seconds(1)

  /// How long it waits at least before it asks again because of a key that is not known: tokens that name one can be made
  /// by anybody.
  static let unknownKeyPause = Duration.seconds(10)

  /// How long it waits at most before it asks again after it was told nothing that can be used.
  private static let retryPause = Duration.seconds(10)

  fileprivate struct State {
    var settings: IssuerSettings
    var stamp = FileStamp(nil)
    /// Where the keys are, if not in a file.
    var document: WebDocument?
    /// The keys as they came last, and when.
    var text: [UInt8] = []
    var keyCount = 0
    var fetched: ContinuousClock.Instant?
    var fetchTime: CommitTime?
    var asked: ContinuousClock.Instant?
    var nextAsk: ContinuousClock.Instant
    var problem = ""
    /// How often other settings were taken over.
    var generation = 0
  }

  private let callGuard: CallGuard
  private let logger: Logger
  private let now: @Sendable () -> CommitTime
  private let state: Mutex<State>
  private let hasMetUnknownKey = Atomic(false)

  /// Has the guard take the tokens of an issuer. Keys at an address are asked for by `run`, or by `begin` before.
  /// - Throws: what is wrong with its keys, or with where they are.
  init(
    _ settings: IssuerSettings, _ callGuard: CallGuard, now: @escaping @Sendable () -> CommitTime, logger: Logger
  ) throws(DaemonFailure) {
    self.callGuard = callGuard
    self.logger = logger
    self.now = now
    state = Mutex(State(settings: settings, nextAsk: .now))
    try reload(settings)
  }

  /// Asks for the keys for the first time, if they are at an address, so that the first call finds them. An issuer that does not
  /// answer keeps no daemon from serving others.
  func begin() async {
    await fetchIfDue()
  }

  /// Takes over other settings, and the keys as they are now. Those at an address are asked for soon; those that are known
  /// count until then if the address is the same.
  func reload(_ settings: IssuerSettings) throws(DaemonFailure) {
    // Before the file is read, so that nothing that is written meanwhile is missed.
    let stamp = FileStamp(settings.keysFile)
    let document = try settings.document()
    let keys = try settings.keys()
    let (issuer, report) = state.withLock { state in
      let isSame = document != nil && state.document?.url == document?.url
      var next = State(settings: settings, stamp: stamp, document: document, nextAsk: .now)
      next.generation = state.generation + 1
      var found = keys
      if isSame {
        (next.text, next.fetched, next.fetchTime) = (state.text, state.fetched, state.fetchTime)
        // `try?`: what was read before can be read again; with nothing there are no keys.
        found = try? IssuerKeys(json: state.text)
      } else if keys != nil {
        next.fetchTime = now()
      }
      next.keyCount = found?.count ?? 0
      state = next
      return (found.map { makeIssuer(settings, $0) }, state.report)
    }
    callGuard.trust(issuer)
    callGuard.note(report)
  }

  /// Looks at the file, or asks, until the task is cancelled.
  func run() async {
    while true {
      do { try await Task.sleep(for: Self.interval) } catch { return }
      look()
      await fetchIfDue()
      dropWhatIsTooOld()
    }
  }

  private func makeIssuer(_ settings: IssuerSettings, _ keys: IssuerKeys) -> TokenIssuer {
    TokenIssuer(settings.rules, keys: keys) { [weak self] in
      self?.hasMetUnknownKey.store(true, ordering: .relaxed)
    }
  }

  /// Reads the file again if it has changed.
  private func look() {
    let settings = state.withLock { state -> IssuerSettings? in
      guard state.settings.keysFile != nil else { return nil }
      let stamp = FileStamp(state.settings.keysFile)
      defer { state.stamp = stamp }
      return stamp == state.stamp ? nil : state.settings
    }
    guard let settings else { return }
    do throws(DaemonFailure) {
      guard let keys = try settings.keys() else { return }
      let report = state.withLock { state in
        (state.keyCount, state.fetchTime, state.problem) = (keys.count, now(), "")
        return state.report
      }
      callGuard.trust(makeIssuer(settings, keys))
      callGuard.note(report)
      logger.notice("issuer.keys.reloaded")
    } catch {
      // Those that it had stay: a file that is being written is whole a second later.
      refuse(error.description)
    }
  }

  private func fetchIfDue() async {
    let question = state.withLock { state -> (document: WebDocument, settings: IssuerSettings, generation: Int)? in
      guard let document = state.document else { return nil }
      let now = ContinuousClock.now
      let mayAskEarly = state.asked.map { now >= $0 + Self.unknownKeyPause } ?? true
      guard now >= state.nextAsk || mayAskEarly && hasMetUnknownKey.load(ordering: .relaxed) else { return nil }
      state.asked = now
      return (document, state.settings, state.generation)
    }
    guard let question else { return }
    // Before the answer: what is met with later may be newer than it.
    hasMetUnknownKey.store(false, ordering: .relaxed)
    let result: Result<(text: [UInt8], keys: IssuerKeys), DaemonFailure>
    do {
      let text = try await question.document.fetch(
        bytesMax: IssuerKeys.byteCountMax, timeout: question.settings.keysTimeout)
      result = .success((text, try IssuerKeys(json: text)))
    } catch let error as IssuerKeys.Malformed {
      result = .failure(DaemonFailure(.failed, "jwt.keys_url: \(question.document.url) \(error)"))
    } catch {
      result = .failure(DaemonFailure(.failed, "jwt.keys_url: \(error)"))
    }
    if !Task.isCancelled { take(result, question.settings, question.generation) }
  }

  private func take(
    _ result: Result<(text: [UInt8], keys: IssuerKeys), DaemonFailure>, _ settings: IssuerSettings, _ generation: Int
  ) {
    let time = ContinuousClock.now
    switch result {
    case .success(let (text, keys)):
      let outcome = state.withLock { state -> (isNews: Bool, report: CallGuard.IssuerReport?)? in
        guard state.generation == generation else { return nil }
        let isNews = state.text != text
        (state.text, state.keyCount, state.problem) = (text, keys.count, "")
        (state.fetched, state.fetchTime, state.nextAsk) = (time, now(), time + settings.keysRefreshInterval)
        return (isNews, state.report)
      }
      guard let outcome else { return }
      callGuard.note(outcome.report)
      // What was verified with keys that have not changed is not verified again.
      guard outcome.isNews else { return }
      callGuard.trust(makeIssuer(settings, keys))
      logger.notice("issuer.keys.reloaded")
    case .failure(let failure):
      let isCurrent = state.withLock { state in
        guard state.generation == generation else { return false }
        state.nextAsk = time + min(settings.keysRefreshInterval, Self.retryPause)
        return true
      }
      if isCurrent { refuse(failure.description) }
    }
  }

  /// Tells of keys that cannot be used: once, until it is something else that is wrong.
  private func refuse(_ problem: String) {
    let report = state.withLock { state -> CallGuard.IssuerReport? in
      guard state.problem != problem else { return nil }
      state.problem = problem
      return state.report
    }
    guard let report else { return }
    callGuard.note(report)
    logger.error("issuer.keys.refused", metadata: ["error": "\(problem)"])
  }

  /// Believes an issuer no longer of whose keys nothing was heard for too long.
  private func dropWhatIsTooOld() {
    let report = state.withLock { state -> CallGuard.IssuerReport? in
      guard state.document != nil, let fetched = state.fetched,
        ContinuousClock.now > fetched + state.settings.keysStaleMax
      else { return nil }
      (state.text, state.keyCount, state.fetched) = ([], 0, nil)
      return state.report
    }
    guard let report else { return }
    callGuard.trust(nil as TokenIssuer?)
    callGuard.note(report)
    logger.error(
      "issuer.keys.outdated",
      metadata: [
        "advice": "nothing was heard of the issuer's keys for too long, and its tokens are refused; see jwt.keys_url"
      ])
  }
}

extension IssuerWatch.State {
  fileprivate var report: CallGuard.IssuerReport? {
    guard !settings.rules.issuer.isEmpty else { return nil }
    return CallGuard.IssuerReport(
      issuer: settings.rules.issuer, source: document?.url ?? settings.keysFile ?? "", keyCount: keyCount,
      readTime: fetchTime, problem: problem)
  }
}
