/* text_transform - two operations of a text, side by side or one after the other.
 * Private to ot/text*.c.
 *
 * Both walk the two operations at once, so they are linear in the components of both. The results
 * are those of ot-text-unicode 4, to the byte of their canonical JSON. */
#ifndef OT_TEXT_TRANSFORM_H
#define OT_TEXT_TRANSFORM_H

#include "ot/type.h"

enum status text_transform(const struct operation *operation, const struct operation *other,
                           enum side side, struct operation **result);

/* NOT_APPLICABLE when `second` deletes, by name, another text than `first` inserted there. */
enum status text_compose(const struct operation *first, const struct operation *second,
                         struct operation **result);

#endif
