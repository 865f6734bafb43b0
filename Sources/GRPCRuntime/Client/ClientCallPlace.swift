internal import NIOCore
internal import Synchronization

/// A call as its caller sees it: its responses, its sink, and a way to cancel it, from any thread.
final class ClientCallPlace: CallPlace {
  /// Compresses the requests, if they may be.
  let requestCompressor: MessageCompressor?
  let inbox: MessageInbox
  private let box: NIOLoopBoundBox<ClientCall?>
  private let wasCancelled = Atomic(false)

  /// Begins a call on a channel.
  init(_ plan: CallPlan, core: NIOLoopBoundBox<ChannelCore>) {
    let eventLoop = core.eventLoop
    let box = NIOLoopBoundBox.makeEmptyBox(valueType: ClientCall.self, eventLoop: eventLoop)
    let inbox = MessageInbox(compressor: plan.compressor) { charge in
      if eventLoop.inEventLoop {
        box.value?.responseRead(charge)
      } else {
        eventLoop.execute { box.value?.responseRead(charge) }
      }
    }
    requestCompressor = plan.options.requestEncoding == .gzip ? plan.compressor : nil
    self.box = box
    self.inbox = inbox
    onLoop { place in
      let call = ClientCall(plan, inbox: inbox, core: core.value)
      box.value = call
      // The caller may have given up before the call came to be.
      if place.wasCancelled.load(ordering: .acquiring) {
        call.cancel()
      } else {
        core.value.begin(call)
      }
    }
  }

  var eventLoop: any EventLoop { box.eventLoop }

  /// To be asked for on the loop, and not before `init` has returned.
  var call: ClientCall {
    guard let call = box.value else { preconditionFailure("the call begins before anything is asked of it") }
    return call
  }

  /// The caller has sent every request.
  func finishRequests() {
    onLoop { $0.call.finishRequests() }
  }

  /// The caller gives up. After the end of the call it does nothing.
  func cancel() {
    wasCancelled.store(true, ordering: .releasing)
    onLoop { $0.box.value?.cancel() }
  }

  private func onLoop(_ body: @escaping @Sendable (ClientCallPlace) -> Void) {
    if eventLoop.inEventLoop {
      body(self)
    } else {
      eventLoop.execute { body(self) }
    }
  }
}
