internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryDomain
internal import ProtobufRuntime

/// What administrators are told of how callers are let in.
extension CallGuard {
  /// How it is now.
  var status: AccessStatus {
    .with {
      $0.revocationFiles = revocations.map(\.status)
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
