/* base64 - bytes as text (RFC 4648). */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

/* With + / and padding (section 4). */
void base64_write(struct buffer *out, struct span bytes);

/* With - _ and no padding (section 5): for names, keys and URLs. */
void base64url_write(struct buffer *out, struct span bytes);

/* Read the latter; false when it is not canonical. `out` has room for text.size * 3 / 4 bytes,
 * and is undefined on failure. */
bool base64url_read(struct span text, uint8_t *out, size_t *size);

/* Lower-case hexadecimal. */
void hex_write(struct buffer *out, struct span bytes);

#endif
