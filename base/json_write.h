/* json_write - canonical JSON out (RFC 8785): the one way each value is written.
 *
 * Strings escape only what they must: the quote, the backslash and controls, the latter as
 * \b \t \n \f \r or \u00xx in lower case. Numbers print as JavaScript prints them: the
 * shortest digits that read back as the same double. */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "base/buffer.h"
#include "base/span.h"

/* A string literal with its quotes. `text` is well-formed UTF-8. */
void json_write_string(struct buffer *out, struct span text);

/* What stands between the quotes only, for a string that is written in pieces. */
void json_write_string_piece(struct buffer *out, struct span text);

/* A finite double; −0 is written as 0. Integers below 1e21 have no exponent. */
void json_write_double(struct buffer *out, double value);

#endif
