internal import Foundation
internal import GRPCRuntime
internal import PlenaryClient

extension Session {
  /// How long a call may take where nothing else is asked for.
  private static let timeoutDefault = Duration.seconds(30)

  /// Works with the registry, and closes the connection afterwards.
  ///
  /// - Parameters:
  ///   - isBrief: Whether each call is over in moments, and so has a deadline even if none is asked for.
  ///   - moment: The moment whose state is read; nil for the present one.
  /// - Throws: a `Failure` that says in the user's words why a call failed or the address is none, and what `body`
  ///   throws.
  func withRegistry<Result>(
    isBrief: Bool = true, at moment: Moment? = nil, _ body: (Registry) async throws -> Result
  ) async throws -> Result {
    let client: RegistryClient
    do {
      var configuration = ChannelConfiguration()
      configuration.tls = try tls()
      client = try RegistryClient(server: server, token: try token(), configuration: configuration)
    } catch let failure as Failure {
      throw failure
    } catch let error as ClearTextToken {
      throw Failure(.usage, "\(error)", advice: "give --tls-ca, or ask on the machine itself")
    } catch {
      throw Failure(.usage, "\(error)", advice: "give --server HOST:PORT or --server unix:PATH")
    }
    let timeout = options.timeout?.duration ?? (isBrief ? Self.timeoutDefault : nil)
    do {
      let result = try await body(Registry(client: client, options: CallOptions(timeout: timeout), moment: moment))
      await client.close()
      return result
    } catch {
      await client.close(grace: .zero)
      guard let status = error as? GRPCStatus else { throw error }
      throw Failure(status, server: server)
    }
  }

  /// The token that says who calls; nil if there is none. It is no argument, since others can see those.
  private func token() throws(Failure) -> String? {
    func set(_ variable: String) -> String? { environment[variable].flatMap { $0.isEmpty ? nil : $0 } }
    // What is asked for counts more than what happens to be set.
    if options.tokenFile == nil, let token = set("PLENARY_TOKEN") {
      return try Self.checked(token, from: "PLENARY_TOKEN")
    }
    guard let path = options.tokenFile ?? set("PLENARY_TOKEN_FILE") else { return nil }
    return try Self.checked(try SmallFile.readSecret(path), from: path)
  }

  /// A token as it was found somewhere. What is no token may be another secret, so it is neither sent nor shown.
  private static func checked(_ text: String, from place: String) throws(Failure) -> String {
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard token.hasPrefix("plen_"), token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Failure(
        .usage, "there is no token in \(place)", advice: "a token begins with plen_; put one there, and nothing else")
    }
    return token
  }

  /// How TLS is spoken; nil if it is not, as on this machine alone.
  private func tls() throws(Failure) -> TLSClientConfiguration? {
    func file(_ option: String?, _ variable: String) -> String? {
      option ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }
    let authority = file(options.tlsCA, "PLENARY_TLS_CA")
    let certificate = file(options.tlsCert, "PLENARY_TLS_CERT")
    let key = file(options.tlsKey, "PLENARY_TLS_KEY")
    guard authority != nil || certificate != nil || key != nil || options.tlsName != nil else { return nil }
    guard (certificate == nil) == (key == nil) else {
      throw Failure(.usage, "a certificate and its key belong together", advice: "give both --tls-cert and --tls-key")
    }
    var tls = TLSClientConfiguration()
    tls.authorityFile = authority
    tls.certificateFile = certificate
    tls.keyFile = key
    tls.serverName = options.tlsName
    return tls
  }
}
