// The input of a z_stream is const only when this is defined.
#define ZLIB_CONST
#include <zlib.h>

// The initializers are macros, which Swift does not import. 15 is the largest window, and 16 more asks for gzip and
// nothing else: neither zlib's own format nor bare deflate.

static inline int czlib_gzip_inflate_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

static inline int czlib_gzip_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
