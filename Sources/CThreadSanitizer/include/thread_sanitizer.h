#ifndef PLENARY_THREAD_SANITIZER_H
#define PLENARY_THREAD_SANITIZER_H

/// Names the stand-in for the slow path of Swift's Mutex, so that whoever calls this has it linked. It does nothing else.
void plenary_thread_sanitizer_sees_mutexes(void);

#endif
