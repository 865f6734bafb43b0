internal import Foundation
internal import GRPCRuntime
internal import PlenaryServices
internal import SocketTransport

/// What is configured of following another daemon.
struct FollowSettings: Sendable {
  /// Where the leader serves; nil for a daemon that takes writes.
  var leader: TransportAddress?

  /// How the leader is spoken to, where that is with TLS.
  var authorityFile: String?
  var certificateFile: String?
  var keyFile: String?
  var serverName: String?

  /// The file that has the token to send the leader.
  var tokenFile: String?

  /// How long a read waits for what is not here yet.
  var readWaitMax = Duration.seconds(5)

  /// Whether a store in the data directory that is no copy of the leader is given up.
  var isReplacing = false

  /// Whether a new copy has to be taken, because the leader no longer keeps the history after this one.
  var needsCopy = false

  /// How a channel to the leader is set up.
  func channel() throws(DaemonFailure) -> ChannelConfiguration {
    guard (certificateFile == nil) == (keyFile == nil) else {
      throw DaemonFailure(.usage, "follow.certificate_file and follow.key_file belong together; set both")
    }
    var channel = ChannelConfiguration()
    Follower.configure(&channel)
    if authorityFile != nil || certificateFile != nil || serverName != nil {
      var tls = TLSClientConfiguration()
      tls.authorityFile = authorityFile
      tls.certificateFile = certificateFile
      tls.keyFile = keyFile
      tls.serverName = serverName
      channel.tls = tls
    }
    if let tokenFile, let leader {
      if let problem = FileModes.problem(ofSecret: tokenFile) {
        throw DaemonFailure(.failed, "follow.token_file: \(tokenFile) \(problem)")
      }
      do {
        try channel.send(try Self.token(in: tokenFile), to: leader)
      } catch let error as ClearTextToken {
        throw DaemonFailure(.usage, "follow.token_file: \(error); set follow.authority_file")
      } catch {
        throw DaemonFailure(
          .failed,
          "follow.token_file: \(tokenFile) cannot be read, or has no token in it; put one there, and nothing else")
      }
    }
    return channel
  }

  /// The most bytes of the file with the token.
  private static let tokenByteCountMax = 4096

  private static func token(in path: String) throws -> String {
    let handle = try FileHandle(forReadingFrom: URL(filePath: path))
    let bytes = try handle.read(upToCount: tokenByteCountMax + 1) ?? Data()
    guard bytes.count <= tokenByteCountMax else {
      throw DaemonFailure(.failed, "it has more than \(tokenByteCountMax) bytes")
    }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A channel to the leader.
  func open(_ leader: TransportAddress) throws(DaemonFailure) -> GRPCChannel {
    do {
      return try GRPCChannel(target: leader.description, configuration: try channel())
    } catch let failure as DaemonFailure {
      throw failure
    } catch {
      throw DaemonFailure(.failed, "the leader \(leader) cannot be followed: \(error)")
    }
  }
}
