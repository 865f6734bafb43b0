/// What a call is going to be, before it begins and if it has to begin again.
struct CallPlan: Sendable {
  let path: String
  let kind: MethodKind
  let options: CallOptions
  let deadline: Deadline?
  /// The single request of a call that has one; it is kept until the server has answered.
  let request: EncodedMessage?
  /// Inflates the responses, and compresses the requests if the options say so.
  let compressor: MessageCompressor
  /// Who is to hear of the call's end, if anybody.
  let interceptors: PassedInterceptors?
}
