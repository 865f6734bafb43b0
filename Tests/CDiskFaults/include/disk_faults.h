#pragma once

// Says which C library it is.
#include <stdlib.h>

// The variable that names a folder. While a file of one of these names stands in it, the disk behaves so:
//   cut        the power fails at the next write: what was not synced is kept, lost or torn, and the process is killed
//   fail-sync  syncing fails with EIO
//   full       a write that needs more space fails with ENOSPC
#define PLENARY_DISK_FAULTS "PLENARY_DISK_FAULTS"

// The variable with the number from which it follows what a cut keeps.
#define PLENARY_DISK_FAULTS_SEED "PLENARY_DISK_FAULTS_SEED"

// With this variable the writer works with synchronous=NORMAL, behind the back of a program that made sure of FULL.
#define PLENARY_DISK_FAULTS_NORMAL "PLENARY_DISK_FAULTS_NORMAL"
