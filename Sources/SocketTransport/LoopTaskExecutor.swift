package import NIOCore

/// Runs tasks on an event loop, so that a call's handler resumes where its connection lives.
package final class LoopTaskExecutor: TaskExecutor {
  package let loop: any EventLoop

  package init(_ loop: any EventLoop) {
    self.loop = loop
  }

  // SAFETY: an enqueued job is run exactly once, which is what the loop does with a task it accepts.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
