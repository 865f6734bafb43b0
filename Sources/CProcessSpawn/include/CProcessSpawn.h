#ifndef C_PROCESS_SPAWN_H
#define C_PROCESS_SPAWN_H

#include <spawn.h>

// What `spawn.h` declares only for those who ask for more than POSIX, which the module of the C library does not.

// The child closes all its files from this number on.
int process_spawn_add_close_from(posix_spawn_file_actions_t *_Nonnull actions, int from);

// The child works in this folder.
int process_spawn_add_folder(posix_spawn_file_actions_t *_Nonnull actions, const char *_Nonnull path);

#endif
