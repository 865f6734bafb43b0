package import GRPCRuntime
internal import PlenaryAPI
package import PlenaryDomain
package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// Lets calls in: says who makes each of them, and whether it has the role that the method takes.
///
/// It is asked where calls arrive and answers from memory. Streams that are open are looked at again whenever a client has
/// changed, and when something expires, so that whoever is let in no longer is not served any longer either.
package final class CallGuard: CallGate {
  /// Who is let in.
  package struct Policy: Sendable {
    /// Whether a caller has to prove who it is. Else one that does not may do everything.
    package var isIdentityRequired = false

    /// The user whose processes administer the registry over a Unix socket without a token, as root's do; nil for none.
    package var administratorUser: UInt32?

    /// For which organizations each authority of certificates speaks, by its file; `everyone` stands for all clients.
    package var authorities: [String: Set<String>] = [:]

    /// The organization of an authority that speaks for all clients, those without an organization included.
    package static let everyone = "*"

    /// What each client may ask for at a time.
    package var quota = CallQuota()

    /// The calls of all callers that may be under way, streams aside.
    package var callsUnderWayMax = 8192

    /// Lets everyone in.
    package init() {}
  }

  /// What an authority has taken back, as one of its files says.
  package struct Revocations: Sendable {
    let list: RevokedCertificates
    /// Why the file as it is now is not used, but what it held before; empty if it is.
    let problem: String

    /// What a file says.
    package init(list: RevokedCertificates, problem: String = "") {
      self.list = list
      self.problem = problem
    }
  }

  /// How often it looks whether something has expired.
  private static let tick = Duration.milliseconds(250)

  private struct Watched {
    let call: CallArrival
    let expireTime: CommitTime
    let end: @Sendable (GRPCStatus) -> Void
  }

  private struct State {
    var watched: [Int: Watched] = [:]
    var nextID = 0
    var isTicking = false
    var authorities: [String: Set<String>]
    var issuer: TokenIssuer?
    var revocations: [Revocations] = []
  }

  private let directory: ClientDirectory
  private let knownTokens: KnownTokens
  let policy: Policy
  let now: @Sendable () -> CommitTime
  /// Counts the calls of all callers.
  let total: CallTotal
  private let state: Mutex<State>
  private let recorder: (any AccessRecorder)?
  /// Up to which change of the directory all streams have been looked at.
  private let settled = Mutex<UInt64>(0)
  private let viewersDidChange: @Sendable () -> Void
  private let start: @Sendable (@escaping @Sendable () async -> Void) -> Void
  private let pause: @Sendable (Duration) async throws -> Void

  /// A guard that knows the clients of a directory.
  ///
  /// - Parameters:
  ///   - viewersDidChange: Is called when what callers may see has perhaps changed.
  ///   - recorder: Where it is noted that callers are not let in.
  ///   - start: Starts work that outlives the call that asked for it.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  package init(
    _ directory: ClientDirectory, _ policy: Policy, recorder: (any AccessRecorder)? = nil,
    now: @escaping @Sendable () -> CommitTime, viewersDidChange: @escaping @Sendable () -> Void,
    start: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Void,
    pause: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.directory = directory
    knownTokens = KnownTokens(secret: directory.secret)
    self.policy = policy
    state = Mutex(State(authorities: policy.authorities))
    self.now = now
    self.recorder = recorder
    total = directory.total
    self.viewersDidChange = viewersDidChange
    self.start = start
    self.pause = pause
  }

  /// Follows the clients for as long as the store tells of commits.
  package func run(_ wakeups: AsyncStream<Revision>) async {
    for await _ in wakeups {
      // A store that cannot be read ends the daemon; until then whoever was let in before is.
      try? await refresh()
    }
  }

  /// Takes in what has happened to clients before this was called, and ends the streams of those that are let in no longer.
  package func refresh() async throws(DomainError) {
    try await domain { () async throws(StoreError) in try await directory.catchUp() }
    // Whoever comes while another one does this waits until it is done, even if there is nothing left to do.
    let isNews = settled.withLock { settled in
      let changeCount = directory.changeCount
      guard settled != changeCount else { return false }
      settled = changeCount
      // Streams that are let in no longer are told so; those of others only see something else.
      lookAgain()
      directory.endOutdatedCallers()
      return true
    }
    if isNews { viewersDidChange() }
  }

  /// Takes the tokens of this issuer from now on, and of no other.
  package func trust(_ issuer: TokenIssuer?) {
    state.withLock { $0.issuer = issuer }
    lookAgain()
  }

  /// Lets authorities speak for these organizations from now on, and for no others.
  package func trust(_ authorities: [String: Set<String>]) {
    state.withLock { $0.authorities = authorities }
    lookAgain()
  }

  /// Refuses certificates that were taken back from now on, and lets those in again that no list holds any more.
  package func refuse(_ revocations: [Revocations]) {
    state.withLock { $0.revocations = revocations }
    lookAgain()
  }

  /// What it knows of certificates that were taken back.
  package var revocations: [Revocations] { state.withLock { $0.revocations } }

  package func watch(_ call: CallArrival, _ end: @escaping @Sendable (GRPCStatus) -> Void) -> LeaveWatch {
    let expireTime: CommitTime
    do throws(GRPCStatus) {
      expireTime = try judge(call).expireTime
    } catch {
      end(error)
      return LeaveWatch {}
    }
    let (id, isFirst) = state.withLock { state in
      state.nextID += 1
      state.watched[state.nextID] = Watched(call: call, expireTime: expireTime, end: end)
      defer { state.isTicking = true }
      return (state.nextID, !state.isTicking)
    }
    if isFirst { start { [self] in await tickWhileWatching() } }
    // What has changed since the call was judged has not looked at this one.
    lookAgain([id])
    return LeaveWatch { [self] in _ = state.withLock { $0.watched.removeValue(forKey: id) } }
  }

  package func review(_ call: CallArrival, _ leave: CallLeave) throws(GRPCStatus) {
    let verdict = try judge(call)
    guard verdict.caller !== leave.registryCaller else { return }
    throw GRPCStatus(DomainError.rightsChanged)
  }

  /// Ends the streams among some, or all, that are let in no longer.
  private func lookAgain(_ ids: Set<Int>? = nil) {
    let watched = state.withLock { state in
      guard let ids else { return state.watched }
      return ids.reduce(into: [:]) { found, id in found[id] = state.watched[id] }
    }
    for (id, one) in watched {
      do throws(GRPCStatus) {
        _ = try judge(one.call)
      } catch {
        // Whoever takes it out ends it, once.
        if state.withLock({ $0.watched.removeValue(forKey: id) }) != nil { one.end(error) }
      }
    }
  }

  private func tickWhileWatching() async {
    while true {
      do { try await pause(Self.tick) } catch { return }
      let now = now()
      let isGoingOn = state.withLock { state in
        state.isTicking = !state.watched.isEmpty
        return state.isTicking
      }
      guard isGoingOn else { return }
      let expired = state.withLock { state in Set(state.watched.filter { $0.value.expireTime <= now }.keys) }
      if !expired.isEmpty { lookAgain(expired) }
    }
  }
}

extension CallGuard {
  /// Who makes a call, and until when it may be made.
  struct Verdict {
    let caller: Caller
    let expireTime: CommitTime
    /// Counts the calls of the client; nil for whoever is none, and has no quota.
    let meter: CallMeter?

    init(_ caller: Caller, _ expireTime: CommitTime = .never, _ meter: CallMeter? = nil) {
      self.caller = caller
      self.expireTime = expireTime
      self.meter = meter
    }
  }

  /// Says who makes a call, and whether it may be made.
  ///
  /// - Parameter isArrival: Whether it is asked for the first time, and a refusal is to be noted.
  func judge(_ call: CallArrival, isArrival: Bool = false) throws(GRPCStatus) -> Verdict {
    var principal = ""
    do throws(DomainError) {
      guard case .role(let role) = MethodNeeds.need(of: call.path) else { return Verdict(.nobody) }
      let verdict = try identify(call)
      let caller = verdict.caller
      guard caller.rights.highest.includes(role) else {
        principal = caller.principal
        throw DomainError(
          .roleMissing,
          "\(call.path.dropFirst()) takes the role \(role), which \(caller.principal) does not have; ask an administrator "
            + "for it", metadata: ["role": role.description, "method": String(call.path.dropFirst())])
      }
      return verdict
    } catch {
      if isArrival {
        // Names of methods that are none are a caller's to choose, and not to be kept.
        let method = MethodNeeds.table[call.path] == nil ? "" : String(call.path.dropFirst())
        recorder?.note(AccessEvent(.refused, principal: principal, method: method, reason: error.reason.rawValue))
      }
      throw GRPCStatus(error)
    }
  }

  private func identify(_ call: CallArrival) throws(DomainError) -> Verdict {
    let credentialCount = call.metadata.count(of: "authorization")
    guard credentialCount == 0 else {
      guard credentialCount == 1, let member = member(bearing: call.metadata.text("authorization"))
      else {
        // Why is not told: unknown, expired and taken back look alike.
        throw DomainError(
          .credentialsInvalid,
          "the token is none that is good here now; ask an administrator for a new one, and send it as "
            + "`authorization: Bearer TOKEN`")
      }
      return Verdict(member.caller, member.expireTime, member.meter)
    }
    if case .certificate(let certificate)? = call.peer, !certificate.authorityFiles.isEmpty {
      return try identify(certificate)
    }
    guard policy.isIdentityRequired else { return Verdict(.anonymous) }
    if case .process(let process)? = call.peer, let user = policy.administratorUser,
      process.uid == user || process.uid == 0
    {
      return Verdict(.local)
    }
    throw DomainError(
      .credentialsMissing, "the registry has to know who calls; send a token as `authorization: Bearer TOKEN`")
  }

  /// Who shows a certificate that an authority has signed which may speak for somebody.
  private func identify(_ certificate: PeerCertificate) throws(DomainError) -> Verdict {
    let now = now()
    let expireTime = CommitTime(seconds: certificate.notAfter)
    let (authorities, revocations) = state.withLock { ($0.authorities, $0.revocations) }
    let member = directory.member(withURIs: certificate.uris, subject: certificate.subject, at: now) { organization in
      certificate.authorityFiles.contains { file in
        guard let organizations = authorities[file] else { return false }
        return organizations.contains(organization) && !organization.isEmpty
          || organizations.contains(Policy.everyone)
      }
    }
    let isTakenBack = revocations.contains { known in
      certificate.authorityFiles.contains(known.list.authorityFile) && known.list.contains(certificate)
    }
    guard let member, expireTime > now, !isTakenBack else {
      // Why is not told here either.
      throw DomainError(
        .credentialsInvalid,
        "the certificate is that of no client that is good here now; ask an administrator to enter its URI or subject with "
          + "a client of an organization that its authority speaks for, or send a token")
    }
    return Verdict(member.caller, min(member.expireTime, expireTime), member.meter)
  }

  /// Whose token stands in metadata, one of ours or one of the issuer's; nil if it is that of nobody who is good now.
  private func member(bearing value: String?) -> ClientDirectory.Member? {
    guard let value else { return nil }
    let now = now()
    // What changes while it is worked out makes what was found out be forgotten at once.
    let member = knownTokens.member(value, at: directory.changeCount) {
      Self.token(in: value).flatMap(AccessToken.digest).flatMap { directory.member(withDigest: $0, at: now) }
    }
    if let member { return member.expireTime > now ? member : nil }
    guard let token = Self.token(in: value), let issuer = state.withLock({ $0.issuer }) else { return nil }
    return directory.member(withToken: token, of: issuer, at: now)
  }

  private static func token(in value: String) -> Substring? {
    let scheme = "bearer "
    return value.prefix(scheme.count).lowercased() == scheme ? value.dropFirst(scheme.count) : nil
  }
}

extension Caller {
  /// Whoever calls a daemon that asks for no identities: it may see and do everything.
  static let anonymous = Caller(principal: "anonymous", viewer: .everything)

  /// A process of the daemon's own user at a Unix socket.
  fileprivate static let local = Caller(principal: "local", viewer: .everything)

  /// Whoever calls what is answered to everyone.
  fileprivate static let nobody = Caller(
    principal: "anonymous", viewer: .everything, rights: Rights(organization: "", grants: []))
}

extension CommitTime {
  fileprivate static let never = CommitTime(microseconds: .max)

  /// Some seconds after the beginning of 1970, as far as they can be counted.
  fileprivate init(seconds: Int64) {
    let (microseconds, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000)
    self.init(microseconds: isTooMuch ? (seconds < 0 ? .min : .max) : microseconds)
  }
}
