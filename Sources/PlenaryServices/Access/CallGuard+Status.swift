internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryDomain
package import PlenaryStore
internal import ProtobufRuntime

/// What administrators are told of how callers are let in.
extension CallGuard {
  /// How it is now.
  var status: AccessStatus {
    .with {
      $0.revocationFiles = revocations.map(\.status)
      $0.issuerKeys = issuerReport?.status
      $0.failedCredentials = failedCredentials
      $0.organizations = organizations
    }
  }
}

extension CallGuard {
  /// The most organizations that are told of.
  static let organizationsMax = 100

  /// Those that have something under way, or had too much, those with the most first.
  private var organizations: [AccessStatus.OrganizationUse] {
    let uses = directory.organizationMeters.map { name, meter in
      let underWay = meter.underWay
      return AccessStatus.OrganizationUse.with {
        $0.organization = name
        $0.callCount = Int32(clamping: underWay.calls)
        $0.streamCount = Int32(clamping: underWay.streams)
        $0.refusedCount = meter.refusals
      }
    }
    let inUse = uses.filter { $0.callCount > 0 || $0.streamCount > 0 || $0.refusedCount > 0 }
    return Array(
      inUse.sorted { one, other in
        let (mine, theirs) = (one.callCount + one.streamCount, other.callCount + other.streamCount)
        return mine == theirs ? one.organization < other.organization : mine > theirs
      }.prefix(Self.organizationsMax))
  }

  private var failedCredentials: AccessStatus.FailedCredentials {
    let counts = failed.counts(at: now())
    return .with {
      $0.totalCount = counts.total
      $0.unheardCount = counts.unheard
      $0.peers = counts.peers.map { peer in
        .with {
          $0.peer = peer.peer
          $0.count = Int32(clamping: peer.count)
        }
      }
    }
  }

  /// What is known of the keys of the issuer of tokens.
  package struct IssuerReport: Sendable {
    let issuer: String
    let source: String
    let keyCount: Int
    let readTime: CommitTime?
    let problem: String

    /// An issuer with so many keys, which were read at a time from a file or an address.
    package init(issuer: String, source: String, keyCount: Int, readTime: CommitTime?, problem: String) {
      self.issuer = issuer
      self.source = source
      self.keyCount = keyCount
      self.readTime = readTime
      self.problem = problem
    }
  }
}

extension CallGuard.IssuerReport {
  fileprivate var status: AccessStatus.IssuerKeys {
    .with {
      $0.issuer = issuer
      $0.source = source
      $0.keyCount = Int32(keyCount)
      $0.readTime = readTime.map { ProtobufTimestamp($0) }
      $0.problem = problem
    }
  }
}

extension CallGuard.Revocations {
  fileprivate var status: AccessStatus.RevocationFile {
    .with {
      $0.file = list.file
      $0.authorityFile = list.authorityFile
      $0.revokedCount = Int32(list.count)
      $0.publishTime = .with { $0.seconds = list.thisUpdate }
      $0.expireTime = .with { $0.seconds = list.nextUpdate }
      $0.problem = problem
    }
  }
}
